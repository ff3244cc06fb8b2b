using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Lips.Bench;

/// <summary>
/// Brings the data in through the product's own bulk endpoint, so that the database holds what it would hold anywhere. Several requests at
/// a time, of different advertisers; and the indexes that only readers need are made afterwards, which takes a fraction of keeping them up
/// to date.
/// </summary>
internal static class Loader
{
    private const string ReadersIndexes =
        """
        SELECT format('%I.%I', n.nspname, c.relname), pg_get_indexdef(i.indexrelid)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('interactions', 'counters') AND NOT i.indisunique
        ORDER BY 1
        """;

    /// <summary>Loads the world's advertisers.</summary>
    /// <param name="world">The world.</param>
    /// <param name="withCurve">Also those that only the scaling curves need.</param>
    public static async Task LoadAsync(World world, bool withCurve)
    {
        var clock = Stopwatch.StartNew();
        var indexes = await IndexesAsync(world);
        foreach (var (name, _) in indexes)
            await world.ExecuteAsync($"DROP INDEX {name}");
        var size = world.Size;
        // The big ones each alone: writers of one advertiser wait for each other.
        var curve = withCurve ? size.Curve.Except([size.SmallOne, size.HugeOne]) : [];
        BenchAdvertiser[][] lanes = [[size.HugeOne], [size.BigOne, size.SmallOne, .. curve], [.. size.Usual.Where(a => a != size.BigOne)]];
        var created = await Task.WhenAll(lanes.Select(lane => BulkAsync(world.Product, lane)));
        var rows = clock.Elapsed.TotalSeconds;
        await Parallel.ForEachAsync(
            indexes,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            async (index, _) => await world.ExecuteAsync($"SET maintenance_work_mem = '512MB'; {index.Definition}"));
        // What autovacuum would do within minutes: pages of rows that everybody sees, and statistics.
        await world.ExecuteAsync("VACUUM ANALYZE");
        await world.ExecuteAsync("CHECKPOINT");
        var (all, advertisers, rest) = (created.Sum(c => c.Created), lanes.Sum(l => l.Length), clock.Elapsed.TotalSeconds - rows);
        Say.Line($"{all:N0} interactions of {advertisers:N0} advertisers, loaded in {rows:0} s; indexes and statistics took {rest:0} s");
    }

    /// <summary>Brings interactions of some advertisers in with one request.</summary>
    /// <param name="node">A node of the product.</param>
    /// <param name="advertisers">Whose.</param>
    /// <returns>How many there are, all of them new, and how many bytes the body had.</returns>
    /// <exception cref="BenchException">Not all were new, or it failed.</exception>
    public static async Task<(long Created, long Bytes)> BulkAsync(Server node, IReadOnlyList<BenchAdvertiser> advertisers)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 4 << 20, resumeWriterThreshold: 2 << 20));
        var writing = Task.Run(async () =>
        {
            var written = await Data.WriteAsync(pipe.Writer, advertisers, 0, CancellationToken.None);
            await pipe.Writer.CompleteAsync();
            return written;
        });
        await using var body = pipe.Reader.AsStream();
        var created = await PostAsync(node, body);
        var (expected, bytes) = await writing;
        return created == expected ? (created, bytes)
            : throw new BenchException($"Of {expected} interactions only {created} were created.");
    }

    /// <summary>Sends a body of NDJSON.</summary>
    /// <returns>How many interactions were created.</returns>
    public static async Task<long> PostAsync(Server node, Stream body)
    {
        using var content = new StreamContent(body, 1 << 16);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri("/contact_interactions/bulk", UriKind.Relative))
        { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", "token " + World.Token);
        using var answer = await node.Client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (answer.StatusCode != HttpStatusCode.OK)
            throw new BenchException($"Loading was answered with {(int)answer.StatusCode}: {text}");
        using var report = JsonDocument.Parse(text);
        return report.RootElement.GetProperty("created").GetInt64();
    }

    private static async Task<List<(string Name, string Definition)>> IndexesAsync(World world)
    {
        var indexes = new List<(string, string)>();
        await using var command = world.Database.CreateCommand(ReadersIndexes);
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
            indexes.Add((row.GetString(0), row.GetString(1)));
        return indexes;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using Npgsql;

namespace Lips.Bench.Rows;

/// <summary>
/// Bulk loading: rows a second, against COPY of what became of them; and the memory that a long body takes, against a short one.
/// </summary>
internal static class IngestRows
{
    // So many advertisers in one body, and numbers that no other row uses.
    private const int AdvertisersOfBatch = 25;
    private const int FirstOfBatches = 10_000;
    private const int FirstOfBodies = 20_000;
    private const int ShortBodies = 10;

    // What COPY writes belongs to other advertisers, under other ids.
    private const long Shift = 1_000_000;
    private const long IdShift = 1_000_000_000_000;

    public static IReadOnlyList<RowGroup> Groups { get; } = [new(["ingest"], RateAsync), new(["ingest-memory"], MemoryAsync)];

    private static async Task<IReadOnlyList<Result>> RateAsync(World world)
    {
        var rounds = new List<Round>();
        for (var round = -1; round < world.Size.Rounds; round++)
        {
            var advertisers = Enumerable.Range(FirstOfBatches + ((round + 1) * AdvertisersOfBatch), AdvertisersOfBatch)
                .Select(n => new BenchAdvertiser(
                    string.Create(CultureInfo.InvariantCulture, $"USA_{n}"), world.Size.Batch / AdvertisersOfBatch, 600)).ToList();
            var product = await IngestAsync(world, advertisers);
            var floor = await CopyAsync(world, [.. advertisers.Select(a => a.Value)]);
            if (round >= 0)
                rounds.Add(new Round(floor, product));
        }

        await world.ExecuteAsync($"DELETE FROM interactions.interactions WHERE id > {IdShift}");
        await world.ExecuteAsync("VACUUM");
        return [Result.Of(new Goal("ingest", "rows/s", 0.4, IsRate: true), rounds)];
    }

    /// <summary>Brings the advertisers' interactions in, from a body that is ready in memory.</summary>
    /// <returns>Rows a second.</returns>
    public static async Task<double> IngestAsync(World world, IReadOnlyList<BenchAdvertiser> advertisers, int from = 0)
    {
        using var body = new MemoryStream();
        var writer = PipeWriter.Create(body, new StreamPipeWriterOptions(leaveOpen: true));
        var (expected, _) = await Data.WriteAsync(writer, advertisers, from, CancellationToken.None);
        await writer.CompleteAsync();
        body.Position = 0;
        var start = Stopwatch.GetTimestamp();
        var created = await Loader.PostAsync(world.Product, body);
        var time = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return created == expected ? created / time
            : throw new BenchException($"The run is void: of {expected} interactions {created} were created.");
    }

    /// <summary>Copies the rows of interactions into the same table once more.</summary>
    /// <returns>Rows a second.</returns>
    private static async Task<double> CopyAsync(World world, long[] advertisers)
    {
        const string columnsOf =
            "SELECT attname::text FROM pg_attribute WHERE attrelid = 'interactions.interactions'::regclass AND attnum > 0 AND NOT "
                + "attisdropped AND attgenerated = ''";
        await using var connection = await world.Database.OpenConnectionAsync();
        var columns = new List<string>();
        await using (var command = new NpgsqlCommand(columnsOf, connection))
        await using (var row = await command.ExecuteReaderAsync())
        {
            while (await row.ReadAsync())
                columns.Add(row.GetString(0));
        }

        var shifted = columns.Select(c => c switch { "advertiser" => $"advertiser + {Shift}", "id" => $"id + {IdShift}", _ => c });
        using var rows = new MemoryStream();
        var select = $"SELECT {string.Join(", ", shifted)} FROM interactions.interactions WHERE advertiser IN "
            + $"({string.Join(", ", advertisers)}) ORDER BY id";
        await using (var source = await connection.BeginRawBinaryCopyAsync($"COPY ({select}) TO STDOUT (FORMAT binary)"))
            await source.CopyToAsync(rows);
        rows.Position = 0;

        // Durable like the product's: committed with its own flush.
        var start = Stopwatch.GetTimestamp();
        await using (var target = await connection.BeginRawBinaryCopyAsync(
            $"COPY interactions.interactions ({string.Join(", ", columns)}) FROM STDIN (FORMAT binary)"))
            await rows.CopyToAsync(target);
        var time = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await using var count = new NpgsqlCommand("SELECT count(*) FROM interactions.interactions WHERE advertiser = ANY($1)", connection)
        {
            Parameters = { new() { Value = Array.ConvertAll(advertisers, a => a + Shift) } },
        };
        return (long)(await count.ExecuteScalarAsync())! / time;
    }

    /// <summary>
    /// The most memory that a fresh node has had, after ten short bodies one after the other and after one as long as all of them: both
    /// have compiled as much code.
    /// </summary>
    private static async Task<IReadOnlyList<Result>> MemoryAsync(World world)
    {
        var shortBodies = await PeakAsync(world, FirstOfBodies, ShortBodies, world.Size.LongBody / ShortBodies);
        var longBody = await PeakAsync(world, FirstOfBodies + ShortBodies, 1, world.Size.LongBody);
        return [Result.Of(new Goal("ingest-memory", "MB", 1.1), [new Round(shortBodies, longBody)])];
    }

    private static async Task<double> PeakAsync(World world, int first, int bodies, int interactions)
    {
        await using var node = await world.StartNodeAsync();
        var bytes = 0L;
        for (var advertiser = first; advertiser < first + bodies; advertiser++)
            bytes += (await Loader.BulkAsync(
                node, [new BenchAdvertiser(string.Create(CultureInfo.InvariantCulture, $"USA_{advertiser}"), interactions, 600)])).Bytes;
        var peak = Usage.PeakMemoryOf(node.Pid);
        Say.Line($"ingest-memory: {bodies} of {bytes / bodies / 1e6:N0} MB, at most {peak / 1e6:N0} MB of memory");
        return peak / 1e6;
    }
}

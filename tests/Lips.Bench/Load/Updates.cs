using System.Diagnostics;
using System.Net;
using System.Text;
using Lips.Bench.Rows;
using Npgsql;

namespace Lips.Bench.Load;

/// <summary>Some of an advertiser's or of many advertisers' interactions, to be marked as read and unread.</summary>
/// <param name="ids">Their ids.</param>
internal sealed class Toggles(long[] ids)
{
    // So many that two updates under way are hardly ever for the same one.
    private const int Most = 20_000;

    public long[] Ids => ids;

    /// <summary>Picks interactions evenly.</summary>
    public static async Task<Toggles> OfAsync(World world, IEnumerable<BenchAdvertiser> advertisers)
    {
        await using var command = world.Database.CreateCommand(
            """
            SELECT id FROM (SELECT advertiser, id, row_number() OVER (PARTITION BY advertiser ORDER BY occurred_at DESC, id) AS place
                FROM interactions.interactions WHERE advertiser = ANY($1) AND archived_at IS NULL) i
            ORDER BY place, advertiser LIMIT $2
            """);
        command.CommandTimeout = 0;
        command.Parameters.Add(new() { Value = advertisers.Select(a => a.Value).ToArray() });
        command.Parameters.Add(new() { Value = Most });
        var ids = new List<long>();
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
            ids.Add(row.GetInt64(0));
        return new Toggles([.. ids]);
    }

    /// <summary>Which of them are read at the moment.</summary>
    public async Task<List<(long Id, bool Read)>> ReadAsync(World world) => (await ReadWholeAsync(world)).ConvertAll(i => (i.Id, i.Read));

    /// <summary>The same, and whose they are.</summary>
    public async Task<List<(long Advertiser, long Id, bool Read)>> ReadWholeAsync(World world)
    {
        await using var command = world.Database.CreateCommand(
            "SELECT advertiser, id, read FROM interactions.interactions WHERE id = ANY($1)");
        command.Parameters.Add(new() { Value = ids });
        var states = new List<(long, long, bool)>();
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
            states.Add((row.GetInt64(0), row.GetInt64(1), row.GetBoolean(2)));
        return states;
    }

    /// <summary>Updates of random ones of them, as bytes for <see cref="OpenLoop"/>: each turns its flag over.</summary>
    public async Task<Func<byte[]>> RequestsAsync(World world)
    {
        var states = (await ReadAsync(world)).ToArray();
        return () =>
        {
            ref var state = ref states[Random.Shared.Next(states.Length)];
            state.Read = !state.Read;
            return OpenLoop.Put(world.Product, state.Id, state.Read);
        };
    }

    /// <summary>How many interactions have been changed by updates, when those are done that earlier runs left under way.</summary>
    public static async Task<long> ChangedInTheEndAsync(World world)
    {
        for (var last = await ChangedAsync(world); ;)
        {
            await Task.Delay(100);
            var now = await ChangedAsync(world);
            if (now == last)
                return now;
            last = now;
        }
    }

    /// <summary>How many interactions have been changed by updates so far, by the audit trail.</summary>
    public static Task<long> ChangedAsync(World world) =>
        world.ScalarAsync<long>("SELECT coalesce(sum(count), 0) FROM audit.entries WHERE action = 'update'");

    /// <summary>Sends one update.</summary>
    /// <returns>How many bytes the answer has, head and body.</returns>
    public static async Task<int> SendAsync(World world, long id, bool read)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri($"/contact_interactions/{id}", UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Authorization", "token " + World.Token);
        request.Content = new StringContent(
            read ? "{\"contact_interaction\":{\"read\":true}}"
                : "{\"contact_interaction\":{\"read\":false}}", Encoding.ASCII, "application/json");
        using var answer = await world.Product.Client.SendAsync(request);
        var body = await answer.Content.ReadAsByteArrayAsync();
        if (answer.StatusCode != HttpStatusCode.OK)
            throw new BenchException(
                $"The run is void: an update was answered with {(int)answer.StatusCode}: {Encoding.UTF8.GetString(body)}");
        return World.HeadOf(answer) + body.Length;
    }
}

/// <summary>A steady stream of updates beside the measurement of pages, of the product's rows and of the same ones of the floors.</summary>
internal sealed class Updates : IAsyncDisposable
{
    private const int PerSecond = 50;
    private const int MostUnderWay = 64;

    // Of those that were due. The machine is full, so some come late.
    private const double Least = 0.95;

    private readonly World world;
    private readonly long before;
    private readonly long start = Stopwatch.GetTimestamp();
    private readonly CancellationTokenSource stop = new();
    private readonly Task sending;

    private Updates(World world, List<(long Advertiser, long Id, bool Read)> interactions, long before)
    {
        (this.world, this.before) = (world, before);
        sending = SendAsync(interactions);
    }

    /// <summary>Starts the stream, over all advertisers that are asked for.</summary>
    public static async Task<Updates> StartAsync(World world)
    {
        var toggles = await Toggles.OfAsync(world, world.Size.Usual);
        return new Updates(world, await toggles.ReadWholeAsync(world), await Toggles.ChangedInTheEndAsync(world));
    }

    /// <summary>Ends the stream.</summary>
    /// <exception cref="BenchException">An update failed, or there were too few.</exception>
    public async ValueTask DisposeAsync()
    {
        var due = Stopwatch.GetElapsedTime(start).TotalSeconds * PerSecond;
        await stop.CancelAsync();
        await sending;
        stop.Dispose();
        var changed = await Toggles.ChangedAsync(world) - before;
        if (changed < Least * due)
            throw new BenchException($"The run is void: of {due:0} updates beside it {changed} were made.");
    }

    private async Task SendAsync(List<(long Advertiser, long Id, bool Read)> interactions)
    {
        var sent = new List<Task>();
        try
        {
            for (var number = 0; ; number++)
            {
                // A late one is sent at once, so that none is left out.
                var early = TimeSpan.FromSeconds((double)number / PerSecond) - Stopwatch.GetElapsedTime(start);
                await Task.Delay(early > TimeSpan.Zero ? early : TimeSpan.Zero, stop.Token);
                // Each is marked once in every pass through them, the other way round in the next.
                var (advertiser, id, read) = interactions[(int)(number * 7919L % interactions.Count)];
                sent.Add(SendAsync(advertiser, id, read ^ (number / interactions.Count % 2 == 0)));
                sent.RemoveAll(one => one.IsCompletedSuccessfully);
                if (sent.Count == MostUnderWay)
                    await Task.WhenAny(sent);
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(sent);
        }
    }

    private async Task SendAsync(long advertiser, long id, bool read)
    {
        await Toggles.SendAsync(world, id, read);
        await using var command = world.Database.CreateCommand(Statements.UpdatePages);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = advertiser });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = read });
        if (await command.ExecuteNonQueryAsync() != 1)
            throw new BenchException("The run is void: the floors do not have the rows that the product has.");
    }
}

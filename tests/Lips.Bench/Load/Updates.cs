using System.Net;
using System.Text;

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
    public async Task<List<(long Id, bool Read)>> ReadAsync(World world)
    {
        await using var command = world.Database.CreateCommand("SELECT id, read FROM interactions.interactions WHERE id = ANY($1)");
        command.Parameters.Add(new() { Value = ids });
        var states = new List<(long, bool)>();
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
            states.Add((row.GetInt64(0), row.GetBoolean(1)));
        return states;
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
    public static Task<long> ChangedAsync(World world) => world.ScalarAsync<long>("SELECT coalesce(sum(count), 0) FROM audit.entries WHERE action = 'update'");

    /// <summary>Sends one update.</summary>
    /// <returns>How many bytes the answer has, head and body.</returns>
    public static async Task<int> SendAsync(World world, long id, bool read)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri($"/contact_interactions/{id}", UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Authorization", "token " + World.Token);
        request.Content = new StringContent(
            read ? "{\"contact_interaction\":{\"read\":true}}" : "{\"contact_interaction\":{\"read\":false}}", Encoding.ASCII, "application/json");
        using var answer = await world.Product.Client.SendAsync(request);
        var body = await answer.Content.ReadAsByteArrayAsync();
        if (answer.StatusCode != HttpStatusCode.OK)
            throw new BenchException($"The run is void: an update was answered with {(int)answer.StatusCode}.");
        return World.HeadOf(answer) + body.Length;
    }
}

/// <summary>A steady stream of updates beside a measurement.</summary>
internal sealed class Updates : IAsyncDisposable
{
    private const int PerSecond = 50;

    private readonly CancellationTokenSource stop = new();
    private readonly Task sending;

    private Updates(World world, List<(long Id, bool Read)> interactions) => sending = SendAsync(world, interactions);

    /// <summary>Starts the stream, over all advertisers that are asked for.</summary>
    public static async Task<Updates> StartAsync(World world)
    {
        var toggles = await Toggles.OfAsync(world, world.Size.Usual);
        return new Updates(world, await toggles.ReadAsync(world));
    }

    /// <summary>Ends the stream.</summary>
    /// <exception cref="BenchException">An update failed.</exception>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await sending;
        stop.Dispose();
    }

    private async Task SendAsync(World world, List<(long Id, bool Read)> interactions)
    {
        var sent = new List<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / PerSecond));
        try
        {
            for (var number = 0; await timer.WaitForNextTickAsync(stop.Token); number++)
            {
                // Each is marked once in every pass through them, the other way round in the next.
                var (id, read) = interactions[(int)(number * 7919L % interactions.Count)];
                sent.Add(Toggles.SendAsync(world, id, read ^ (number / interactions.Count % 2 == 0)));
                sent.RemoveAll(one => one.IsCompletedSuccessfully);
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(sent);
        }
    }
}

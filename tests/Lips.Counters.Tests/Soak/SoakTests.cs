using System.Diagnostics;
using System.Globalization;
using Lips.Testing;
using Microsoft.Extensions.Logging;
using Xunit;
using Xunit.Abstractions;

namespace Lips.Counters.Tests.Soak;

/// <summary>
/// A random mix of writes on two nodes for a minute (ten with LIPS_SOAK), every read checked while the others write on. LIPS_SOAK_SEED
/// repeats a run: each worker then does the same again, as long as it finds the same.
/// </summary>
public sealed class SoakTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Workers = 16;

    private LipsNode[] nodes = [];

    public async Task InitializeAsync()
    {
        var database = await TestPostgres.NewDatabaseAsync();
        // Statements logged one by one would fill the memory within minutes.
        Task<LipsNode> StartAsync() =>
            LipsNode.StartAsync(database, builder => builder.Logging.AddFilter((provider, category, level) => level >= LogLevel.Warning));
        nodes = [await StartAsync(), await StartAsync()];
    }

    public async Task DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
    }

    [Fact]
    public async Task Whatever_comes_when_and_where_every_read_is_right_and_cells_equal_a_recount()
    {
        var seed = Environment.GetEnvironmentVariable("LIPS_SOAK_SEED") is { Length: > 0 } given
            ? int.Parse(given, CultureInfo.InvariantCulture)
            : Random.Shared.Next();
        var duration = Environment.GetEnvironmentVariable("LIPS_SOAK") is { Length: > 0 }
            ? TimeSpan.FromMinutes(10)
            : TimeSpan.FromSeconds(60);
        output.WriteLine($"LIPS_SOAK_SEED={seed}");
        var clients = nodes.Select(n => n.Client).ToArray();
        var world = new SoakWorld(clients, seed, duration);
        var workers = Enumerable.Range(0, Workers).Select(number => new SoakWorker(world, number)).ToList();
        var readers = clients.Select(client => new SoakReader(world, client)).ToList();
        var followers = SoakWorld.Advertisers.Select(advertiser => new FeedFollower(world, advertiser)).ToList();

        var failures = new List<string>();
        await Task.WhenAll([
            .. workers.Select(w => GuardedAsync($"worker {w.Number}", w.RunAsync)),
            .. readers.Select(r => GuardedAsync("reader", r.RunAsync)),
            .. followers.Select(f => GuardedAsync("follower of " + f.Advertiser, f.RunAsync)),
        ]);

        output.WriteLine(string.Join(", ", world.Counted.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Value} {c.Key}")));
        Assert.True(failures.Count == 0, $"LIPS_SOAK_SEED={seed}\n{string.Join('\n', failures)}");
        await Task.WhenAll(workers.Select(w => w.CheckAllAsync()));
        foreach (var follower in followers)
            await AssertFollowedAsync(follower);
        await nodes[0].AssertWholeAsync();
        // A session tells its statistics when it has been idle for a second.
        await Task.Delay(1_200);
        Assert.Equal(0, await TestPostgres.ScalarAsync<long>(
            nodes[0].ConnectionString, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"));
        Assert.Empty(nodes.SelectMany(n => n.LogLines)
            .Where(l => l.StartsWith("Warning", StringComparison.Ordinal) || l.StartsWith("Error", StringComparison.Ordinal)));
        Assert.All(
            SoakWorld.Kinds,
            kind => Assert.True(world.Counted.GetValueOrDefault(kind) > 20, $"Only {world.Counted.GetValueOrDefault(kind)} {kind}."));

        async Task GuardedAsync(string who, Func<Task> run)
        {
            try
            {
                await Task.Run(run);
            }
            catch (Exception e)
            {
                // The others end at once: what was found first is what matters.
                world.Stop();
                lock (failures)
                    failures.Add($"{who}: {e}");
            }
        }
    }

    /// <summary>What a client has that only followed the changes is what the index lists, in every field.</summary>
    private async Task AssertFollowedAsync(FeedFollower follower)
    {
        var listed = new Dictionary<long, string>();
        foreach (var archived in new[] { false, true })
        {
            for (int page = 1, pages = 1; page <= pages; page++)
            {
                var answer = (await nodes[page % 2].Client.GetAnswerAsync(
                    $"/contact_interactions?global_master_advertiser_id={follower.Advertiser}&per_page=500&page={page}"
                        + $"&archived={archived}")).Is(200).Json;
                pages = (int)answer["total_pages"]!;
                foreach (var interaction in answer["contact_interactions"]!.AsArray())
                    listed.Add((long)interaction!["id"]!, interaction.ToJsonString());
            }
        }

        Assert.Equal(await TestPostgres.ScalarAsync<long>(
            nodes[0].ConnectionString,
            string.Create(
                CultureInfo.InvariantCulture,
                $"SELECT count(*) FROM interactions.interactions WHERE advertiser = {follower.AdvertiserValue}")), listed.Count);
        Assert.Equal(listed.Keys.Order(), follower.Held.Keys.Order());
        foreach (var (id, interaction) in listed)
            Assert.Equal(interaction, follower.Held[id]);
    }
}

/// <summary>What the parts of a soak share.</summary>
internal sealed class SoakWorld(HttpClient[] clients, int seed, TimeSpan duration)
{
    public static readonly string[] Advertisers = [.. Enumerable.Range(1, 8).Select(n => $"USA_{n}")];

    /// <summary>What must have happened, each twenty times and more.</summary>
    public static readonly string[] Kinds =
        ["ingested", "ingested again", "bulk", "updated", "archived", "unarchived", "contact changed", "totals checked", "page checked",
         "show checked", "tag checked", "bounds checked", "feed read"];

    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly Dictionary<string, long> counted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Begun, int Done)> kept = Advertisers.ToDictionary(a => a, _ => (0, 0), StringComparer.Ordinal);
    private int writing = 16;
    private volatile bool isStopped;

    public HttpClient[] Clients { get; } = clients;

    public int Seed { get; } = seed;

    public bool GoesOn => !isStopped && clock.Elapsed < duration;

    /// <summary>Whether any worker may still write.</summary>
    public bool IsWriting => !isStopped && Volatile.Read(ref writing) > 0;

    public IReadOnlyDictionary<string, long> Counted => counted;

    public void Stop() => isStopped = true;

    public void WorkerEnds() => Interlocked.Decrement(ref writing);

    public void Count(string what)
    {
        lock (counted)
            counted[what] = counted.GetValueOrDefault(what) + 1;
    }

    /// <summary>Notes that events which nobody archives are on their way in, or have been acknowledged.</summary>
    public void Keep(string advertiser, int begun, int done)
    {
        lock (kept)
            kept[advertiser] = (kept[advertiser].Begun + begun, kept[advertiser].Done + done);
    }

    public (int Begun, int Done) Kept(string advertiser)
    {
        lock (kept)
            return kept[advertiser];
    }
}

/// <summary>
/// Reads whole advertisers, which all workers change at once: each answer must be of one version, and between what was acknowledged before
/// and what had begun by its end.
/// </summary>
internal sealed class SoakReader(SoakWorld world, HttpClient client)
{
    public async Task RunAsync()
    {
        var random = new Random(world.Seed);
        while (world.GoesOn)
        {
            var advertiser = SoakWorld.Advertisers[random.Next(SoakWorld.Advertisers.Length)];
            var acknowledged = world.Kept(advertiser).Done;
            var totals = (await client.GetAnswerAsync(
                $"/contact_interactions/totals?global_master_advertiser_id={advertiser}&event_type[]=fpd")).Is(200);
            var begun = world.Kept(advertiser).Begun;
            Assert.InRange((int)totals.Json["totals"]!["events"]!, acknowledged, begun);
            world.Count("bounds checked");
            await CheckPageAsync(random, advertiser, 25);
        }
    }

    private async Task CheckPageAsync(Random random, string advertiser, int perPage)
    {
        var direction = random.Next(2) == 0 ? "asc" : "desc";
        var address = $"/contact_interactions?global_master_advertiser_id={advertiser}&per_page={perPage}&sort_dir={direction}"
            + $"&archived={random.Next(2) == 0}&page=";
        var first = (await client.GetAnswerAsync(address + "1")).Is(200);
        foreach (var page in new[] { (int)first.Json["total_pages"]!, random.Next(1, (int)first.Json["total_pages"]! + 1) })
        {
            var answer = (await client.GetAnswerAsync(address + page)).Is(200);
            var events = (int)answer.Json["totals"]!["events"]!;
            Assert.True((int)answer.Json["total_pages"]! == Math.Max(1, (events + perPage - 1) / perPage), answer.Body);
            Assert.True(
                answer.Ids.Count == Math.Clamp(events - ((page - 1) * perPage), 0, perPage),
                $"{answer.Ids.Count} rows on page {page}: {answer.Body}");
            var channels = answer.Json["channel"]!;
            Assert.True(events == (int)channels["channels"]! && events == SoakWorker.ChannelNames.Sum(c => (int)channels[c]!), answer.Body);
        }
    }
}

/// <summary>A client that reads nothing but the changes of an advertiser, and keeps what each interaction was last.</summary>
internal sealed class FeedFollower(SoakWorld world, string advertiser)
{
    private string? next;

    public string Advertiser { get; } = advertiser;

    public long AdvertiserValue => 1_000_000_000_000 + long.Parse(Advertiser.AsSpan(4), CultureInfo.InvariantCulture);

    public Dictionary<long, string> Held { get; } = [];

    public async Task RunAsync()
    {
        var random = new Random(world.Seed);
        for (var last = false; !last;)
        {
            // What is read after the last write has ended is all.
            last = !world.IsWriting;
            while (await ReadAsync(world.Clients[random.Next(2)], random.Next(1, 120)))
            {
                // There is more.
            }

            if (!last)
                await Task.Delay(20);
        }
    }

    private async Task<bool> ReadAsync(HttpClient client, int limit)
    {
        var since = next is null ? "" : "&since=" + next;
        var answer = (await client.GetAnswerAsync(
            $"/contact_interactions/changes?global_master_advertiser_id={Advertiser}&limit={limit}{since}")).Is(200).Json;
        foreach (var interaction in answer["contact_interactions"]!.AsArray())
            Held[(long)interaction!["id"]!] = interaction.ToJsonString();
        next = (string)answer["next"]!;
        world.Count("feed read");
        return (bool)answer["has_more"]!;
    }
}

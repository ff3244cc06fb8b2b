using System.Diagnostics;
using System.Globalization;

namespace Lips.Bench;

/// <summary>A group of rows that are measured in one go.</summary>
/// <param name="Names">The rows' names.</param>
/// <param name="MeasureAsync">Measures them.</param>
internal sealed record RowGroup(IReadOnlyList<string> Names, Func<World, Task<IReadOnlyList<Result>>> MeasureAsync);

/// <summary>The rows that there are.</summary>
internal static class Rows
{
    private const int PerPage = 25;

    // Requests of one kind in a round of a latency row; both kinds in turns.
    private const int Pairs = 200;

    public static IReadOnlyList<RowGroup> All { get; } =
    [
        new(["totals", "totals-p99"], TotalsAsync),
        new(["totals-304", "totals-304-p99"], NotModifiedAsync),
        new(["totals-vs-count"], TotalsAgainstCountAsync),
        Latency("page-deep", 1.5, size => (Page(size.BigOne, 1), Page(size.BigOne, size.DeepPage))),
        Latency("page-deep-heavy-day", 1.5, size => (Page(size.HugeOne, 1), Page(size.HugeOne, Math.Min(size.DeepPage, (size.HugeOne.Heavy / PerPage) - 40)))),
        Latency("growth-totals", 1.3, size => (Totals(size.SmallOne), Totals(size.HugeOne))),
        Latency("growth-page", 1.3, size => (Page(size.SmallOne, 1), Page(size.HugeOne, 1))),
    ];

    private static string Totals(BenchAdvertiser advertiser) => "/contact_interactions/totals?global_master_advertiser_id=" + advertiser.Id;

    private static string Page(BenchAdvertiser advertiser, int page) =>
        string.Create(CultureInfo.InvariantCulture, $"/contact_interactions?global_master_advertiser_id={advertiser.Id}&per_page={PerPage}&page={page}");

    private static async Task<IReadOnlyList<Result>> TotalsAsync(World world)
    {
        var (targets, bytes, body) = await TargetsAsync(world, withTags: false);
        return await AgainstConstantAsync(world, new Goal("totals", "requests/s", 0.7, IsRate: true), targets, bytes, body);
    }

    private static async Task<IReadOnlyList<Result>> NotModifiedAsync(World world)
    {
        var (targets, _, body) = await TargetsAsync(world, withTags: true);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(targets[0].Path, UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Authorization", "token " + World.Token);
        request.Headers.TryAddWithoutValidation("If-None-Match", targets[0].Value);
        using var answer = await world.Product.Client.SendAsync(request);
        if ((int)answer.StatusCode != 304)
            throw new BenchException($"{targets[0].Path} with its own tag was answered with {(int)answer.StatusCode}.");
        return await AgainstConstantAsync(world, new Goal("totals-304", "requests/s", 0.8, IsRate: true), targets, World.HeadOf(answer), body);
    }

    /// <summary>Polls of all advertisers that are asked at random, the mean size of their answers, and that of the bodies.</summary>
    private static async Task<(IReadOnlyList<Target> Targets, double Bytes, int Body)> TargetsAsync(World world, bool withTags)
    {
        var (targets, bytes, bodies) = (new List<Target>(), 0.0, 0.0);
        foreach (var advertiser in world.Size.Usual)
        {
            var (head, body, tag) = await world.GetAsync(Totals(advertiser));
            targets.Add(withTags ? new Target(Totals(advertiser), "If-None-Match", tag) : new Target(Totals(advertiser)));
            bytes += head + body.Length;
            bodies += body.Length;
        }

        return (targets, bytes / targets.Count, (int)(bodies / targets.Count));
    }

    private static async Task<IReadOnlyList<Result>> AgainstConstantAsync(World world, Goal goal, IReadOnlyList<Target> targets, double bytes, int body)
    {
        await using var floor = await world.StartFloorAsync("constant", body.ToString(CultureInfo.InvariantCulture));
        using var answer = await floor.Client.GetAsync(new Uri("/", UriKind.Relative));
        var floorBytes = World.HeadOf(answer) + body;
        var (rates, tails) = (new List<Round>(), new List<Round>());
        // One more round than counts: both are warm then.
        for (var round = 0; round <= world.Size.Rounds; round++)
        {
            var least = await world.Wrk.RunAsync(floor.Address, targets, World.Token, world.Size.Seconds, floorBytes);
            var ours = await world.Wrk.RunAsync(world.Product.Address, targets, World.Token, world.Size.Seconds, bytes);
            if (round == 0)
                continue;
            rates.Add(new Round(least.PerSecond, ours.PerSecond));
            tails.Add(new Round(least.P99, ours.P99));
        }

        return [Result.Of(goal, rates), Result.Of(new Goal(goal.Name + "-p99", "ms", 2, IsRate: false), tails)];
    }

    private static async Task<IReadOnlyList<Result>> TotalsAgainstCountAsync(World world)
    {
        var advertiser = world.Size.BigOne;
        var (head, body, _) = await world.GetAsync(Totals(advertiser));
        await world.ExecuteAsync(Statements.MakeCovered);
        await world.ExecuteAsync("VACUUM ANALYZE bench.covered");
        var rounds = new List<Round>();
        for (var round = 0; round <= world.Size.Rounds; round++)
        {
            var counted = await world.PgBenchAsync(Statements.Count("bench.covered", advertiser.Value), clients: 8, world.Size.Seconds);
            var ours = await world.Wrk.RunAsync(world.Product.Address, [new Target(Totals(advertiser))], World.Token, world.Size.Seconds, head + body.Length);
            if (round > 0)
                rounds.Add(new Round(counted, ours.PerSecond));
        }

        var plain = await world.PgBenchAsync(Statements.Count("interactions.interactions", advertiser.Value), clients: 8, world.Size.Seconds);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"totals-vs-count: without the covering index {plain:0.0} statements/s"));
        await world.ExecuteAsync("DROP SCHEMA bench CASCADE");
        return [Result.Of(new Goal("totals-vs-count", "per s", 300, IsRate: true), rounds)];
    }

    private static RowGroup Latency(string name, double target, Func<Size, (string Floor, string Product)> pathsOf) => new(
        [name],
        async world =>
        {
            var (floor, product) = pathsOf(world.Size);
            var rounds = new List<Round>();
            for (var round = 0; round <= world.Size.Rounds; round++)
            {
                var (floors, products) = (new List<double>(), new List<double>());
                for (var i = 0; i < Pairs; i++)
                {
                    floors.Add(await TimeAsync(world, floor));
                    products.Add(await TimeAsync(world, product));
                }

                if (round > 0)
                    rounds.Add(new Round(Result.Median(floors), Result.Median(products)));
            }

            return [Result.Of(new Goal(name, "ms", target, IsRate: false), rounds)];
        });

    private static async Task<double> TimeAsync(World world, string path)
    {
        var start = Stopwatch.GetTimestamp();
        var (_, body, _) = await world.GetAsync(path);
        var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return body.Length > 0 ? time : throw new BenchException($"{path} was answered with nothing.");
    }
}

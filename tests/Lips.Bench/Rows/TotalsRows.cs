using System.Globalization;
using Lips.Bench.Load;

namespace Lips.Bench.Rows;

/// <summary>Polls of totals, against a constant answer and against counting.</summary>
internal static class TotalsRows
{
    private const int WarmUps = 4;

    public static IReadOnlyList<RowGroup> Groups { get; } =
    [
        new(
            [
                "totals", "totals-p99", "totals-304", "totals-304-p99", .. Besides.Names("totals"), .. Besides.Names("totals-304"),
                .. FewConnections.Names("totals"), .. FewConnections.Names("totals-304"),
            ],
            AgainstConstantAsync),
        new(["totals-vs-count"], AgainstCountAsync),
    ];

    private static async Task<IReadOnlyList<Result>> AgainstConstantAsync(World world)
    {
        var targets = world.Size.Usual.Select(a => new Target(AllRows.Totals(a))).ToList();
        var (tagged, bodies) = (new List<Target>(), 0.0);
        foreach (var target in targets)
        {
            var (_, body, tag) = await world.GetAsync(target.Path);
            tagged.Add(new Target(target.Path, "If-None-Match", tag));
            bodies += body.Length;
        }

        await using var constant = await world.StartFloorAsync(
            "constant", ((int)(bodies / targets.Count)).ToString(CultureInfo.InvariantCulture));
        var floor = await Side.OfAsync(constant, targets);
        var totals = await Side.OfAsync(world.Product, targets);
        var unchanged = await Side.OfAsync(world.Product, tagged, status: 304);
        // .NET compiles what runs often in the background, beside the load, for some ten seconds; in answers of a few microseconds that
        // would show.
        var rounds = await Turns.ReadAsync(world, WarmUps * world.Size.WarmUpSeconds, world.Size.Rounds, floor, totals, unchanged);
        return
        [
            Result.Of(new Goal("totals", "requests/s", 0.6, IsRate: true), rounds.Of(0, 1, run => run.PerSecond)),
            Result.Of(new Goal("totals-p99", "ms", 2), rounds.Of(0, 1, run => run.P99)),
            Result.Of(new Goal("totals-304", "requests/s", 0.65, IsRate: true), rounds.Of(0, 2, run => run.PerSecond)),
            Result.Of(new Goal("totals-304-p99", "ms"), rounds.Of(0, 2, run => run.P99)),
            .. await Besides.MeasureAsync("totals", rounds, 0, 1, totals.AtRateAsync, world.Size.Seconds),
            .. await Besides.MeasureAsync("totals-304", rounds, 0, 2, unchanged.AtRateAsync, world.Size.Seconds),
            .. await FewConnections.ReadAsync(world, ("totals", floor, totals), ("totals-304", floor, unchanged)),
        ];
    }

    private static async Task<IReadOnlyList<Result>> AgainstCountAsync(World world)
    {
        var advertiser = world.Size.BigOne;
        var ours = await Side.OfAsync(world.Product, [new Target(AllRows.Totals(advertiser))]);
        await world.ExecuteAsync(Statements.MakeCovered);
        await world.ExecuteAsync("VACUUM ANALYZE bench.covered");
        var rounds = await Turns.RunAsync(
            world,
            world.Size.WarmUpSeconds,
            world.Size.Rounds,
            (null, (seconds, _) => world.PgBench.RunAsync(Statements.Count("bench.covered", advertiser.Value), clients: 8, seconds)),
            (world.Product, (seconds, isEachChecked) => world.Wrk.ReadAsync(ours, seconds, isEachChecked)));
        var plain = await world.PgBench.RunAsync(
            Statements.Count("interactions.interactions", advertiser.Value), clients: 8, world.Size.Seconds);
        Say.Line($"totals-vs-count: without the covering index {plain.PerSecond:0.0} statements/s");
        await world.ExecuteAsync(Statements.Drop);
        return [Result.Of(new Goal("totals-vs-count", "per s", 1000, IsRate: true), rounds.Of(0, 1, run => run.PerSecond))];
    }
}

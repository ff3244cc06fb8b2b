using Lips.Bench.Load;

namespace Lips.Bench.Rows;

/// <summary>
/// Three times as many requests as the node can answer, on many connections: what it accepts of them, beside its peak on few connections,
/// and how soon. Pages, pages that are filtered, and changes.
/// </summary>
internal static class OverloadRow
{
    // Below Lips:Limits:ConnectionsPerAddress, and far more than may wait.
    private const int Connections = 950;

    private const int Times = 3;

    // How soon what is accepted is to be answered.
    private const double SoonMs = 1_000;

    private static readonly string[] Names = ["overload", "overload-p99", "overload-refused", "overload-refused-p99"];

    public static IReadOnlyList<RowGroup> Groups { get; } = [new(Names, MeasureAsync)];

    private static async Task<IReadOnlyList<Result>> MeasureAsync(World world)
    {
        var pages = world.Size.Usual.SelectMany(a => new[] { AllRows.Page(a, 1), AllRows.Page(a, 1), AllRows.Filtered(a) })
            .Select(path => OpenLoop.Get(world.Product, new Target(path), World.Token)).ToArray();
        var change = await (await Toggles.OfAsync(world, world.Size.Usual)).RequestsAsync(world);
        var (accepted, latency, refused, refusals) = (new List<Round>(), new List<Round>(), new List<double>(), new List<double>());
        var some = 1_000;
        for (var round = -world.Size.WarmUpSeconds; round < world.Size.FewRounds; round++)
        {
            var peak = await OpenLoop.OverloadAsync(world.Product, Next, double.MaxValue, some, Wrk.Connections);
            some = Math.Max(some, (int)(peak.PerSecond * world.Size.Seconds));
            var rate = Times * peak.PerSecond;
            var over = await OpenLoop.OverloadAsync(world.Product, Next, rate, (int)(rate * 2 * world.Size.Seconds), Connections);
            if (round < 0)
                continue;
            accepted.Add(new Round(peak.PerSecond, over.PerSecond));
            latency.Add(new Round(SoonMs, over.P99));
            refused.Add(100.0 * over.Refused / (over.Refused + over.Requests));
            refusals.Add(over.RefusedP99);
        }

        return
        [
            Result.Of(new Goal(Names[0], "per s", 0.8, IsRate: true), accepted),
            Result.Of(new Goal(Names[1], "ms", 1), latency),
            Result.Of(Names[2], "%", Result.Median(refused)),
            Result.Of(Names[3], "ms", Result.Median(refusals)),
        ];

        byte[] Next() => Random.Shared.Next(4) > 0 ? pages[Random.Shared.Next(pages.Length)] : change();
    }
}

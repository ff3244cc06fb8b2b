using Lips.Bench.Load;

namespace Lips.Bench.Rows;

/// <summary>
/// Page 1 of the list, in its shapes and filtered, with 50 updates a second of the rows of all sides beside it, whichever is measured.
/// </summary>
internal static class PageRows
{
    // The product is still compiled anew after tens of thousands of pages, a floor's few methods only after hundreds.
    private const int WarmUps = 3;

    private static readonly string[] Shapes = ["page-1", "page-1-partner", "page-1-no-pii", "page-filtered"];

    public static IReadOnlyList<RowGroup> Groups { get; } =
    [
        new(
            [
                .. Shapes, "page-1-best", .. Shapes.SelectMany(Besides.Names),
                .. FewConnections.Names("page-1"), .. FewConnections.Names("page-filtered"),
            ],
            MeasureAsync),
    ];

    private static async Task<IReadOnlyList<Result>> MeasureAsync(World world)
    {
        var advertisers = world.Size.Usual.Select(a => a.Value).ToArray();
        foreach (var step in Statements.MakePages)
            await Task.WhenAll(step.Select(statement => world.ExecuteAsync(statement, advertisers)));
        await using var obvious = await world.StartFloorAsync("page-obvious");
        await using var best = await world.StartFloorAsync("page-best");
        var targets = world.Size.Usual.Select(a => new Target(AllRows.Page(a, 1))).ToList();
        var filtered = world.Size.Usual.Select(a => new Target(AllRows.Filtered(a))).ToList();
        var (partner, key) = await world.MakeTokenAsync("partner", pii: true, apiKey: true);
        var (blind, _) = await world.MakeTokenAsync("no-pii", pii: false, apiKey: false);
        Side[] sides =
        [
            await Side.OfAsync(obvious, targets),
            await Side.OfAsync(best, targets),
            await Side.OfAsync(world.Product, targets),
            await Side.OfAsync(world.Product, [.. targets.Select(t => new Target(t.Path, "x-api-key", key))], partner),
            await Side.OfAsync(world.Product, targets, blind),
            await Side.OfAsync(world.Product, filtered),
            await Side.OfAsync(obvious, filtered),
        ];
        var results = new List<Result>();
        await using (await Updates.StartAsync(world))
        {
            var rounds = await Turns.ReadAsync(world, WarmUps * world.Size.WarmUpSeconds, world.Size.MoreRounds, sides);
            results.Add(Result.Of(new Goal("page-1", "requests/s", 2.5, IsRate: true), rounds.Of(0, 2, run => run.PerSecond)));
            results.Add(Result.Of(new Goal("page-1-best", "requests/s", 0.75, IsRate: true), rounds.Of(1, 2, run => run.PerSecond)));
            results.Add(Result.Of(new Goal("page-1-partner", "requests/s", 0.9, IsRate: true), rounds.Of(0, 3, run => run.PerSecond)));
            results.Add(Result.Of(new Goal("page-1-no-pii", "requests/s", 0.9, IsRate: true), rounds.Of(0, 4, run => run.PerSecond)));
            results.Add(Result.Of(new Goal("page-filtered", "requests/s", 1.5, IsRate: true), rounds.Of(6, 5, run => run.PerSecond)));
            for (var i = 0; i < Shapes.Length; i++)
            {
                var floor = Shapes[i] == "page-filtered" ? 6 : 0;
                results.AddRange(
                    await Besides.MeasureAsync(Shapes[i], rounds, floor, 2 + i, sides[2 + i].AtRateAsync, world.Size.Seconds));
            }

            results.AddRange(await FewConnections.ReadAsync(world, ("page-1", sides[0], sides[2]), ("page-filtered", sides[6], sides[5])));
        }

        await world.ExecuteAsync(Statements.Drop);
        return results;
    }
}

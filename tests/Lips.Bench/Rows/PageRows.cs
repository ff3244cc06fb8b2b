using Lips.Bench.Load;

namespace Lips.Bench.Rows;

/// <summary>Page 1 of the list, in its shapes, with 50 updates a second of the rows of all sides beside it, whichever is measured.</summary>
internal static class PageRows
{
    private static readonly string[] Shapes = ["page-1", "page-1-partner", "page-1-no-pii"];

    public static IReadOnlyList<RowGroup> Groups { get; } = [new([.. Shapes, "page-1-best", .. Shapes.SelectMany(Besides.Names)], MeasureAsync)];

    private static async Task<IReadOnlyList<Result>> MeasureAsync(World world)
    {
        var advertisers = world.Size.Usual.Select(a => a.Value).ToArray();
        foreach (var step in Statements.MakePages)
            await Task.WhenAll(step.Select(statement => world.ExecuteAsync(statement, advertisers)));
        await using var obvious = await world.StartFloorAsync("page-obvious");
        await using var best = await world.StartFloorAsync("page-best");
        var targets = world.Size.Usual.Select(a => new Target(AllRows.Page(a, 1))).ToList();
        var (partner, key) = await world.MakeTokenAsync("partner", pii: true, apiKey: true);
        var (blind, _) = await world.MakeTokenAsync("no-pii", pii: false, apiKey: false);
        Side[] sides =
        [
            await Side.OfAsync(obvious, targets),
            await Side.OfAsync(best, targets),
            await Side.OfAsync(world.Product, targets),
            await Side.OfAsync(world.Product, [.. targets.Select(t => new Target(t.Path, "x-api-key", key))], partner),
            await Side.OfAsync(world.Product, targets, blind),
        ];
        var results = new List<Result>();
        await using (await Updates.StartAsync(world))
        {
            var rounds = await Turns.ReadAsync(world, world.Size.WarmUpSeconds, world.Size.MoreRounds, sides);
            results.Add(Result.Of(new Goal("page-1", "requests/s", 2.5, IsRate: true), rounds.Of(0, 2, run => run.PerSecond)));
            results.Add(Result.Of(new Goal("page-1-best", "requests/s", 0.9, IsRate: true), rounds.Of(1, 2, run => run.PerSecond)));
            results.Add(Result.Of(new Goal("page-1-partner", "requests/s", 0.9, IsRate: true), rounds.Of(0, 3, run => run.PerSecond)));
            results.Add(Result.Of(new Goal("page-1-no-pii", "requests/s", 0.9, IsRate: true), rounds.Of(0, 4, run => run.PerSecond)));
            for (var i = 0; i < Shapes.Length; i++)
                results.AddRange(await Besides.MeasureAsync(Shapes[i], rounds, 0, 2 + i, sides[2 + i].AtRateAsync, world.Size.Seconds));
        }

        await world.ExecuteAsync(Statements.Drop);
        return results;
    }
}

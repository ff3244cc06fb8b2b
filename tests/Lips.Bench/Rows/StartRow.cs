namespace Lips.Bench.Rows;

/// <summary>
/// CPU time from the start of a node on a migrated database until it is ready, against an empty ASP.NET Core application with an Orleans
/// silo.
/// </summary>
internal static class StartRow
{
    public static IReadOnlyList<RowGroup> Groups { get; } = [new(["start"], MeasureAsync)];

    private static async Task<IReadOnlyList<Result>> MeasureAsync(World world)
    {
        var rounds = new List<Round>();
        for (var round = -1; round < world.Size.Rounds; round++)
        {
            double floor, product;
            await using (var empty = await world.StartFloorAsync("empty"))
                floor = empty.CpuAtStart;
            await using (var node = await world.StartNodeAsync())
                product = node.CpuAtStart;
            if (round >= 0)
                rounds.Add(new Round(floor, product));
        }

        return [Result.Of(new Goal("start", "CPU s", 2), rounds)];
    }
}

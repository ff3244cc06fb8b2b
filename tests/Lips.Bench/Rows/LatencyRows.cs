using System.Diagnostics;

namespace Lips.Bench.Rows;

/// <summary>Latency of one request beside that of another, both of the product: pages however deep, advertisers however large.</summary>
internal static class LatencyRows
{
    public static IReadOnlyList<RowGroup> Groups { get; } =
    [
        Row("page-deep", 1.5, size => (AllRows.Page(size.BigOne, 1), AllRows.Page(size.BigOne, size.DeepPage))),
        Row("page-deep-heavy-day", 1.5, size => (AllRows.Page(size.HugeOne, 1),
            AllRows.Page(size.HugeOne, Math.Min(size.DeepPage, (size.HugeOne.Heavy / AllRows.PerPage) - 40)))),
        Row("growth-totals", 1.3, size => (AllRows.Totals(size.SmallOne), AllRows.Totals(size.HugeOne))),
        Row("growth-page", 1.3, size => (AllRows.Page(size.SmallOne, 1), AllRows.Page(size.HugeOne, 1))),
    ];

    /// <summary>Measures a request once.</summary>
    /// <returns>Milliseconds.</returns>
    public static async Task<double> TimeAsync(World world, string path)
    {
        var start = Stopwatch.GetTimestamp();
        var (_, body, _) = await world.GetAsync(path);
        var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return body.Length > 0 ? time : throw new BenchException($"{path} was answered with nothing.");
    }

    private static RowGroup Row(string name, double target, Func<Size, (string Floor, string Product)> pathsOf) => new(
        [name],
        async world =>
        {
            var (floor, product) = pathsOf(world.Size);
            var rounds = new List<Round>();
            for (var round = -1; round < world.Size.Rounds; round++)
            {
                var (floors, products) = (new List<double>(), new List<double>());
                for (var i = 0; i < world.Size.Pairs; i++)
                {
                    floors.Add(await TimeAsync(world, floor));
                    products.Add(await TimeAsync(world, product));
                }

                if (round >= 0)
                    rounds.Add(new Round(Result.Median(floors), Result.Median(products)));
            }

            return [Result.Of(new Goal(name, "ms", target), rounds)];
        });
}

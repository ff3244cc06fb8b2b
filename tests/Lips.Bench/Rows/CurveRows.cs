using System.Diagnostics;
using Lips.Bench.Load;

namespace Lips.Bench.Rows;

/// <summary>One thing that was measured for advertisers of growing size.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Unit">Of the values.</param>
/// <param name="Points">Interactions of the advertiser, and the value.</param>
internal sealed record Curve(string Name, string Unit, IReadOnlyList<(int Interactions, double Value)> Points);

/// <summary>How requests to one advertiser fare as it grows: medians of one request at a time.</summary>
internal static class CurveRows
{
    private const int Requests = 300;
    private const int Added = 10_000;

    /// <summary>Measures the advertisers of <see cref="Size.Curve"/>, in turns.</summary>
    public static async Task<IReadOnlyList<Curve>> MeasureAsync(World world)
    {
        var advertisers = world.Size.Curve;
        return
        [
            await LatencyAsync("totals", AllRows.Totals),
            await LatencyAsync("page 1", a => AllRows.Page(a, 1)),
            await LatencyAsync("last page", a => AllRows.Page(a, a.Count / AllRows.PerPage)),
            await UpdateAsync(world, advertisers),
            await IngestAsync(world, advertisers),
        ];

        Task<Curve> LatencyAsync(string name, Func<BenchAdvertiser, string> pathOf) =>
            InTurnsAsync(name, "ms", advertisers, Requests, a => LatencyRows.TimeAsync(world, pathOf(a)));
    }

    private static async Task<Curve> UpdateAsync(World world, IReadOnlyList<BenchAdvertiser> advertisers)
    {
        var interactions = new Dictionary<BenchAdvertiser, List<(long Id, bool Read)>>();
        foreach (var advertiser in advertisers)
            interactions.Add(advertiser, await (await Toggles.OfAsync(world, [advertiser])).ReadAsync(world));
        var number = 0;
        return await InTurnsAsync("update", "ms", advertisers, Requests, async advertiser =>
        {
            var (id, read) = interactions[advertiser][number++ % interactions[advertiser].Count];
            var start = Stopwatch.GetTimestamp();
            await Toggles.SendAsync(world, id, !read);
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        });
    }

    private static async Task<Curve> IngestAsync(World world, IReadOnlyList<BenchAdvertiser> advertisers)
    {
        var added = advertisers.ToDictionary(a => a, a => a.Count);
        return await InTurnsAsync("ingest", "rows/s", advertisers, world.Size.Rounds, async advertiser =>
        {
            var from = added[advertiser];
            added[advertiser] += Added;
            return await IngestRows.IngestAsync(world, [advertiser with { Count = from + Added }], from);
        });
    }

    private static async Task<Curve> InTurnsAsync(
        string name, string unit, IReadOnlyList<BenchAdvertiser> advertisers, int times, Func<BenchAdvertiser, Task<double>> measureAsync)
    {
        var values = advertisers.ToDictionary(a => a, _ => new List<double>());
        // The first time warms up.
        for (var time = 0; time <= times; time++)
        {
            foreach (var advertiser in advertisers)
            {
                var value = await measureAsync(advertiser);
                if (time > 0)
                    values[advertiser].Add(value);
            }
        }

        var points = advertisers.Select(a => (a.Count, Result.Median(values[a]))).ToList();
        Say.Line(
            $"{name}, {unit}: {string.Join(", ", points.Select(p => FormattableString.Invariant($"{p.Item2:0.##} at {p.Count:N0}")))}");
        return new Curve(name, unit, points);
    }
}

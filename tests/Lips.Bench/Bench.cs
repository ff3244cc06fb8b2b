using System.Diagnostics;
using Lips.Bench.Load;
using Lips.Bench.Rows;

namespace Lips.Bench;

/// <summary>What one run of the bench is asked for.</summary>
/// <param name="Names">The rows; all when there are none.</param>
/// <param name="Size">How much is measured.</param>
/// <param name="IsJudged">Whether a row that falls short fails the run.</param>
/// <param name="Json">The file for the rows; null for none.</param>
/// <param name="Curves">The file for the scaling curves; null when they are not measured.</param>
internal sealed record BenchOptions(string[] Names, Size Size, bool IsJudged, string? Json, string? Curves);

/// <summary>One run of the bench.</summary>
internal static class Bench
{
    /// <summary>Measures the rows, prints the table, and writes it.</summary>
    /// <returns>0 when every row is ok, or times are not judged; else 1.</returns>
    /// <exception cref="BenchException">A run was void.</exception>
    public static async Task<int> RunAsync(BenchOptions options)
    {
        var clock = Stopwatch.StartNew();
        RunInfo.Begin();
        var unknown = options.Names.Except(AllRows.Groups.SelectMany(g => g.Names)).ToList();
        if (unknown.Count > 0)
            throw new BenchException(
                $"There is no row {unknown[0]}; there are {string.Join(' ', AllRows.Groups.SelectMany(g => g.Names))}.");
        Wrk.Require();
        var groups = AllRows.Groups.Where(g => options.Names.Length == 0 || g.Names.Intersect(options.Names).Any()).ToList();
        var folder = Directory.CreateTempSubdirectory("lips-bench-").FullName;
        // So that PostgreSQL's user, who is another where root runs this, can pass through to the home. A home that is closed has its
        // database elsewhere, and that would stay behind.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        await using var world = await World.StartAsync(folder, options.Size);
        await Loader.LoadAsync(world, options.Curves is not null);
        var results = new List<Result>();
        foreach (var group in groups)
        {
            var measured = await group.MeasureAsync(world);
            foreach (var r in measured.Where(r => options.Names.Length == 0 || r.Target is not null))
                Console.WriteLine($"{clock.Elapsed.TotalSeconds,4:0} s  {r.Name}: {Report.Number(r.Ratio ?? r.Product)}");
            results.AddRange(measured);
        }

        if (options.Curves is not null)
            await File.WriteAllTextAsync(
                options.Curves, CurvesSvg.Draw(await CurveRows.MeasureAsync(world), await RunInfo.OfAsync(world, clock.Elapsed)));
        var run = await RunInfo.OfAsync(world, clock.Elapsed);
        Report.Print(run, results);
        if (options.Json is not null)
            await Report.WriteAsync(options.Json, run, results);
        return !options.IsJudged || results.All(r => r.Ok is not false) ? 0 : 1;
    }
}

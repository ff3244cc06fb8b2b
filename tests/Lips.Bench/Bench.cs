using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Lips.Bench.Load;
using Lips.Bench.Rows;
using Spectre.Console;

namespace Lips.Bench;

/// <summary>One run of the bench.</summary>
internal static class Bench
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Measures the rows, prints the table, and writes it.</summary>
    /// <returns>0 when every row is ok, or times are not judged; else 1.</returns>
    /// <exception cref="BenchException">A run was void.</exception>
    public static async Task<int> RunAsync(string[] names, Size size, bool isQuick, string? json)
    {
        var unknown = names.Except(AllRows.Groups.SelectMany(g => g.Names)).ToList();
        if (unknown.Count > 0)
            throw new BenchException($"There is no row {unknown[0]}; there are {string.Join(' ', AllRows.Groups.SelectMany(g => g.Names))}.");
        Wrk.Require();
        var groups = AllRows.Groups.Where(g => names.Length == 0 || g.Names.Intersect(names).Any()).ToList();
        var folder = Directory.CreateTempSubdirectory("lips-bench-").FullName;
        await using var world = await World.StartAsync(folder, size);
        await Loader.LoadAsync(world);
        var results = new List<Result>();
        foreach (var group in groups)
        {
            var measured = await group.MeasureAsync(world);
            foreach (var r in measured)
                Console.WriteLine($"{r.Name}: {Number(r.Ratio ?? r.Product)}");
            results.AddRange(measured);
        }

        await PrintAsync(world, results);
        if (json is not null)
            await File.WriteAllTextAsync(json, JsonSerializer.Serialize(results, Indented) + "\n");
        return isQuick || results.All(r => r.Ok is not false) ? 0 : 1;
    }

    private static async Task PrintAsync(World world, IReadOnlyList<Result> results)
    {
        var version = await world.ScalarAsync<string>("SHOW server_version");
        Console.WriteLine($"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, PostgreSQL {version}, commit {await CommitAsync()}");
        var table = new Table().Border(TableBorder.Ascii).AddColumns("name", "unit", "floor", "product", "ratio", "spread", "target", "");
        foreach (var r in results)
        {
            table.AddRow(
                r.Name, r.Unit, Number(r.Floor), Number(r.Product), Number(r.Ratio), r.Ratio is null ? "" : $"{Number(r.RatioMin)} to {Number(r.RatioMax)}", r.Target ?? "",
                r.Ok switch { true => "ok", false => "short", null => "" });
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(Console.Out) });
        console.Profile.Width = 160;
        console.Write(table);
    }

    private static async Task<string> CommitAsync()
    {
        try
        {
            return (await Wrk.RunAsync("git", "-C", AppContext.BaseDirectory, "describe", "--always", "--dirty")).Trim();
        }
        catch (Exception e) when (e is BenchException or System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }

    private static string Number(double? value) => value?.ToString(Math.Abs(value.Value) >= 1000 ? "#,0" : "0.###", CultureInfo.InvariantCulture) ?? "";
}

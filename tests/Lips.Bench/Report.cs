using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lips.Bench.Load;
using Spectre.Console;

namespace Lips.Bench;

/// <summary>
/// On what was measured. The last element of the JSON: a row that has the name <c>run</c>, fields of its own, and null for those of a row.
/// </summary>
internal sealed record RunInfo(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("unit")] string? Unit,
    [property: JsonPropertyName("floor")] double? Floor,
    [property: JsonPropertyName("product")] double? Product,
    [property: JsonPropertyName("ratio")] double? Ratio,
    [property: JsonPropertyName("ratio_min")] double? RatioMin,
    [property: JsonPropertyName("ratio_max")] double? RatioMax,
    [property: JsonPropertyName("target")] string? Target,
    [property: JsonPropertyName("ok")] bool? Ok,
    [property: JsonPropertyName("cores")] int Cores,
    [property: JsonPropertyName("processor")] string Processor,
    [property: JsonPropertyName("memory_mb")] long MemoryMb,
    [property: JsonPropertyName("os")] string Os,
    [property: JsonPropertyName("dotnet")] string DotNet,
    [property: JsonPropertyName("postgresql")] string PostgreSql,
    [property: JsonPropertyName("commit")] string Commit,
    [property: JsonPropertyName("interactions")] long Interactions,
    [property: JsonPropertyName("advertisers")] long Advertisers,
    [property: JsonPropertyName("rounds")] int Rounds,
    [property: JsonPropertyName("seconds_per_measurement")] int SecondsPerMeasurement,
    [property: JsonPropertyName("finished_at")] DateTime FinishedAt,
    [property: JsonPropertyName("seconds")] int Seconds,
    [property: JsonPropertyName("stolen_percent")] int StolenPercent)
{
    private static readonly (double Busy, double Stolen) Begun = Usage.OfMachine();

    /// <summary>The line above the table.</summary>
    [JsonIgnore]
    public string Text => string.Create(
        CultureInfo.InvariantCulture,
        $"{Cores} cores ({Processor}), {MemoryMb:N0} MB, {Os}, {DotNet}, PostgreSQL {PostgreSql}, commit {Commit}; {Interactions:N0} "
            + $"interactions of {Advertisers:N0} advertisers at the end; {Seconds} s, in which other machines took {StolenPercent} % of "
            + $"the CPU time");

    /// <summary>Looks around.</summary>
    /// <param name="world">What was measured on.</param>
    /// <param name="time">How long the run has taken.</param>
    public static async Task<RunInfo> OfAsync(World world, TimeSpan time) => new(
        "run", null, null, null, null, null, null, null, null,
        Environment.ProcessorCount,
        (await ValueAsync("/proc/cpuinfo", "model name")) ?? "unknown processor",
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20,
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        await world.ScalarAsync<string>("SHOW server_version"),
        await CommitAsync(),
        await world.ScalarAsync<long>("SELECT count(*) FROM interactions.interactions"),
        await world.ScalarAsync<long>("SELECT count(*) FROM counters.advertisers"),
        world.Size.Rounds,
        world.Size.Seconds,
        DateTime.UtcNow,
        (int)time.TotalSeconds,
        StolenSince(Begun));

    /// <summary>Begins to count what others take.</summary>
    public static void Begin() => _ = Begun;

    private static int StolenSince((double Busy, double Stolen) begun)
    {
        var now = Usage.OfMachine();
        return (int)Math.Round(100 * (now.Stolen - begun.Stolen) / Math.Max(1, now.Busy - begun.Busy));
    }

    private static async Task<string?> ValueAsync(string file, string name) => File.Exists(file)
        ? (await File.ReadAllLinesAsync(file)).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
        : null;

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
}

/// <summary>What the bench says at its end.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    };

    /// <summary>Prints the table.</summary>
    public static void Print(RunInfo run, IReadOnlyList<Result> results)
    {
        Console.WriteLine(run.Text);
        var table = new Table().Border(TableBorder.Ascii).AddColumns("name", "unit", "floor", "product", "ratio", "spread", "target", "");
        foreach (var r in results)
        {
            table.AddRow(
                r.Name, r.Unit, Number(r.Floor), Number(r.Product), Number(r.Ratio), r.Ratio is null ? ""
                    : $"{Number(r.RatioMin)} to {Number(r.RatioMax)}", r.Target ?? "",
                r.Ok switch { true => "ok", false => "short", null => "" });
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(Console.Out) });
        console.Profile.Width = 160;
        console.Write(table);
    }

    /// <summary>Writes the rows, and the run as the last of them, as a JSON array.</summary>
    public static Task WriteAsync(string file, RunInfo run, IReadOnlyList<Result> results) =>
        File.WriteAllTextAsync(file, JsonSerializer.Serialize<object[]>([.. results, run], Indented) + "\n");

    /// <summary>A number as the bench prints it; nothing for none.</summary>
    public static string Number(double? value) =>
        value?.ToString(Math.Abs(value.Value) >= 1000 ? "#,0" : "0.###", CultureInfo.InvariantCulture) ?? "";
}

using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Lips.Bench;

/// <summary>What one run of wrk has measured.</summary>
/// <param name="PerSecond">Requests a second.</param>
/// <param name="P50">Median latency, milliseconds.</param>
/// <param name="P99">99th percentile of latency, milliseconds.</param>
/// <param name="Requests">How many there were.</param>
internal sealed record WrkRun(double PerSecond, double P50, double P99, long Requests);

/// <summary>Load from wrk. A run with an answer that is not the expected one is void.</summary>
internal sealed partial class Wrk(string folder)
{
    public const int Connections = 64;

    // Requests are made once, before the run.
    private const string Script =
        """
        local requests = {}
        function init(args)
          math.randomseed(tonumber(args[1]))
          for line in io.lines(args[2]) do
            local path, header, value = line:match("^(%S+)\t(%S+)\t(.*)$")
            local headers = { ["Authorization"] = args[3] }
            if header ~= "-" then headers[header] = value end
            requests[#requests + 1] = wrk.format("GET", path, headers)
          end
        end
        function request() return requests[math.random(#requests)] end
        """;

    public static void Require()
    {
        if (Environment.GetEnvironmentVariable("PATH")!.Split(':').All(f => !File.Exists(Path.Combine(f, "wrk"))))
            throw new BenchException("build/bench takes its load from wrk, which is not on PATH: apt-get install wrk (brew install wrk).");
    }

    /// <summary>Sends random ones of the targets for some seconds.</summary>
    /// <param name="address">The server.</param>
    /// <param name="targets">Paths, each with a header or none.</param>
    /// <param name="token">The credential.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="meanBytes">What an answer has on average, head and body, if it is the expected one.</param>
    public async Task<WrkRun> RunAsync(Uri address, IReadOnlyList<Target> targets, string token, int seconds, double meanBytes)
    {
        var script = Path.Combine(folder, "load.lua");
        var list = Path.Combine(folder, "targets");
        await File.WriteAllTextAsync(script, Script);
        await File.WriteAllLinesAsync(list, targets.Select(t => $"{t.Path}\t{t.Header ?? "-"}\t{t.Value}"));
        var output = await RunAsync(
            "wrk", "-t2", $"-c{Connections}", $"-d{seconds}s", "--latency", "-s", script, address.ToString(),
            "--", Random.Shared.Next().ToString(CultureInfo.InvariantCulture), list, "token " + token);
        if (Problems().Match(output) is { Success: true } problem)
            throw new BenchException($"The run is void: {problem.Value.Trim()}");
        var run = new WrkRun(
            Number(PerSecond().Match(output)), Milliseconds(Percentile50().Match(output)), Milliseconds(Percentile99().Match(output)), (long)Number(Total().Match(output)));
        var mean = Bytes(Total().Match(output)) / run.Requests;
        // wrk prints bytes with two decimals of a unit; what was on its way when the time was up is a thousandth more.
        if (Math.Abs(mean - meanBytes) > Math.Max(2, meanBytes * 0.01))
            throw new BenchException($"The run is void: answers had {mean:0.0} bytes on average, the expected ones have {meanBytes:0.0}.");
        return run;
    }

    /// <summary>Runs a program and gives what it printed.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new BenchException($"{program} failed: {await errors}{output}");
    }

    private static double Number(Match match) => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);

    private static double Milliseconds(Match match) => Number(match) * match.Groups[2].Value switch { "us" => 0.001, "ms" => 1, "s" => 1000, _ => 60_000 };

    private static double Bytes(Match match) => double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)
        * match.Groups[3].Value switch { "B" => 1, "KB" => 1024, "MB" => 1024 * 1024, _ => 1024.0 * 1024 * 1024 };

    [GeneratedRegex(@"Socket errors:.*|Non-2xx or 3xx responses:.*")]
    private static partial Regex Problems();

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex PerSecond();

    [GeneratedRegex(@"50%\s+([\d.]+)(\w+)")]
    private static partial Regex Percentile50();

    [GeneratedRegex(@"99%\s+([\d.]+)(\w+)")]
    private static partial Regex Percentile99();

    [GeneratedRegex(@"(\d+) requests in [^,]+, ([\d.]+)(\w+) read")]
    private static partial Regex Total();
}

/// <summary>What is asked for: a path, and a header besides the credential.</summary>
internal sealed record Target(string Path, string? Header = null, string? Value = null);

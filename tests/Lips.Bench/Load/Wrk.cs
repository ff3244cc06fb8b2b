using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Lips.Bench.Load;

/// <summary>Load from wrk. A run with an answer that is not the expected one is void.</summary>
internal sealed partial class Wrk(string folder)
{
    public const int Connections = 64;

    // Requests are made once, before the run.
    private const string Reads =
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

    // Each thread has updates of its own, so that none undoes another's and every single one changes something.
    private const string Toggles =
        """
        local threads = 0
        function setup(thread)
          thread:set("number", threads)
          threads = threads + 1
        end
        function init(args)
          math.randomseed(tonumber(args[1]) + number)
          reads, requests = {}, {}
          local headers = { ["Authorization"] = args[3], ["Content-Type"] = "application/json" }
          local line = 0
          for id, read in io.open(args[2]):read("*a"):gmatch("(%d+) (%d)\n") do
            line = line + 1
            if line % 2 == number then
              local path = "/contact_interactions/" .. id
              reads[#reads + 1] = read == "1"
              requests[#requests + 1] = {
                [true] = wrk.format("PUT", path, headers, '{"contact_interaction":{"read":true}}'),
                [false] = wrk.format("PUT", path, headers, '{"contact_interaction":{"read":false}}'),
              }
            end
          end
        end
        function request()
          local i = math.random(#requests)
          reads[i] = not reads[i]
          return requests[i][reads[i]]
        end
        """;

    // Looks at every answer, which takes wrk some microseconds each: not while it measures.
    private const string Check =
        """

        local threads = {}
        local set = setup
        function setup(thread)
          if set then set(thread) end
          table.insert(threads, thread)
        end
        wrong = 0
        function response(status, headers, body)
          if status ~= EXPECTED or (#body == 0) ~= (status == 304) then wrong = wrong + 1 end
        end
        function done(summary, latency, requests)
          local all = 0
          for _, thread in ipairs(threads) do all = all + thread:get("wrong") end
          if all > 0 then print("Answers that are not as expected: " .. all) end
        end
        """;

    /// <summary>Sees that the programs are there that load comes from.</summary>
    /// <exception cref="BenchException">One is not; says how to install it.</exception>
    public static void Require()
    {
        foreach (var (program, install) in new[] { ("wrk", "apt-get install wrk (brew install wrk)"), ("pgbench", "it comes with PostgreSQL, whose bin folder may not be on PATH") })
        {
            if (Environment.GetEnvironmentVariable("PATH")!.Split(':').All(f => !File.Exists(Path.Combine(f, program))))
                throw new BenchException($"build/bench takes its load from {program}, which is not on PATH: {install}.");
        }
    }

    /// <summary>Sends random ones of a side's targets for some seconds.</summary>
    /// <param name="side">The side.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="isEachChecked">Whether each answer is looked at, and not only how many bytes they have on average.</param>
    public async Task<LoadRun> ReadAsync(Side side, int seconds, bool isEachChecked)
    {
        var list = Path.Combine(folder, "targets");
        await File.WriteAllLinesAsync(list, side.Targets.Select(t => $"{t.Path}\t{t.Header ?? "-"}\t{t.Value}"));
        var check = isEachChecked ? Check.Replace("EXPECTED", side.Status.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) : "";
        return await LoadAsync(side.Server, Reads + check, list, side.Token, seconds, side.MeanBytes);
    }

    /// <summary>Marks random ones of the interactions as read and unread by turns for some seconds.</summary>
    /// <param name="server">The product.</param>
    /// <param name="interactions">Their ids, and whether they are read at the moment.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="meanBytes">What the answer has, head and body.</param>
    public async Task<LoadRun> ToggleAsync(Server server, IEnumerable<(long Id, bool Read)> interactions, int seconds, double meanBytes)
    {
        var list = Path.Combine(folder, "interactions");
        await File.WriteAllLinesAsync(list, interactions.Select(i => $"{i.Id} {(i.Read ? 1 : 0)}"));
        return await LoadAsync(server, Toggles, list, World.Token, seconds, meanBytes);
    }

    private async Task<LoadRun> LoadAsync(Server server, string script, string list, string token, int seconds, double meanBytes)
    {
        var file = Path.Combine(folder, "load.lua");
        await File.WriteAllTextAsync(file, script);
        var output = await RunAsync(
            "wrk", "-t2", $"-c{Connections}", $"-d{seconds}s", "--timeout", "10s", "--latency", "-s", file, server.Address.ToString(),
            "--", Random.Shared.Next().ToString(CultureInfo.InvariantCulture), list, "token " + token);
        if (Problems().Match(output) is { Success: true } problem)
            throw new BenchException($"The run is void: {problem.Value.Trim()}");
        var run = new LoadRun(
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

    [GeneratedRegex(@"Socket errors:.*|Non-2xx or 3xx responses:.*|Answers that are not as expected:.*")]
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

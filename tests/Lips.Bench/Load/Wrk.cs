using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Lips.Bench.Load;

/// <summary>Load from wrk. A run with an answer that is not the expected one is void.</summary>
internal sealed partial class Wrk(string folder)
{
    public const int Connections = 64;

    // Of a body's size: some rows are marked as read and unread meanwhile.
    private const double Tolerance = 0.02;

    // Requests are made before the run, each cut in two where its own headers go: after its last header. Those are digits of the thread, a
    // counter and random digits, all from a table of hexadecimal numbers, because string.format would take longer than all the rest. The
    // table is small: wrk already sends on the first thread, and counts that, while the second one begins.
    private const string Common =
        """
        local threads = 0
        function setup(thread)
          thread:set("number", threads)
          threads = threads + 1
        end
        local random, floor = math.random, math.floor
        local hex, count, trace, span, id = {}, 0
        local function begin(seed)
          math.randomseed(seed + number)
          for i = 0, 4095 do hex[i] = string.format("%03x", i) end
          local function digits(n) local all = "" for _ = 1, n do all = all .. hex[random(1, 4095)] end return all:sub(1, n) end
          trace = "traceparent: 00-" .. digits(20)
          span = "-" .. digits(4)
          id = "-01\r\nX-Request-Id: " .. digits(20)
        end
        local function cut(request)
          local head, body = request:match("^(.-\r\n)\r\n(.*)$")
          return head, "\r\n\r\n" .. body
        end
        local function own(head, rest)
          count = count + 1
          local any, high, mid, low = hex[random(0, 4095)], hex[floor(count / 16777216)], hex[floor(count / 4096) % 4096], hex[count % 4096]
          local unique = any .. high .. mid .. low
          return head .. trace .. unique .. span .. unique .. id .. unique .. rest
        end

        """;

    private const string Reads =
        """
        local heads, rest = {}
        function init(args)
          begin(tonumber(args[1]))
          for line in io.lines(args[2]) do
            local path, header, value = line:match("^(%S+)\t(%S+)\t(.*)$")
            local headers = { ["Authorization"] = args[3] }
            if header ~= "-" then headers[header] = value end
            heads[#heads + 1], rest = cut(wrk.format("GET", path, headers))
          end
        end
        function request() return own(heads[random(#heads)], rest) end
        """;

    // Each thread has updates of its own, so that none undoes another's and every single one changes something.
    private const string Toggles =
        """
        local ids, reads, heads, rests = {}, {}, {}, {}
        function init(args)
          begin(tonumber(args[1]))
          local headers = { ["Authorization"] = args[3], ["Content-Type"] = "application/json" }
          for _, value in ipairs({ true, false }) do
            heads[value], rests[value] = cut(wrk.format("PUT", "", headers, '{"contact_interaction":{"read":' .. tostring(value) .. '}}'))
            heads[value] = heads[value]:sub(#"PUT " + 1)
          end
          local line = 0
          for interaction, read in io.open(args[2]):read("*a"):gmatch("(%d+) (%d)\n") do
            line = line + 1
            if line % tonumber(args[4]) == number then
              ids[#ids + 1] = "PUT /contact_interactions/" .. interaction
              reads[#reads + 1] = read == "1"
            end
          end
        end
        function request()
          local i = random(#ids)
          local value = not reads[i]
          reads[i] = value
          return own(ids[i] .. heads[value], rests[value])
        end
        """;

    // Looks at every answer, which takes wrk some microseconds each: not while it measures.
    private const string Check =
        """

        local threads = {}
        local set = setup
        function setup(thread)
          set(thread)
          table.insert(threads, thread)
        end
        wrong, first = 0, ""
        function response(status, headers, body)
          if status == EXPECTED and #body >= LEAST and #body <= MOST then return end
          wrong = wrong + 1
          if wrong == 1 then first = ", " .. #body .. " bytes with status " .. status .. ": " .. body:sub(1, 300) end
        end
        function done(summary, latency, requests)
          local all, texts = 0, ""
          for _, thread in ipairs(threads) do all, texts = all + thread:get("wrong"), texts .. thread:get("first") end
          if all > 0 then print("Answers that are not as expected: " .. all .. texts) end
        end
        """;

    /// <summary>Sees that the programs are there that load comes from.</summary>
    /// <exception cref="BenchException">One is not; says how to install it.</exception>
    public static void Require()
    {
        foreach (var (program, install) in new[] { ("wrk", "apt-get install wrk (brew install wrk)"),
            ("pgbench", "it comes with PostgreSQL, whose bin folder may not be on PATH") })
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
        var check = isEachChecked
            ? Check.Replace("EXPECTED", Text(side.Status), StringComparison.Ordinal)
                .Replace("LEAST", Text((int)(side.LeastBody * (1 - Tolerance))), StringComparison.Ordinal)
                .Replace("MOST", Text((int)(side.MostBody * (1 + Tolerance))), StringComparison.Ordinal)
            : "";
        return await LoadAsync(side.Server, Reads + check, list, side.Token, side.Connections, seconds, side.MeanBytes, side.Deviation);
    }

    /// <summary>Marks random ones of the interactions as read and unread by turns for some seconds.</summary>
    /// <param name="server">The product.</param>
    /// <param name="interactions">Their ids, and whether they are read at the moment.</param>
    /// <param name="connections">On how many connections.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="meanBytes">What the answer has, head and body.</param>
    public async Task<LoadRun> ToggleAsync(
        Server server, IEnumerable<(long Id, bool Read)> interactions, int connections, int seconds, double meanBytes)
    {
        var list = Path.Combine(folder, "interactions");
        await File.WriteAllLinesAsync(list, interactions.Select(i => $"{i.Id} {(i.Read ? 1 : 0)}"));
        return await LoadAsync(server, Toggles, list, World.Token, connections, seconds, meanBytes, 0);
    }

    private async Task<LoadRun> LoadAsync(
        Server server, string script, string list, string token, int connections, int seconds, double meanBytes, double deviation)
    {
        var file = Path.Combine(folder, "load.lua");
        await File.WriteAllTextAsync(file, Common + script);
        var threads = Text(Math.Min(2, connections));
        var output = await RunAsync(
            "wrk", $"-t{threads}", $"-c{connections}", $"-d{seconds}s", "--timeout", "10s", "--latency", "-s", file,
            server.Address.ToString(), "--", Text(Random.Shared.Next()), list, "token " + token, threads);
        if (Problems().Matches(output) is { Count: > 0 } problems)
            throw new BenchException($"The run is void: {string.Join("; ", problems)}\n{await server.EndOfLogAsync()}");
        var run = new LoadRun(
            Number(PerSecond().Match(output)), Milliseconds(Percentile50().Match(output)), Milliseconds(Percentile99().Match(output)),
                (long)Number(Total().Match(output)));
        var mean = Bytes(Total().Match(output)) / run.Requests;
        // wrk prints bytes with two decimals of a unit; what was on its way when the time was up is a thousandth more. Where answers differ
        // in size, their mean also varies by chance, less with more of them.
        if (Math.Abs(mean - meanBytes) > Math.Max(2, meanBytes * 0.01) + (4 * deviation / Math.Sqrt(run.Requests)))
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

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static double Number(Match match) => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);

    private static double Milliseconds(Match match) =>
        Number(match) * match.Groups[2].Value switch { "us" => 0.001, "ms" => 1, "s" => 1000, _ => 60_000 };

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

using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Lips.Chaos;

/// <summary>What is asked for.</summary>
internal sealed record RunOptions(
    int Seed, TimeSpan Length, bool IsAvailabilityJudged, int? Faults, IReadOnlyList<string> Only, TimeSpan Away, int Nodes, bool Sabotage,
    string? Logs, string? Out, string Command);

/// <summary>A run.</summary>
internal static class Run
{
    private const int Advertisers = 20;

    // Until service is back once a fault is healed; design.md's.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Never = TimeSpan.FromMinutes(1);

    // Until nodes that were all started at once have compiled what they run, where times are judged.
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan HalfWarm = TimeSpan.FromSeconds(20);

    private static readonly StringBuilder Report = new();

    private static Cluster? running;

    /// <summary>Ends all processes, amid a run.</summary>
    public static void Stop() => running?.DisposeAsync().AsTask().GetAwaiter().GetResult();

    public static async Task<int> ServeAsync(int nodes, int port, CancellationToken cancellation)
    {
        await using var cluster = await Cluster.StartAsync(nodes, port, isToBreak: false);
        running = cluster;
        Console.WriteLine($"nginx: {cluster.Address}");
        foreach (var node in cluster.Nodes)
            Console.WriteLine($"{node.Name}: {node.Address} (process {node.Process.Id})");
        Console.WriteLine($"PostgreSQL: {cluster.Database}");
        Console.WriteLine(
            $"  curl -g -H 'Authorization: token {Lips.Testing.LipsProcess.Token}' "
            + $"'{cluster.Address}contact_interactions/totals?global_master_advertiser_id=USA_1'");
        await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    public static async Task<int> RunAsync(RunOptions options)
    {
        Say($"{options.Nodes} nodes behind nginx, {Advertisers} advertisers, seed {options.Seed}");
        if (options.Logs is { } logs)
            Directory.CreateDirectory(logs);
        await using var cluster = await Cluster.StartAsync(options.Nodes, port: null, isToBreak: true);
        running = cluster;
        var ledger = new Ledger(Advertisers);
        await using var load = new Load(cluster, ledger, options.Seed);
        await load.StartAsync();
        var rows = new Dictionary<string, Row>(StringComparer.Ordinal);
        await Task.Delay(options.IsAvailabilityJudged && !options.Sabotage ? Warm : HalfWarm);
        if (!options.Sabotage)
            await FailAsync(options, new Disaster(cluster, load, ledger, new Random(options.Seed), options.Away), rows);
        await load.StopAsync();
        if (options.Sabotage)
            return await SabotageAsync(cluster, load, ledger);

        if (options.Logs is { } folder)
        {
            foreach (var node in cluster.Nodes)
                await File.WriteAllTextAsync(Path.Combine(folder, node.Name + ".log"), node.Log);
            await File.WriteAllTextAsync(Path.Combine(folder, "nginx.log"), cluster.NginxErrors);
        }

        var verdict = await Proof.MakeAsync(cluster, load, ledger);
        Print(rows.Values);
        Say(string.Create(
            CultureInfo.InvariantCulture,
            $"""

            {ledger.Accounts.Sum(a => a.Known.Count)} interactions, {ledger.Toggled.Count} changed again; {ledger.Checked} reads.
            lost {verdict.Lost}, doubled {verdict.Doubled}, wrong {verdict.Wrong}, stale {ledger.Stale}
            """));
        foreach (var ended in cluster.Nodes.SelectMany(node => node.Ended).GroupBy(code => code))
            Say($"{ended.Count()} nodes ended by themselves with exit code {ended.Key}, and were started again.");
        foreach (var finding in ledger.Findings)
            Say(finding);
        var isGood = verdict.IsGood && ledger.Stale == 0 && ledger.Findings.IsEmpty;
        Say(isGood ? "Good." : "Not good.");
        if (options.Out is { } file)
            await File.WriteAllTextAsync(file, Heading(options) + Report);
        return isGood ? 0 : 1;
    }

    private static void Say(string line)
    {
        Console.WriteLine(line);
        Report.AppendLine(line);
    }

    private static string Heading(RunOptions options) =>
        $"""
        `{options.Command} --seed {options.Seed}`, {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} processors,
        commit {Environment.GetEnvironmentVariable("LIPS_COMMIT") ?? "unknown"}


        """;

    private static async Task FailAsync(RunOptions options, Disaster disaster, Dictionary<string, Row> rows)
    {
        var drawn = Fault.All.Where(f => options.Only.Count > 0 ? options.Only.Contains(f.Name) : f.Share > 0).ToList();
        foreach (var fault in drawn.Where(f => f.IsPossible?.Invoke(disaster.Cluster) == false).ToList())
        {
            Say($"Left out, because this machine cannot have it: {fault.Name}.");
            drawn.Remove(fault);
        }

        // Each once; then each as often as its share.
        List<Fault> coming = [.. drawn];
        var clock = Stopwatch.StartNew();
        for (var number = 0; options.Faults is { } most ? number < most : clock.Elapsed < options.Length; number++)
        {
            if (coming.Count == 0)
                coming = [.. drawn.SelectMany(f => Enumerable.Repeat(f, Math.Max(f.Share, 1)))];
            var next = disaster.Random.Next(coming.Count);
            var fault = coming[next];
            coming.RemoveAt(next);
            Forget(disaster);
            await fault.MakeAsync(disaster);
            var during = fault.IsOfDatabase ? Gaps.Take(disaster.Ledger) : default;
            var healed = Stopwatch.StartNew();
            var back = await BackAsync(options, fault, disaster, healed);
            if (await disaster.Load.ServedByEachAsync(Never) is { Count: > 0 } silent)
                disaster.Ledger.Find($"{fault.Name}, {healed.Elapsed.TotalSeconds:0.0} s after: {string.Join(", ", silent.Take(5))}");
            var row = rows.TryGetValue(fault.Name, out var known) ? known : rows[fault.Name] = new Row(fault);
            var failed = disaster.Load.FirstFailed;
            var (answers, balanced) = disaster.Load.TakeStatuses();
            if (options.IsAvailabilityJudged && fault.MayFailNone && failed is not null)
                disaster.Ledger.Find(
                    $"{fault.Name}: through nginx {Counted(balanced)}; the first was {failed}; nginx said last: {disaster.LastWords()}");
            var gaps = Gaps.Take(disaster.Ledger);
            if (options.IsAvailabilityJudged && gaps.Writes > Soon.TotalMilliseconds)
                disaster.Ledger.Find($"{fault.Name}: {gaps.Advertiser} could not be written for {gaps.Writes / 1000.0:0.0} s");
            row.Add(back, healed.Elapsed, Math.Max(during.Reads, gaps.Reads), Math.Max(during.Writes, gaps.Writes), answers, balanced);
            await NoteAsync(options, string.Create(
                CultureInfo.InvariantCulture,
                $"{DateTime.UtcNow:HH:mm:ss} {fault.Name}: back {back.TotalSeconds:0.0}, not written {gaps.Writes / 1000.0:0.0}"));
            await disaster.PauseAsync(1);
        }
    }

    /// <summary>One line for each fault, as it happens.</summary>
    private static async Task NoteAsync(RunOptions options, string line)
    {
        if (options.Logs is { } folder)
            await File.AppendAllLinesAsync(Path.Combine(folder, "faults.log"), [line]);
    }

    private static string Counted(IEnumerable<KeyValuePair<int, int>> statuses) =>
        string.Join(", ", statuses.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Value} times {s.Key}")));

    private static async Task<TimeSpan> BackAsync(RunOptions options, Fault fault, Disaster disaster, Stopwatch healed)
    {
        var most = options.IsAvailabilityJudged ? Soon : Never;
        var (last, missing) = await disaster.Load.ServedAsync(Never);
        var back = healed.Elapsed;
        if (missing.Count > 0)
            disaster.Ledger.Find($"{fault.Name}, {back.TotalSeconds:0.0} s after: {string.Join(", ", missing.Take(5))}");
        else if (back > most)
            disaster.Ledger.Find($"{fault.Name}: service was back after {back.TotalSeconds:0.0} s; the last was {last}");
        return back;
    }

    private static void Forget(Disaster disaster)
    {
        Gaps.Take(disaster.Ledger);
        disaster.Load.TakeStatuses();
    }

    private static async Task<int> SabotageAsync(Cluster cluster, Load load, Ledger ledger)
    {
        var results = await Sabotage.FindAsync(cluster, load, ledger);
        foreach (var (name, isFound) in results)
            Console.WriteLine($"{name}: {(isFound ? "found" : "NOT FOUND")}");
        return results.All(r => r.IsFound) ? 0 : 1;
    }

    private static void Print(IEnumerable<Row> rows)
    {
        Say("");
        Say("| fault | times | no total, s | no change, s | back, s | all nodes, s | 503 | no answer | 500 "
            + "| through nginx | failed | what |");
        Say("|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var row in rows)
            Say(row.Line());
    }

    /// <summary>The longest that an advertiser was not read and not written, in milliseconds.</summary>
    private readonly record struct Gaps(long Reads, long Writes, string Advertiser)
    {
        public static Gaps Take(Ledger ledger)
        {
            var reads = ledger.Accounts.Max(a => a.Reads.Take());
            var (writes, advertiser) = ledger.Accounts.Select(a => (a.Writes.Take(), a.Advertiser)).Max();
            return new Gaps(reads, writes, advertiser);
        }
    }

    private sealed class Row(Fault fault)
    {
        private readonly Dictionary<int, int> statuses = [];
        private int times;
        private long reads;
        private long writes;
        private int balanced;
        private int failed;
        private TimeSpan longestBack;
        private TimeSpan longestAll;

        public void Add(TimeSpan back, TimeSpan all, long readGap, long writeGap, IEnumerable<KeyValuePair<int, int>> answers,
            IEnumerable<KeyValuePair<int, int>> throughNginx)
        {
            times++;
            (reads, writes) = (Math.Max(reads, readGap), Math.Max(writes, writeGap));
            longestBack = back > longestBack ? back : longestBack;
            longestAll = all > longestAll ? all : longestAll;
            foreach (var (status, count) in answers)
                statuses[status] = statuses.GetValueOrDefault(status) + count;
            foreach (var (status, count) in throughNginx)
                (balanced, failed) = (balanced + count, failed + (status is 0 or >= 500 ? count : 0));
        }

        public string Line() => string.Create(
            CultureInfo.InvariantCulture,
            $"| {fault.Name} | {times} | {reads / 1000.0:0.0} | {writes / 1000.0:0.0} | {longestBack.TotalSeconds:0.0} "
            + $"| {longestAll.TotalSeconds:0.0} | {Of(503)} | {Of(0)} | {Of(500)} "
            + $"| {balanced} | {failed} | {fault.What} |");

        private int Of(int status) => statuses.GetValueOrDefault(status);
    }
}

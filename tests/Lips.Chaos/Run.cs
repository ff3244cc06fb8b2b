using System.Diagnostics;
using System.Globalization;

namespace Lips.Chaos;

/// <summary>What is asked for.</summary>
internal sealed record RunOptions(
    int Seed, TimeSpan Length, int? Faults, IReadOnlyList<string> Only, TimeSpan Away, int Nodes, bool Sabotage, string? Logs);

/// <summary>A run.</summary>
internal static class Run
{
    private const int Advertisers = 20;

    // Until service is back once a fault is healed; design.md's.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Never = TimeSpan.FromMinutes(1);

    private static Cluster? running;

    /// <summary>Ends all processes, amid a run.</summary>
    public static void Stop() => running?.DisposeAsync().AsTask().GetAwaiter().GetResult();

    public static async Task<int> ServeAsync(int nodes, int port, CancellationToken cancellation)
    {
        await using var cluster = await Cluster.StartAsync(nodes, port);
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
        Console.WriteLine($"{options.Nodes} nodes behind nginx, {Advertisers} advertisers, seed {options.Seed}");
        await using var cluster = await Cluster.StartAsync(options.Nodes);
        running = cluster;
        var ledger = new Ledger(Advertisers);
        await using var load = new Load(cluster, ledger, options.Seed);
        await load.StartAsync();
        var rows = new Dictionary<string, Row>(StringComparer.Ordinal);
        if (options.Sabotage)
            await Task.Delay(TimeSpan.FromSeconds(5));
        else
            await FailAsync(options, new Disaster(cluster, load, ledger, new Random(options.Seed), options.Away), rows);
        await load.StopAsync();
        if (options.Sabotage)
            return await SabotageAsync(cluster, load, ledger);

        if (options.Logs is { } folder)
        {
            Directory.CreateDirectory(folder);
            foreach (var node in cluster.Nodes)
                await File.WriteAllTextAsync(Path.Combine(folder, node.Name + ".log"), node.Log);
        }

        var verdict = await Proof.MakeAsync(cluster, load, ledger);
        Print(rows.Values);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""

            {ledger.Accounts.Sum(a => a.Known.Count)} interactions, {ledger.Toggled.Count} changed again; {ledger.Checked} reads.
            lost {verdict.Lost}, doubled {verdict.Doubled}, wrong {verdict.Wrong}, stale {ledger.Stale}
            """));
        foreach (var ended in cluster.Nodes.SelectMany(node => node.Ended).GroupBy(code => code))
            Console.WriteLine($"{ended.Count()} nodes ended by themselves with exit code {ended.Key}, and were started again.");
        foreach (var finding in ledger.Findings)
            Console.WriteLine(finding);
        return verdict.IsGood && ledger.Stale == 0 && ledger.Findings.IsEmpty && rows.Values.All(row => row.LongestBack <= Soon) ? 0 : 1;
    }

    private static async Task FailAsync(RunOptions options, Disaster disaster, Dictionary<string, Row> rows)
    {
        var drawn = Fault.All.Where(f => options.Only.Count > 0 ? options.Only.Contains(f.Name) : f.IsUsual).ToList();
        var clock = Stopwatch.StartNew();
        for (var number = 0; options.Faults is { } most ? number < most : clock.Elapsed < options.Length; number++)
        {
            // Each once before any comes again.
            if (number % drawn.Count == 0)
                disaster.Random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(drawn));
            var fault = drawn[number % drawn.Count];
            Forget(disaster);
            await fault.MakeAsync(disaster);
            var healed = Stopwatch.StartNew();
            var back = await BackAsync(fault, disaster, healed);
            while (!await disaster.Load.AreAllReadyAsync() && healed.Elapsed < Never)
                await Task.Delay(100);
            var row = rows.TryGetValue(fault.Name, out var known) ? known : rows[fault.Name] = new Row(fault);
            var (answers, balanced) = disaster.Load.TakeStatuses();
            if (fault.MayFailNone && balanced.Any(s => s.Key is 0 or >= 500))
                disaster.Ledger.Find($"{fault.Name}: through nginx {Counted(balanced)}");
            row.Add(
                back,
                healed.Elapsed,
                disaster.Ledger.Accounts.Max(a => a.Reads.Take()),
                disaster.Ledger.Accounts.Max(a => a.Writes.Take()),
                answers,
                balanced);
            await disaster.PauseAsync(2);
        }
    }

    private static string Counted(IEnumerable<KeyValuePair<int, int>> statuses) =>
        string.Join(", ", statuses.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Value} times {s.Key}")));

    private static async Task<TimeSpan> BackAsync(Fault fault, Disaster disaster, Stopwatch healed)
    {
        while (true)
        {
            var missing = await disaster.Load.NotServedAsync();
            if (missing.Count == 0 || healed.Elapsed > Never)
                return healed.Elapsed;
            if (healed.Elapsed > Soon)
                disaster.Ledger.Find($"{fault.Name}, {healed.Elapsed.TotalSeconds:0.0} s after: {string.Join(", ", missing.Take(5))}");
            await Task.Delay(100);
        }
    }

    private static void Forget(Disaster disaster)
    {
        foreach (var account in disaster.Ledger.Accounts)
            _ = (account.Reads.Take(), account.Writes.Take());
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
        Console.WriteLine();
        Console.WriteLine("| fault | times | no total, s | no change, s | back, s | all nodes, s | 503 | no answer | 500 "
            + "| through nginx | failed | what |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var row in rows)
            Console.WriteLine(row.Line());
    }

    private sealed class Row(Fault fault)
    {
        private readonly Dictionary<int, int> statuses = [];
        private int times;
        private long reads;
        private long writes;
        private int balanced;
        private int failed;
        private TimeSpan longestAll;

        public TimeSpan LongestBack { get; private set; }

        public void Add(TimeSpan back, TimeSpan all, long readGap, long writeGap, IEnumerable<KeyValuePair<int, int>> answers,
            IEnumerable<KeyValuePair<int, int>> throughNginx)
        {
            times++;
            (reads, writes) = (Math.Max(reads, readGap), Math.Max(writes, writeGap));
            LongestBack = back > LongestBack ? back : LongestBack;
            longestAll = all > longestAll ? all : longestAll;
            foreach (var (status, count) in answers)
                statuses[status] = statuses.GetValueOrDefault(status) + count;
            foreach (var (status, count) in throughNginx)
                (balanced, failed) = (balanced + count, failed + (status is 0 or >= 500 ? count : 0));
        }

        public string Line() => string.Create(
            CultureInfo.InvariantCulture,
            $"| {fault.Name} | {times} | {reads / 1000.0:0.0} | {writes / 1000.0:0.0} | {LongestBack.TotalSeconds:0.0} "
            + $"| {longestAll.TotalSeconds:0.0} | {Of(503)} | {Of(0)} | {Of(500)} "
            + $"| {balanced} | {failed} | {fault.What} |");

        private int Of(int status) => statuses.GetValueOrDefault(status);
    }
}

using System.Diagnostics;
using System.Globalization;

namespace Lips.Chaos;

/// <summary>What is asked for.</summary>
internal sealed record RunOptions(
    int Seed, TimeSpan Length, int? Faults, IReadOnlyList<string> Only, TimeSpan Away, int Nodes, bool Sabotage);

/// <summary>A run.</summary>
internal static class Run
{
    private const int Advertisers = 20;

    // Until service is back once a fault is healed; design.md's.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Never = TimeSpan.FromMinutes(1);

    public static async Task<int> RunAsync(RunOptions options)
    {
        Console.WriteLine($"{options.Nodes} nodes, {Advertisers} advertisers, seed {options.Seed}");
        await using var cluster = await Cluster.StartAsync(options.Nodes);
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

        var verdict = await Proof.MakeAsync(cluster, load, ledger);
        Print(rows.Values);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""

            {ledger.Accounts.Sum(a => a.Known.Count)} interactions and {ledger.Toggled.Count} that were changed again and again; {ledger.Checked} reads checked.
            lost {verdict.Lost}, doubled {verdict.Doubled}, wrong {verdict.Wrong}, stale {ledger.Stale}
            """));
        var ended = cluster.Nodes.SelectMany(node => node.Ended).GroupBy(code => code).Select(g => $"{g.Count()} with exit code {g.Key}").ToList();
        if (ended.Count > 0)
            Console.WriteLine($"Nodes that ended by themselves and were started again: {string.Join(", ", ended)}");
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
            int[] all = [.. Enumerable.Range(0, disaster.Cluster.Nodes.Count)];
            while (!await disaster.Load.IsServedAsync(all) && healed.Elapsed < Never)
                await Task.Delay(100);
            var row = rows.TryGetValue(fault.Name, out var known) ? known : rows[fault.Name] = new Row(fault);
            row.Add(
                healed.Elapsed,
                disaster.Ledger.Accounts.Max(a => a.Reads.Take()),
                disaster.Ledger.Accounts.Max(a => a.Writes.Take()),
                disaster.Load.TakeStatuses());
            await disaster.PauseAsync(2);
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
        Console.WriteLine("| fault | times | longest without a total, s | without a change, s | back after, s | 503 | no answer | 500 | what |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var row in rows)
            Console.WriteLine(row.Line());
    }

    private sealed class Row(Fault fault)
    {
        private readonly Dictionary<int, int> statuses = [];
        private int times;
        private long reads;
        private long writes;

        public TimeSpan LongestBack { get; private set; }

        public void Add(TimeSpan back, long readGap, long writeGap, IEnumerable<KeyValuePair<int, int>> answers)
        {
            times++;
            (reads, writes) = (Math.Max(reads, readGap), Math.Max(writes, writeGap));
            LongestBack = back > LongestBack ? back : LongestBack;
            foreach (var (status, count) in answers)
                statuses[status] = statuses.GetValueOrDefault(status) + count;
        }

        public string Line() => string.Create(
            CultureInfo.InvariantCulture,
            $"| {fault.Name} | {times} | {reads / 1000.0:0.0} | {writes / 1000.0:0.0} | {LongestBack.TotalSeconds:0.0} | {Of(503)} | {Of(0)} "
            + $"| {Of(500)} | {fault.What} |");

        private int Of(int status) => statuses.GetValueOrDefault(status);
    }
}

using Lips.Testing;
using Npgsql;

namespace Lips.Chaos;

/// <summary>A way to fail.</summary>
/// <param name="Name">In the table and on the command line.</param>
/// <param name="What">What is done.</param>
/// <param name="MakeAsync">Does it, waits, and heals it.</param>
/// <param name="Share">How often it is drawn beside the others: quick ones more often, so that many fit into a run; 0 for never.</param>
/// <param name="MayFailNone">Whether no request through nginx may fail meanwhile.</param>
/// <param name="IsOfDatabase">Whether nobody can write until it is healed, so that only what comes then counts.</param>
/// <param name="IsPossible">Whether this machine can have it; null for any.</param>
internal sealed record Fault(
    string Name, string What, Func<Disaster, Task> MakeAsync, int Share, bool MayFailNone = false, bool IsOfDatabase = false,
    Func<Cluster, bool>? IsPossible = null)
{
    public static IReadOnlyList<Fault> All { get; } =
    [
        new("kill", "kill -9 of a node, started again at its address", KillAsync, 3),
        new("stop", "SIGTERM of a node, started again", StopAsync, 1, MayFailNone: true),
        new("rolling", "SIGTERM of each node in turn, the next when the last is ready", RollAsync, 1, MayFailNone: true),
        new("freeze", "SIGSTOP of a node for longer than the lease, and until the others take it for dead", FreezeAsync, 3),
        new("cut", "a node cut from the database", CutAsync, 12),
        new("lag", "the database's answers to a node held back", LagAsync, 12),
        new("cut-silos", "two nodes cut from each other: connections break, or nothing passes", CutSilosAsync, 6),
        new("clock", "the clock of a node jumps, and back", JumpAsync, 1, IsPossible: cluster => cluster.Clock is not null),
        new("bomb", "bulk loads that unpack to gigabytes of blank lines, whose senders leave", BombAsync, 4),
        new("deaf", "clients that ask for large pages and read nothing", DeafAsync, 15),
        new("kill-database", "kill -9 of PostgreSQL, started again", KillDatabaseAsync, 4, IsOfDatabase: true),
        new("restart-database", "PostgreSQL restarted", RestartDatabaseAsync, 12, IsOfDatabase: true),
        new("freeze-database", "SIGSTOP of PostgreSQL", FreezeDatabaseAsync, 6, IsOfDatabase: true),
        new("connections", "somebody else takes all connections that PostgreSQL has left", ConnectionsAsync, 8),
        new("full", "the disk of the tables is full", FullAsync, 12, IsOfDatabase: true, IsPossible: cluster => cluster.Disk is not null),
        new("terminate", "pg_terminate_backend of all sessions", d => d.ForEachSessionAsync("pg_terminate_backend"), 35),
        new("cancel", "pg_cancel_backend of all sessions", d => d.ForEachSessionAsync("pg_cancel_backend"), 35),
        new("away", "PostgreSQL away for the time of --away; polls must be 503 once the lease is over", AwayAsync, 0, IsOfDatabase: true),
    ];

    private static async Task KillAsync(Disaster d)
    {
        var node = d.AnyNode();
        await node.EndAsync(Signals.Kill);
        await d.PauseAsync(3);
        node.Again();
    }

    private static async Task StopAsync(Disaster d)
    {
        var node = d.AnyNode();
        await node.EndAsync(Signals.Terminate);
        node.Again();
    }

    private static async Task RollAsync(Disaster d)
    {
        foreach (var node in d.Cluster.Nodes)
            await Disaster.RestartAsync(node);
    }

    private static async Task FreezeAsync(Disaster d)
    {
        var node = d.AnyNode();
        var process = node.Process;
        process.Send(Signals.Stop);
        await d.PauseAsync(3, 7);
        process.Send(Signals.Continue);
    }

    private static async Task CutAsync(Disaster d)
    {
        var wire = d.AnyNode().Wire;
        wire.Close();
        await d.PauseAsync(5);
        wire.Open();
    }

    private static async Task LagAsync(Disaster d)
    {
        var wire = d.AnyNode().Wire;
        wire.HoldAnswers();
        await d.PauseAsync(5);
        wire.ReleaseAnswers();
    }

    private static async Task CutSilosAsync(Disaster d)
    {
        Member[] all = [.. d.Cluster.Nodes];
        if (all.Length < 2)
            return;
        d.Random.Shuffle(all);
        var isSilent = d.Random.Next(2) > 0;
        var healed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        all[0].Silos.Cut(all[1], isSilent, healed.Task);
        all[1].Silos.Cut(all[0], isSilent, healed.Task);
        await d.PauseAsync(5);
        healed.SetResult();
    }

    private static async Task JumpAsync(Disaster d)
    {
        var (clock, node) = (d.Cluster.Clock!, d.AnyNode());
        // It has that clock only for so long: asking it takes much of a processor.
        await Disaster.RestartAsync(node, clock);
        int[] minutes = [-24 * 60, -60, -1, 1, 60, 24 * 60];
        clock.Set(TimeSpan.FromMinutes(minutes[d.Random.Next(minutes.Length)]));
        await d.PauseAsync(1, 4);
        clock.Set(TimeSpan.Zero);
        await Disaster.RestartAsync(node);
    }

    private static async Task BombAsync(Disaster d)
    {
        var node = d.AnyNode();
        var before = await node.BusyAsync(TimeSpan.FromSeconds(2));
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Rude.BombAsync(node.Address)));
        // As long as a node has to notice.
        await Task.Delay(TimeSpan.FromSeconds(1));
        var after = await node.BusyAsync(TimeSpan.FromSeconds(2));
        if (after > before + TimeSpan.FromSeconds(1.5))
            d.Ledger.Find(
                $"bomb: {node.Name} was busy for {after.TotalSeconds:0.0} s of the 2 s after, and {before.TotalSeconds:0.0} before");
    }

    private static async Task DeafAsync(Disaster d)
    {
        var node = d.AnyNode();
        var over = Task.Delay(TimeSpan.FromSeconds(1 + d.Random.NextDouble()));
        await Task.WhenAll(Enumerable.Range(0, 30).Select(number =>
            Rude.AskWithoutReadingAsync(node.Address, d.Ledger.Accounts[number % d.Ledger.Accounts.Count].Advertiser, over)));
    }

    private static async Task ConnectionsAsync(Disaster d)
    {
        var taken = new List<NpgsqlConnection>();
        var settings = new NpgsqlConnectionStringBuilder(d.Cluster.Database) { Pooling = false }.ConnectionString;
        try
        {
            while (true)
            {
                var one = new NpgsqlConnection(settings);
                taken.Add(one);
                await one.OpenAsync();
            }
        }
        catch (NpgsqlException)
        {
            // There are no more, or the server has no time to say so.
            await d.PauseAsync(1, 4);
        }

        foreach (var one in taken)
            await one.DisposeAsync();
    }

    private static async Task FullAsync(Disaster d)
    {
        await d.Cluster.Disk!.FillAsync();
        await d.PauseAsync(1, 4);
        await d.Cluster.Disk.EmptyAsync();
    }

    private static async Task KillDatabaseAsync(Disaster d)
    {
        await d.Cluster.KillServerAsync();
        await d.PauseAsync(3);
        await d.Cluster.StartServerAsync();
    }

    private static async Task RestartDatabaseAsync(Disaster d)
    {
        await d.Cluster.StopServerAsync();
        await d.Cluster.StartServerAsync();
    }

    private static async Task FreezeDatabaseAsync(Disaster d)
    {
        var processes = d.Cluster.ServerProcesses();
        foreach (var process in processes)
            Signals.Send(process, Signals.Stop);
        await d.PauseAsync(5);
        foreach (var process in processes.Where(Signals.Exists))
            Signals.Send(process, Signals.Continue);
    }

    private static async Task AwayAsync(Disaster d)
    {
        var before = d.Ended;
        await d.Cluster.StopServerAsync();
        await Task.Delay(TimeSpan.FromSeconds(3));
        d.Load.TakeStatuses();
        await Task.Delay(d.Away);
        var statuses = d.Load.TakeStatuses().All;
        if (statuses.Keys.Any(status => status is 200 or 201 or 500))
            d.Ledger.Find("away: " + string.Join(", ", statuses.Select(s => $"{s.Value} answers of {s.Key}")));
        if (d.Ended != before)
            d.Ledger.Find("away: a node has ended");
        await d.Cluster.StartServerAsync();
    }
}

using Lips.Testing;

namespace Lips.Chaos;

/// <summary>A way to fail.</summary>
/// <param name="Name">In the table and on the command line.</param>
/// <param name="What">What is done.</param>
/// <param name="MakeAsync">Does it, waits, and heals it.</param>
/// <param name="IsUsual">Whether it is among those that are drawn.</param>
/// <param name="MayFailNone">Whether no request through nginx may fail meanwhile.</param>
internal sealed record Fault(string Name, string What, Func<Disaster, Task> MakeAsync, bool IsUsual = true, bool MayFailNone = false)
{
    public static IReadOnlyList<Fault> All { get; } =
    [
        new("kill", "kill -9 of a node, started again at its address", KillAsync),
        new("stop", "SIGTERM of a node, started again", StopAsync, MayFailNone: true),
        new("rolling", "SIGTERM of each node in turn, the next when the last is ready", RollAsync, MayFailNone: true),
        new("freeze", "SIGSTOP of a node for longer than the lease", FreezeAsync),
        new("cut", "a node cut from the database", CutAsync),
        new("lag", "the database's answers to a node held back", LagAsync),
        new("kill-database", "kill -9 of PostgreSQL, started again", KillDatabaseAsync),
        new("restart-database", "PostgreSQL restarted", RestartDatabaseAsync),
        new("freeze-database", "SIGSTOP of PostgreSQL", FreezeDatabaseAsync),
        new("terminate", "pg_terminate_backend of all sessions", d => d.ForEachSessionAsync("pg_terminate_backend")),
        new("cancel", "pg_cancel_backend of all sessions", d => d.ForEachSessionAsync("pg_cancel_backend")),
        new("away", "PostgreSQL away for the time of --away; polls must be 503 once the lease is over", AwayAsync, IsUsual: false),
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
        {
            await node.EndAsync(Signals.Terminate);
            node.Again();
            await node.Process.ReadyAsync();
        }
    }

    private static async Task FreezeAsync(Disaster d)
    {
        var node = d.AnyNode();
        var process = node.Process;
        process.Send(Signals.Stop);
        await d.PauseAsync(12);
        process.Send(Signals.Continue);
    }

    private static async Task CutAsync(Disaster d)
    {
        var wire = d.AnyNode().Wire;
        wire.Close();
        await d.PauseAsync(6);
        wire.Open();
    }

    private static async Task LagAsync(Disaster d)
    {
        var wire = d.AnyNode().Wire;
        wire.HoldAnswers();
        await d.PauseAsync(6);
        wire.ReleaseAnswers();
    }

    private static async Task KillDatabaseAsync(Disaster d)
    {
        await d.Cluster.KillServerAsync();
        await d.PauseAsync(4);
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
        await d.PauseAsync(8);
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

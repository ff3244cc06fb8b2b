using System.Globalization;
using Lips.Postgres;
using Lips.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Lips.Chaos;

/// <summary>A durable PostgreSQL, the nodes on it, and nginx in front of them.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly TempHome home;
    private PrivatePostgres server;
    private readonly Lazy<Task> ending;
    private Balancer? balancer;

    private Cluster(TempHome home, PrivatePostgres server, SmallDisk? disk, int nodes, bool isToBreak)
    {
        (this.home, this.server, Disk) = (home, server, disk);
        ending = new Lazy<Task>(EndAsync);
        Database = server.ConnectionString;
        Clock = isToBreak ? FakeClock.TryFind() : null;
        Nodes = [.. Enumerable.Range(1, nodes).Select(number => new Member(number, Database, () => Nodes ?? []))];
    }

    /// <summary>How the database is reached, past all wires.</summary>
    public string Database { get; }

    /// <summary>The nodes.</summary>
    public IReadOnlyList<Member> Nodes { get; }

    /// <summary>A clock that a node can be started with, and that can be set; null where there is none.</summary>
    public FakeClock? Clock { get; }

    /// <summary>What the tables are on; null where nothing can be mounted.</summary>
    public SmallDisk? Disk { get; }

    /// <summary>Where nginx listens, in front of them.</summary>
    public Uri Address => balancer!.Address;

    /// <summary>What nginx said of requests that it could not pass on.</summary>
    public string NginxErrors => balancer!.Errors;

    /// <summary>Starts it; its nodes are ready.</summary>
    /// <param name="nodes">How many.</param>
    /// <param name="port">Where nginx listens; null for any free port.</param>
    /// <param name="isToBreak">Whether there is a clock, and the tables get a disk, that are there to fail.</param>
    public static async Task<Cluster> StartAsync(int nodes, int? port, bool isToBreak)
    {
        var home = new TempHome();
        var server = await ServeAsync(home);
        var disk = isToBreak ? await SmallDisk.TryMountAsync(server.ConnectionString, server.DataFolder) : null;
        var cluster = new Cluster(home, server, disk, nodes, isToBreak);
        try
        {
            foreach (var node in cluster.Nodes)
                await node.Process.ReadyAsync();
            // A port that was free before the nodes started may be one of theirs now.
            cluster.balancer = await Balancer.StartAsync(cluster.Nodes, port ?? Member.FreePort());
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The processes of the database's server, the first of them its parent.</summary>
    public IReadOnlyList<int> ServerProcesses()
    {
        if (home.Server is not { } parent)
            return [];
        var line = parent.ToString(CultureInfo.InvariantCulture);
        return [parent, .. File.ReadAllText($"/proc/{line}/task/{line}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pid => int.Parse(pid, CultureInfo.InvariantCulture))];
    }

    /// <summary>Stops the database in order.</summary>
    public async Task StopServerAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await server.DisposeAsync();
    }

    /// <summary>Kills the database.</summary>
    public async Task KillServerAsync()
    {
        var processes = ServerProcesses();
        Signals.Send(processes[0], Signals.Kill);
        while (processes.Any(Signals.Exists))
            await Task.Delay(20);
        // Gives the home free.
        await StopServerAsync();
    }

    /// <summary>Starts it again.</summary>
    public async Task StartServerAsync()
    {
        ObjectDisposedException.ThrowIf(ending.IsValueCreated, this);
        server = await ServeAsync(home);
    }

    /// <summary>Ends all of it; whoever calls this later waits for the same end.</summary>
    public ValueTask DisposeAsync() => new(ending.Value);

    private async Task EndAsync()
    {
        if (balancer is not null)
            await balancer.DisposeAsync();
        foreach (var node in Nodes)
            await node.DisposeAsync();
        await StopServerAsync();
        if (Disk is not null)
            await Disk.DisposeAsync();
        Clock?.Dispose();
        home.Dispose();
    }

    private static Task<PrivatePostgres> ServeAsync(TempHome home) => PrivatePostgres.StartAsync(
        new PrivatePostgresOptions
        {
            Home = home.Folder,
            Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["max_connections"] = "200" },
        },
        NullLogger.Instance,
        CancellationToken.None);
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Lips.Testing;

namespace Lips.Chaos;

/// <summary>A node of the cluster, at one address, with a wire of its own to the database. When it ends it is started again.</summary>
internal sealed class Member : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly TempHome home = new();
    private readonly (string Name, string Value)[] settings;
    private readonly CancellationTokenSource over = new();
    private readonly Task supervising;
    private readonly List<LipsProcess> processes = [];
    private volatile LipsProcess process;
    private volatile bool isWanted = true;

    /// <param name="number">Of the node, from 1 on.</param>
    /// <param name="database">How the database is reached past the wire.</param>
    /// <param name="others">All nodes of the cluster.</param>
    public Member(int number, string database, Func<IEnumerable<Member>> others)
    {
        var silo = FreePort();
        Silos = new SiloRelay(silo, others);
        Name = "node " + number.ToString(CultureInfo.InvariantCulture);
        Wire = new PostgresRelay(database);
        Address = new Uri($"http://127.0.0.1:{FreePort()}");
        settings =
        [
            ("ConnectionStrings__Lips", Wire.ConnectionString),
            ("Lips__AdminToken", LipsProcess.Token),
            ("Lips__Limits__DrainSeconds", "3"),
            ("Lips__Proxies", "127.0.0.1"),
            ("Lips__Cluster__Port", Silos.Port.ToString(CultureInfo.InvariantCulture)),
            ("Lips__Cluster__ListenPort", silo.ToString(CultureInfo.InvariantCulture)),
            ("Lips__RateLimit__Burst", "1000000"),
            ("Lips__AuthenticationFailures__Burst", "1000000"),
            ("Logging__Console__FormatterName", "simple"),
            ("Logging__Console__FormatterOptions__TimestampFormat", "HH:mm:ss.fff "),
        ];
        process = Start(null);
        supervising = SuperviseAsync();
    }

    /// <summary>What the table calls it.</summary>
    public string Name { get; }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Between it and the database.</summary>
    public PostgresRelay Wire { get; }

    /// <summary>Between it and the other silos.</summary>
    public SiloRelay Silos { get; }

    /// <summary>All that its processes have printed.</summary>
    public string Log => string.Join("\n----\n", processes.Select(p => p.Output + p.Errors));

    /// <summary>Its process, which changes.</summary>
    public LipsProcess Process => process;

    /// <summary>The exit codes of processes that were not asked to end.</summary>
    public List<int> Ended { get; } = [];

    /// <summary>Kills it, and leaves it dead until <see cref="Again"/>.</summary>
    public async Task EndAsync(int signal)
    {
        isWanted = false;
        process.Send(signal);
        await process.EndAsync();
    }

    /// <summary>Starts it again.</summary>
    /// <param name="clock">Its own clock until it ends; null for the machine's.</param>
    public void Again(FakeClock? clock = null) => (process, isWanted) = (Start(clock), true);

    /// <summary>How much of a processor it takes for so long.</summary>
    public async Task<TimeSpan> BusyAsync(TimeSpan length)
    {
        using var one = System.Diagnostics.Process.GetProcessById(process.Id);
        var before = one.TotalProcessorTime;
        await Task.Delay(length);
        one.Refresh();
        return one.TotalProcessorTime - before;
    }

    /// <summary>Runs a command of lips against the same database.</summary>
    /// <returns>Its exit code and what it printed.</returns>
    public async Task<(int Code, string Output)> CommandAsync(params string[] arguments)
    {
        await using var command = LipsProcess.Run(home, arguments, settings);
        return (await command.EndAsync(), command.Output + command.Errors);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        await supervising;
        foreach (var one in processes)
            await one.DisposeAsync();
        await Wire.DisposeAsync();
        await Silos.DisposeAsync();
        home.Dispose();
        over.Dispose();
    }

    private LipsProcess Start(FakeClock? clock)
    {
        ObjectDisposedException.ThrowIf(over.IsCancellationRequested, this);
        var started = LipsProcess.Run(home, ["serve", "--urls", Address.ToString()], [.. settings, .. clock?.Settings ?? []]);
        processes.Add(started);
        return started;
    }

    private async Task SuperviseAsync()
    {
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(Look);
            // What was executed is not asked for here.
            _ = Wire.TakeStatements();
            if (!isWanted || over.IsCancellationRequested || process.ExitCode is not { } code)
                continue;
            Ended.Add(code);
            process = Start(null);
        }
    }

    /// <summary>A port that is free at this moment.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

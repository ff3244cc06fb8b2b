using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Lips.Postgres;

/// <summary>
/// The private PostgreSQL of one home: made at the first start, started with its host and stopped with it. It listens on a unix
/// socket only, in a folder that nobody but its user can enter.
/// </summary>
public sealed class PrivatePostgres : IAsyncDisposable
{
    private static readonly TimeSpan AttachPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private readonly Func<Task> _release;
    private int _disposed;

    private PrivatePostgres(string home, string dataFolder, string connectionString, bool isAttached, Func<Task> release)
    {
        Home = home;
        DataFolder = dataFolder;
        ConnectionString = connectionString;
        IsAttached = isAttached;
        _release = release;
    }

    /// <summary>The home, absolute and without links.</summary>
    public string Home { get; }

    /// <summary>The cluster's folder; outside of the home when that is closed to the server's user.</summary>
    public string DataFolder { get; }

    /// <summary>Connects Npgsql to the database, as the cluster's superuser, over the socket.</summary>
    public string ConnectionString { get; }

    /// <summary>True when another process runs the server; disposing leaves it running then.</summary>
    public bool IsAttached { get; }

    /// <summary>
    /// Takes the home, makes its cluster when there is none, starts the server (or takes over one that a killed host left
    /// running) and makes the database.
    /// </summary>
    /// <exception cref="PrivatePostgresException">It cannot be done; the message says why and what to do.</exception>
    public static async Task<PrivatePostgres> StartAsync(PrivatePostgresOptions options, ILogger logger, CancellationToken ct)
    {
        RequireUnix();
        var home = options.Home;
        HomeLock? hold = null;
        try
        {
            home = await HomeFolder.PrepareAsync(options.Home, ct);
            hold = await HomeLock.TakeAsync(home, ct);
            return await StartAsync(home, hold, options, logger, ct);
        }
        catch (Exception failure)
        {
            hold?.Dispose();
            if (Failures.Explain(home, failure) is { } explained)
                throw explained;
            throw;
        }
    }

    /// <summary>Connects to the server that a host runs in this home, waiting while it starts; null when no host does.</summary>
    /// <exception cref="PrivatePostgresException">A host has the home, but its server cannot be reached.</exception>
    public static async Task<PrivatePostgres?> TryAttachAsync(PrivatePostgresOptions options, ILogger logger, CancellationToken ct)
    {
        RequireUnix();
        if (!Directory.Exists(options.Home))
            return null;
        try
        {
            return await AttachAsync(await HomeFolder.ResolveAsync(options.Home, ct), options, logger, ct);
        }
        catch (Exception failure) when (Failures.Explain(options.Home, failure) is { } explained)
        {
            throw explained;
        }
    }

    /// <summary>For commands beside a host: attaches when one runs, else starts the server until this is disposed.</summary>
    /// <exception cref="PrivatePostgresException">It cannot be done; the message says why and what to do.</exception>
    public static async Task<PrivatePostgres> AttachOrStartAsync(PrivatePostgresOptions options, ILogger logger, CancellationToken ct) =>
        await TryAttachAsync(options, logger, ct) ?? await StartAsync(options, logger, ct);

    /// <summary>Stops the server (open transactions are rolled back), waits for its end and gives the home free.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            await _release();
    }

    private static async Task<PrivatePostgres> StartAsync(
        string home, HomeLock hold, PrivatePostgresOptions options, ILogger logger, CancellationToken ct)
    {
        var installations = await Task.Run(() => PostgresInstallations.Find(options.BinFolder), ct);
        var state = await StateFolder.PrepareAsync(home, options.ClosedHomesFolder, logger, ct);
        var cluster = new Cluster(state, logger);
        var installation = cluster.Choose(installations);
        await RequireRunnableAsync(installation, state.Account, ct);
        if (!cluster.Exists)
            await cluster.MakeAsync(installation, durable: !IsOff(options.Settings, "fsync"), ct);

        try
        {
            var endpoint = await cluster.AdoptAsync(installation, ct);
            if (endpoint is null)
            {
                var socketFolder = await SocketFolder.PrepareAsync(state, logger, ct);
                endpoint = await cluster.StartAsync(installation, socketFolder, options.Settings, ct);
            }

            await endpoint.MakeDatabaseAsync(options.Database, ct);
            logger.Running(installation.Version, cluster.DataFolder, state.Account.Name);
            return new PrivatePostgres(home, cluster.DataFolder, endpoint.ConnectionString(options.Database), isAttached: false, async () =>
            {
                await cluster.StopAsync(installation);
                await SocketFolder.RemoveAsync(state, endpoint.SocketFolder);
                hold.Dispose();
            });
        }
        catch
        {
            await cluster.StopAsync(installation);
            throw;
        }
    }

    private static async Task<PrivatePostgres?> AttachAsync(
        string home, PrivatePostgresOptions options, ILogger logger, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        while (HomeLock.IsHeld(home))
        {
            if (StateFolder.FindExisting(home, options.ClosedHomesFolder) is { } folder
                && PidFile.Read(Cluster.DataFolderOf(folder)) is { } server)
            {
                var endpoint = new Endpoint(server.SocketFolder, server.Port);
                if (await endpoint.ProbeAsync(options.Database, ct) == EndpointState.Ready)
                {
                    logger.Attached(home);
                    return new PrivatePostgres(
                        home, Cluster.DataFolderOf(folder), endpoint.ConnectionString(options.Database), isAttached: true,
                        () => Task.CompletedTask);
                }
            }

            if (clock.Elapsed > AttachPatience)
            {
                throw new PrivatePostgresException(
                    $"A LIPS host is using the home {home}, but {Environment.UserName} cannot reach its PostgreSQL: run this as the user "
                        + "who runs the host, or wait until the host is ready.");
            }

            await Task.Delay(Poll, ct);
        }

        return null;
    }

    private static async Task RequireRunnableAsync(PostgresInstallation installation, ServerAccount account, CancellationToken ct)
    {
        var seen = await account.ScriptAsync("/", """[ -x "$1" ]""", ct, parameters: installation.Binary("postgres"));
        if (!seen.Succeeded)
        {
            throw new PrivatePostgresException(
                $"The user {account.Name}, who runs PostgreSQL, cannot reach {installation.BinFolder}: "
                    + "set Lips:PostgresBin to binaries that everybody may run.");
        }
    }

    private static bool IsOff(IReadOnlyDictionary<string, string> settings, string name) =>
        settings.TryGetValue(name, out var value) && value is "off" or "false" or "no" or "0";

    private static void RequireUnix()
    {
        if (OperatingSystem.IsWindows())
            throw new PrivatePostgresException(
                "A private PostgreSQL needs Linux or macOS: set ConnectionStrings:Lips to a PostgreSQL that is already there.");
    }
}

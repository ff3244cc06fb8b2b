using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lips.Kernel.Database;

/// <summary>The one database of the service, as all modules reach it.</summary>
public static class LipsDatabase
{
    // Two pages of a list, so that they are not read in small pieces.
    private const int ReadBufferSize = 64 * 1024;

    // What COPY sends at once. A larger piece costs both sides less: with Npgsql's 8 kB a bulk load takes a twentieth more of the
    // processor's time.
    private const int WriteBufferSize = 64 * 1024;

    // At most: as many of them are used as is the node's share (Connections). Of more than the kept ones Npgsql closes every so often as
    // many as were mostly idle when it looked, for nodes that come. A busy node opens them again at once, each for some 60 ms of the
    // server's processor: every 20 seconds, and of all, that held up all nodes' requests for seconds.
    private const int UsualPool = 22;
    private const int Kept = 8;
    private const int IdleSeconds = 60;

    // The server's memory comes from malloc. Glibc's gives it back to the system whenever 128 kB are free, and each group of pages would
    // ask for it again, page fault by page fault; but once it has freed a larger piece in one, it keeps up to twice as much. On others this
    // is a query like any other. Two repeats, because one of a single letter copies letter by letter, for 5 ms; and with a function whose
    // value is not known as it is planned, because the planner would keep a second copy, for 3 ms.
    private const string KeepMemory = "SELECT octet_length(repeat(repeat('x', 1000), 1000 + 0 * pg_backend_pid()))";

    // PostgresErrorCodes has no name for it.
    private const string IdleInTransaction = "25P03";

    // A node that is gone without a word (its machine, the network, a process that is stopped) may hold the locks of advertisers, which
    // nobody else can write then. By the system's defaults the server would learn of it after two hours. Whoever says otherwise in the
    // connection string is heard. Between two statements of a transaction a node computes for a fraction of a second.
    private const string NoticeWhoIsGone =
        "-c idle_in_transaction_session_timeout=30000 -c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 "
            + "-c tcp_user_timeout=30000";

    private static int pools;

    /// <summary>This process among those that use the database, as in "4711@node-2".</summary>
    public static string Node { get; } = string.Create(
        CultureInfo.InvariantCulture, $"{Environment.ProcessId}@{Environment.MachineName}");

    /// <summary>
    /// Opens the pool. What the record's safety rests on is set here and not left to the server's defaults:
    /// <c>synchronous_commit = on</c> (a 2xx means committed), and how it writes times. JIT is off because it costs more than any of our
    /// statements. They are start-up options of the connection. No statement here leaves anything in its session, so the pool need not
    /// reset it between two uses, which would cost the server as much as a small query; a transaction that was left open is rolled back
    /// all the same. Sessions are named after the pool that they are of, as in "lips 1 4711@node-2": those who wait for one of a node that
    /// is stopped see by it which others are.
    /// </summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="loggers">Where Npgsql logs.</param>
    /// <param name="name">What the pool is called in telemetry.</param>
    public static NpgsqlDataSource Open(string connectionString, ILoggerFactory? loggers = null, string name = "lips")
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        settings.Options =
            $"{NoticeWhoIsGone} {settings.Options} -c synchronous_commit=on -c jit=off -c TimeZone=UTC -c DateStyle=ISO".Trim();
        // ContainsKey is no help: of this builder it says which keywords there are, not which were given.
        var given = settings.Keys.ToHashSet(StringComparer.OrdinalIgnoreCase);
        settings.ApplicationName = string.Create(
            CultureInfo.InvariantCulture,
            $"{(given.Contains("Application Name") ? settings.ApplicationName : "lips")} {Interlocked.Increment(ref pools)} {Node}");
        settings.NoResetOnClose = true;
        if (!given.Contains("Maximum Pool Size"))
            settings.MaxPoolSize = UsualPool;
        if (!given.Contains("Minimum Pool Size"))
            settings.MinPoolSize = Math.Min(Kept, settings.MaxPoolSize);
        if (!given.Contains("Connection Idle Lifetime"))
            settings.ConnectionIdleLifetime = IdleSeconds;
        if (!given.Contains("Max Auto Prepare"))
            settings.MaxAutoPrepare = 100;
        // Npgsql's five would have each new session of a server that was away parse everything five times.
        if (!given.Contains("Auto Prepare Min Usages"))
            settings.AutoPrepareMinUsages = 2;
        if (!given.Contains("Read Buffer Size"))
            settings.ReadBufferSize = ReadBufferSize;
        if (!given.Contains("Write Buffer Size"))
            settings.WriteBufferSize = WriteBufferSize;
        if (!given.Contains("Timeout"))
            settings.Timeout = 5;
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString).UsePhysicalConnectionInitializer(Initialize, InitializeAsync);
        if (loggers is not null)
            builder.UseLoggerFactory(loggers);
        builder.Name = name;
        // Statements are traced as part of a request. What the node asks by itself, twice a second, would be all that one sees.
        builder.ConfigureTracing(tracing => tracing.EnablePhysicalOpenTracing(false)
            .ConfigureCommandFilter(_ => Activity.Current is not null)
            .ConfigureBatchFilter(_ => Activity.Current is not null));
        return builder.Build();
    }

    /// <summary>The node that a session or a silo with this name is of; null for an operator's or another program's.</summary>
    public static string? NodeOf(string applicationName) =>
        applicationName[(applicationName.LastIndexOf(' ') + 1)..] is var last && last.Contains('@', StringComparison.Ordinal) ? last : null;

    private static void Initialize(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(KeepMemory, connection);
        command.ExecuteNonQuery();
    }

    private static async Task InitializeAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(KeepMemory, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>
    /// Whether a failure says that the database is away or overloaded, so that the same request may succeed later: answered with 503.
    /// </summary>
    public static bool IsAway(Exception failure) => failure switch
    {
        PostgresException error => error.SqlState[..2] is "08" or "53" or "40"
            || error.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
                or PostgresErrorCodes.DatabaseDropped or PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.LockNotAvailable
                or PostgresErrorCodes.QueryCanceled or IdleInTransaction
                // It accepts no connections, as while it is renamed.
                or PostgresErrorCodes.ObjectNotInPrerequisiteState
            // A session cannot begin, as where a full disk takes no copy of the catalogue ("could not write init file").
            || error is { SqlState: PostgresErrorCodes.InternalError, InvariantSeverity: "FATAL" },
        NpgsqlException or BusyException => true,
        // EF Core wraps what it takes for transient, and once more what happens as it saves.
        InvalidOperationException or DbUpdateException => failure.InnerException is { } inner && IsAway(inner),
        _ => false,
    };
}

using Lips.Counters.Cells;
using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Counters.Contracts;

/// <summary>
/// The one way to change an advertiser's interactions. It takes the locks, in one order for everybody; raises the versions; and commits.
/// One of the two recorded exceptions to "one transaction, one module" (build/decisions/0004-writing.md).
/// </summary>
/// <remarks>
/// Order, the same for every writer, single or bulk: (1) rows of <c>counters.advertisers</c> that are missing are made in a transaction of
/// their own; (2) the advertisers' rows are locked in ascending order by a statement of its own, because a statement that
/// locks and reads at once misses what the previous holder committed; (3) the work reads and writes; (4) versions are raised, commit.
/// Every unique key of the record starts with the advertiser, so two writers can only meet at step 2, and there in one order: no deadlock.
/// </remarks>
public sealed class AdvertiserWrites(NpgsqlDataSource database)
{
    // A deadlock or serialization failure can only come from outside (an operator's own SQL); a few tries outlast it.
    private const int Tries = 5;

    private const string Versions =
        $"SELECT advertiser, version, run IS NOT DISTINCT FROM {AdvertiserVersions.Run} FROM counters.advertisers";

    private const string Lock = $"{Versions} WHERE advertiser = ANY($1) ORDER BY advertiser FOR NO KEY UPDATE";

    private const string Begin = "BEGIN ISOLATION LEVEL READ COMMITTED";

    // Small changes are found by keys, whatever their values: to plan their statements for these would take longer than to run them.
    private const string KeepPlans = "SET LOCAL plan_cache_mode = force_generic_plan";

    // Of many advertisers' changes none waits long for a row that an operator's own SQL has locked.
    private const string WaitShortly = "SET LOCAL lock_timeout = 1000";

    // A node may be stopped (paused, in a debugger) as it sends a batch's rows. COPY waits for them for ever, whatever the server's
    // timeouts, and keeps its locks.
    private const string EndStoppedCopies =
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE pid = ANY(pg_blocking_pids($1)) AND usename = current_user AND state = 'active' AND wait_event = 'ClientRead'
            AND state_change < now() - make_interval(secs => $2)
        """;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2);

    // In seconds, where statements may take as long as they like.
    private const double UsualCommandTime = 30;

    private readonly WriterTurns turns = new();

    /// <summary>Runs the work under the advertisers' locks and commits what it did.</summary>
    /// <param name="advertisers">Every advertiser that the work may change.</param>
    /// <param name="work">Reads and writes through the connection it is given; run again from the start after a deadlock.</param>
    /// <param name="cancellation">Cancels; nothing stays then, unless the commit was already on its way.</param>
    /// <exception cref="NpgsqlException">The database failed; nothing stays, unless the connection broke during the commit.</exception>
    public async Task<T> RunAsync<T>(
        IEnumerable<GlobalId> advertisers, Func<AdvertiserWrite, CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        var ids = advertisers.Select(a => a.Value).Distinct().Order().ToArray();
        using var turn = await turns.TakeAsync(ids, cancellation);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await RunOnceAsync(ids, work, cancellation);
            }
            catch (PostgresException e) when (
                attempt < Tries && e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure)
            {
                await Task.Delay(Random.Shared.Next(5, 50 * attempt), cancellation);
            }
        }
    }

    /// <summary>
    /// Runs the work under the locks of those advertisers that no other writer holds, without waiting for the others, and commits what it
    /// did. Whose things are to be changed is looked up in the same round trip. Which advertisers are held the work asks with <see
    /// cref="AdvertiserWrite.Holds"/>.
    /// </summary>
    /// <param name="owners">The query that gives things and their advertisers, which never change: two columns; its one parameter, an
    /// array, is the keys.</param>
    /// <param name="keys">The things' keys.</param>
    /// <param name="work">Is given the advertisers of those things that there are. Not run again.</param>
    /// <param name="cancellation">Cancels; nothing stays then, unless the commit was already on its way.</param>
    /// <exception cref="NpgsqlException">The database failed; nothing stays, unless the connection broke during the commit.</exception>
    public async Task<T> RunFreeAsync<T>(
        string owners, long[] keys, Func<AdvertiserWrite, IReadOnlyDictionary<long, GlobalId>, CancellationToken, Task<T>> work,
            CancellationToken cancellation)
    {
        await using var lent = await database.LendAsync(cancellation);
        var (found, versions) = (new Dictionary<long, GlobalId>(keys.Length), new Dictionary<long, (long, bool)>(keys.Length));
        var lockFree = $"{Versions} WHERE advertiser IN (SELECT o.advertiser FROM ({owners}) AS o (key, advertiser)) "
            + "FOR NO KEY UPDATE SKIP LOCKED";
        await using (var batch = new NpgsqlBatch(
            lent.Connection)
        { BatchCommands = { new(Begin), new(KeepPlans), new(WaitShortly), Of(owners, keys), Of(lockFree, keys) } })
        {
            await using var row = await batch.ExecuteReaderAsync(cancellation);
            while (await row.ReadAsync(cancellation))
                found.Add(row.GetInt64(0), GlobalId.FromValue(row.GetInt64(1)));
            await row.NextResultAsync(cancellation);
            await ReadVersionsAsync(row, versions, cancellation);
        }

        var write = new AdvertiserWrite(lent.Connection, versions);
        var result = await work(write, found, cancellation);
        await write.CommitAsync(cancellation);
        return result;
    }

    private async Task<T> RunOnceAsync<T>(
        long[] advertisers, Func<AdvertiserWrite, CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        // A connection that is given back inside a transaction is rolled back by the pool, so every way out of here but the commit undoes.
        await using var lent = await database.LendAsync(cancellation);
        var versions = await LockAsync(lent.Connection, advertisers, cancellation);
        if (versions.Count < advertisers.Length)
        {
            await MakeRowsAsync(lent.Connection, advertisers, cancellation);
            versions = await LockAsync(lent.Connection, advertisers, cancellation);
        }

        var write = new AdvertiserWrite(lent.Connection, versions);
        var result = await work(write, cancellation);
        await write.CommitAsync(cancellation);
        return result;
    }

    /// <summary>
    /// Waits for the locks. Who keeps one as it waits for its client's rows, for longer than a statement may take, is ended.
    /// </summary>
    private async Task<Dictionary<long,
        (long Version, bool IsOfThisRun)>> LockAsync(NpgsqlConnection connection, long[] advertisers, CancellationToken cancellation)
    {
        var session = connection.ProcessID;
        var locking = LockAsync();
        while (true)
        {
            await ((Task)locking).WaitAsync(BetweenLooks, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (locking.IsCompleted)
                return await locking;
            await EndStoppedCopiesAsync(session);
        }

        async Task<Dictionary<long, (long Version, bool IsOfThisRun)>> LockAsync()
        {
            var versions = new Dictionary<long, (long, bool)>(advertisers.Length);
            await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new(Begin), Of(Lock, advertisers) } };
            await using var row = await batch.ExecuteReaderAsync(cancellation);
            await ReadVersionsAsync(row, versions, cancellation);
            return versions;
        }
    }

    private async Task EndStoppedCopiesAsync(int waiting)
    {
        try
        {
            await using var end = database.CreateCommand(EndStoppedCopies);
            end.Parameters.Add(new NpgsqlParameter<int> { TypedValue = waiting });
            end.Parameters.Add(new NpgsqlParameter<double> { TypedValue = end.CommandTimeout > 0 ? end.CommandTimeout : UsualCommandTime });
            await end.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // Whoever waits for the lock is told what is wrong with the database, or looks again.
        }
    }

    private static async Task ReadVersionsAsync(
        NpgsqlDataReader row, Dictionary<long, (long Version, bool IsOfThisRun)> versions, CancellationToken cancellation)
    {
        while (await row.ReadAsync(cancellation))
            versions.Add(row.GetInt64(0), (row.GetInt64(1), row.GetBoolean(2)));
    }

    private static async Task MakeRowsAsync(NpgsqlConnection connection, long[] advertisers, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("ROLLBACK"),
                Of("INSERT INTO counters.advertisers (advertiser) SELECT a FROM unnest($1) AS a ORDER BY a ON CONFLICT DO NOTHING",
                    advertisers),
            },
        };
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    private static NpgsqlBatchCommand Of(string sql, long[] values) =>
        new(sql) { Parameters = { new NpgsqlParameter<long[]> { TypedValue = values } } };
}

/// <summary>The writer's transaction, with its advertisers locked.</summary>
public sealed class AdvertiserWrite
{
    private readonly Dictionary<long, (long Version, bool IsOfThisRun)> versions;
    private readonly SortedSet<long> changed = [];
    private readonly CellChanges cells = new();

    internal AdvertiserWrite(NpgsqlConnection connection, Dictionary<long, (long Version, bool IsOfThisRun)> versions)
    {
        Connection = connection;
        this.versions = versions;
        Last = new NpgsqlBatch(connection);
    }

    /// <summary>The connection, inside the transaction.</summary>
    public NpgsqlConnection Connection { get; }

    /// <summary>Statements whose answer the work does not need: they are sent together with the commit, in one round trip.</summary>
    public NpgsqlBatch Last { get; }

    /// <summary>Whether the advertiser is locked: only then may anything of it be changed.</summary>
    public bool Holds(GlobalId advertiser) => versions.ContainsKey(advertiser.Value);

    /// <summary>
    /// The version that the advertiser has once this commits, if something of it was said to have changed: what changed rows are stamped
    /// with.
    /// </summary>
    public long NextVersion(GlobalId advertiser) => NextVersion(advertiser.Value);

    /// <summary>Says that something that a client can see of the advertiser's interactions has changed, beyond what is counted.</summary>
    public void Changed(GlobalId advertiser) => changed.Add(advertiser.Value);

    /// <summary>Sends what <see cref="Last"/> holds now, for work that wants to read what it has written.</summary>
    public async Task SendAsync(CancellationToken cancellation)
    {
        if (Last.BatchCommands.Count == 0)
            return;
        await Last.ExecuteNonQueryAsync(cancellation);
        Last.BatchCommands.Clear();
    }

    /// <summary>Counts an interaction that is new.</summary>
    public void Added(in CountedInteraction interaction)
    {
        cells.Add(interaction);
        Changed(interaction.Advertiser);
    }

    /// <summary>Counts an interaction that has changed.</summary>
    public void Changed(in CountedInteraction before, in CountedInteraction after)
    {
        cells.Change(before, after);
        Changed(after.Advertiser);
    }

    internal async Task CommitAsync(CancellationToken cancellation)
    {
        if (cells.Statement(NextVersion) is { } count)
            Last.BatchCommands.Add(count);
        if (changed.Count > 0)
        {
            Last.BatchCommands.Add(
                new NpgsqlBatchCommand("UPDATE counters.advertisers SET version = version + 1 WHERE advertiser = ANY($1)")
                {
                    Parameters = { new NpgsqlParameter<long[]> { TypedValue = [.. changed] } },
                });
            BeginRun([.. changed.Where(advertiser => !versions[advertiser].IsOfThisRun)]);
        }

        Last.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        await Last.ExecuteNonQueryAsync(cancellation);
        await Last.DisposeAsync();
    }

    private long NextVersion(long advertiser) => versions[advertiser].Version + 1;

    /// <summary>Notes that these advertisers' versions are this run's from now on: once a run and advertiser.</summary>
    private void BeginRun(long[] advertisers)
    {
        if (advertisers.Length == 0)
            return;
        Last.BatchCommands.Add(new NpgsqlBatchCommand(
            $"""
            WITH begun AS (UPDATE counters.advertisers SET run = {AdvertiserVersions.Run}
                WHERE advertiser = ANY($1) RETURNING advertiser, version, run)
            INSERT INTO counters.runs (advertiser, first_version, run) SELECT advertiser, version, run FROM begun
            ON CONFLICT ON CONSTRAINT runs_pkey DO UPDATE SET run = excluded.run
            """)
        {
            Parameters = { new NpgsqlParameter<long[]> { TypedValue = advertisers } },
        });
    }
}

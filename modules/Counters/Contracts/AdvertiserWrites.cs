using Lips.Counters.Cells;
using Lips.Counters.Grains;
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
/// locks and reads at once misses what the previous holder committed; (3) the work reads and writes; (4) versions are raised, commit;
/// (5) the silos that hold the counters are told, and only then is anything acknowledged (build/decisions/0018-lease.md).
/// Every unique key of the record starts with the advertiser, so two writers can only meet at step 2, and there in one order: no deadlock.
/// </remarks>
public sealed class AdvertiserWrites
{
    // A deadlock or serialization failure can only come from outside (an operator's own SQL), and so can the end of a session; a few tries
    // outlast it.
    private const int Tries = 5;

    private const string Versions =
        $"""
        SELECT advertiser, version, run IS NOT DISTINCT FROM {AdvertiserVersions.Run}, {AdvertiserVersions.UpTime}
        FROM counters.advertisers
        """;

    // Behind the lock, in the statement that follows: rule `under-lock`. Index: holders_pkey.
    private const string Holders = "SELECT h.advertiser, h.hold, h.silo FROM counters.holders h WHERE h.advertiser";

    private const string Lock = $"{Versions} WHERE advertiser = ANY($1) ORDER BY advertiser FOR NO KEY UPDATE";

    private const string Begin = "BEGIN ISOLATION LEVEL READ COMMITTED";

    // The database refuses writes of nodes of the version before, which tell no holder.
    private const string TellsHolders = "SET LOCAL lips.tells_holders = 'on'";

    // Small changes are found by keys, whatever their values: to plan their statements for these would take longer than to run them.
    private const string KeepPlans = "SET LOCAL plan_cache_mode = force_generic_plan";

    // Of many advertisers' changes none waits long for a row that an operator's own SQL has locked.
    private const string WaitShortly = "SET LOCAL lock_timeout = 1000";

    private readonly Connections database;
    private readonly HolderCalls calls;
    private readonly StoppedSessions stopped;
    private readonly WriterTurns turns = new();

    /// <summary>Writes of a process that is no silo, such as a command: who holds counters is not told but has them taken away.</summary>
    public AdvertiserWrites(NpgsqlDataSource database)
        : this(new Connections(database), new HolderCalls(new HolderTables(database, ""), new CountersSilo(), null, LeaseRules.All))
    {
    }

    internal AdvertiserWrites(Connections database, HolderCalls calls) =>
        (this.database, this.calls, stopped) = (database, calls, new StoppedSessions(database, calls.Stopped));

    /// <summary>
    /// Runs the work under the advertisers' locks and commits what it did. When this ends, it may be acknowledged.
    /// </summary>
    /// <param name="advertisers">Every advertiser that the work may change.</param>
    /// <param name="work">Reads and writes through the connection it is given; run again from the start after a deadlock.</param>
    /// <param name="cancellation">Cancels; nothing stays then, unless the commit was already on its way.</param>
    /// <exception cref="NpgsqlException">The database failed; nothing stays, unless the connection broke during the commit.</exception>
    public async Task<T> RunAsync<T>(
        IEnumerable<GlobalId> advertisers, Func<AdvertiserWrite, CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        var (result, write) = await RunInTurnAsync([.. advertisers.Select(a => a.Value).Distinct().Order()], work, cancellation);
        await write.MayAcknowledgeAsync();
        return result;
    }

    private async Task<(T Result, AdvertiserWrite Write)> RunInTurnAsync<T>(
        long[] ids, Func<AdvertiserWrite, CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        using var turn = await turns.TakeAsync(ids, cancellation);
        return await RepeatedAsync(() => RunOnceAsync(ids, work, cancellation), cancellation);
    }

    /// <summary>
    /// Runs the work under the locks of those advertisers that no other writer holds, without waiting for the others, and commits what it
    /// did. Whose things are to be changed is looked up in the same round trip. Which advertisers are held the work asks with <see
    /// cref="AdvertiserWrite.Holds"/>.
    /// </summary>
    /// <param name="owners">The query that gives things and their advertisers, which never change: two columns; its one parameter, an
    /// array, is the keys.</param>
    /// <param name="keys">The things' keys.</param>
    /// <param name="work">Is given the advertisers of those things that there are; run again from the start after a deadlock.</param>
    /// <param name="cancellation">Cancels; nothing stays then, unless the commit was already on its way.</param>
    /// <returns>What the work gave, and the write, which says when a change of an advertiser may be acknowledged.</returns>
    /// <exception cref="NpgsqlException">The database failed; nothing stays, unless the connection broke during the commit.</exception>
    public async Task<(T Result, AdvertiserWrite Write)> RunFreeAsync<T>(
        string owners, long[] keys, Func<AdvertiserWrite, IReadOnlyDictionary<long, GlobalId>, CancellationToken, Task<T>> work,
            CancellationToken cancellation)
        => await RepeatedAsync(() => RunFreeOnceAsync(owners, keys, work, cancellation), cancellation);

    /// <summary>
    /// Runs a transaction, and again where nothing of it can have stayed: the database chose it in a deadlock, or its session was ended
    /// before the commit was sent.
    /// </summary>
    private static async Task<T> RepeatedAsync<T>(Func<Task<T>> runAsync, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await runAsync();
            }
            catch (NpgsqlException e) when (attempt < Tries && (
                e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure || IsEndOfSession(e)))
            {
                await Task.Delay(Random.Shared.Next(5, 50 * attempt), cancellation);
            }
        }
    }

    /// <summary>Whether the session ended, in a statement: not as it was opened, and not because time ran out.</summary>
    internal static bool IsEndOfSession(NpgsqlException failure) =>
        failure.SqlState == PostgresErrorCodes.AdminShutdown || failure.InnerException is IOException;

    private Task<(T Result, AdvertiserWrite Write)> RunFreeOnceAsync<T>(
        string owners, long[] keys, Func<AdvertiserWrite, IReadOnlyDictionary<long, GlobalId>, CancellationToken, Task<T>> work,
            CancellationToken cancellation) =>
        database.RunAsync(async connection =>
        {
            var (found, locked) = (new Dictionary<long, GlobalId>(keys.Length), new LockedAdvertisers());
            // An array is sought in the index; a join would read the whole table in a plan for any number of keys.
            var those = $"= ANY(ARRAY(SELECT o.advertiser FROM ({owners}) AS o (key, advertiser)))";
            var lockFree = $"{Versions} WHERE advertiser {those} FOR NO KEY UPDATE SKIP LOCKED";
            await using (var batch = new NpgsqlBatch(connection)
            {
                BatchCommands =
                {
                    new(Begin), new(KeepPlans), new(WaitShortly), new(TellsHolders), Of(owners, keys), Of(lockFree, keys),
                    Of($"{Holders} {those}", keys),
                },
            })
            {
                await using var row = await batch.ExecuteReaderAsync(cancellation);
                while (await row.ReadAsync(cancellation))
                    found.Add(row.GetInt64(0), GlobalId.FromValue(row.GetInt64(1)));
                await row.NextResultAsync(cancellation);
                await locked.ReadAsync(row, cancellation);
            }

            var write = new AdvertiserWrite(connection, locked, calls);
            var result = await work(write, found, cancellation);
            await write.CommitAsync(cancellation);
            return (result, write);
        }, cancellation);

    // A connection that is given back inside a transaction is rolled back by the pool, so every way out of here but the commit undoes.
    private Task<(T Result, AdvertiserWrite Write)> RunOnceAsync<T>(
        long[] advertisers, Func<AdvertiserWrite, CancellationToken, Task<T>> work, CancellationToken cancellation) =>
        database.RunAsync(async connection =>
        {
            var locked = await LockAsync(connection, advertisers, cancellation);
            if (locked.Count < advertisers.Length)
            {
                await MakeRowsAsync(connection, advertisers, cancellation);
                locked = await LockAsync(connection, advertisers, cancellation);
            }

            var write = new AdvertiserWrite(connection, locked, calls);
            var result = await work(write, cancellation);
            await write.CommitAsync(cancellation);
            return (result, write);
        }, cancellation);

    /// <summary>Waits for the locks, and ends sessions that keep one while their node is stopped.</summary>
    private Task<LockedAdvertisers> LockAsync(NpgsqlConnection connection, long[] advertisers, CancellationToken cancellation)
    {
        var session = connection.ProcessID;
        var locking = LockAsync();
        _ = stopped.WatchAsync(session, locking);
        return locking;

        async Task<LockedAdvertisers> LockAsync()
        {
            var locked = new LockedAdvertisers();
            await using var batch = new NpgsqlBatch(connection)
            {
                BatchCommands = { new(Begin), new(TellsHolders), Of(Lock, advertisers), Of($"{Holders} = ANY($1)", advertisers) },
            };
            await using var row = await batch.ExecuteReaderAsync(cancellation);
            await locked.ReadAsync(row, cancellation);
            return locked;
        }
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

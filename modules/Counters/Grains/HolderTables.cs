using Lips.Counters.Cells;
using Lips.Counters.Contracts;
using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Counters.Grains;

/// <summary>What was read of an advertiser's counters, in one snapshot.</summary>
/// <param name="Epoch">The history of the database that the version is of.</param>
/// <param name="Version">The version.</param>
/// <param name="Since">The version that was known; -1 when it is not to be trusted.</param>
/// <param name="Cells">The cells that are newer than that, as they are.</param>
/// <param name="TookOver">Whether another hold was ended for this one.</param>
internal sealed record HoldReading(string Epoch, long Version, long Since, List<CellChange> Cells, bool TookOver);

/// <summary>What a look saw.</summary>
/// <param name="Epoch">The present history of the database.</param>
/// <param name="Revoked">The holds of this silo that were revoked in the last minute.</param>
internal sealed record LookReading(string Epoch, long[] Revoked);

/// <summary>The statements of holds: <c>counters.holders</c> and <c>counters.ended_holds</c>, and the cells that a hold is of.</summary>
/// <param name="database">A small pool of its own: one that lists and writers have drained must not hold up the counters.</param>
/// <param name="silo">The name of this process, which no other one ever has; its end is the <see cref="LipsDatabase.Node"/>.</param>
internal sealed class HolderTables(NpgsqlDataSource database, string silo)
{
    // A writer that keeps the advertiser locked for longer does not hold up reads, which then ask the database each time.
    private const string WaitShortly = "SET LOCAL lock_timeout = 500";

    // With a crash of the server all holds end, so they need not wait for its disk.
    private const string KeepNothing = "SET LOCAL synchronous_commit = off";

    private const string Make = "INSERT INTO counters.advertisers (advertiser) VALUES ($1) ON CONFLICT DO NOTHING";

    private const string Lock = "SELECT FROM counters.advertisers WHERE advertiser = $1 FOR NO KEY UPDATE";

    // Epoch, version and cells come from one snapshot. Indexes: advertisers_pkey, cells_by_version. OFFSET 0 keeps the planner from using a
    // filter, and not the index, to find the newer cells. A checkpoint ($3 is its epoch, else null) is of another history; or of a version
    // that is not there, because rows were put back by hand; or older than a rebuild, whose advertiser's cells may have been deleted by
    // hand: then all cells are read.
    private const string Read =
        $"""
        WITH own AS MATERIALIZED (
            SELECT {AdvertiserVersions.RunText} AS epoch, {Quiet} AS quiet, coalesce(a.version, 0) AS version,
                CASE WHEN $3 IS NULL OR ($3 = {AdvertiserVersions.RunText} AND $2 BETWEEN coalesce(a.rebuilt, 0) AND a.version) THEN $2
                    ELSE -1 END AS since
            FROM (SELECT) x LEFT JOIN counters.advertisers a ON a.advertiser = $1
        )
        SELECT epoch, quiet, version, since,
            NULL::date AS day, NULL::bigint AS campaign, NULL::smallint AS kind, NULL::smallint AS channel, NULL::boolean AS has_wpc,
            NULL::integer AS total, NULL::integer AS unread, NULL::integer AS important, NULL::integer AS archived_total,
            NULL::integer AS archived_unread, NULL::integer AS archived_important
        FROM own
        UNION ALL
        SELECT NULL, NULL, NULL, NULL, c.* FROM (
            SELECT day, campaign, kind, channel, has_wpc, total, unread, important, archived_total, archived_unread, archived_important
            FROM counters.cells WHERE advertiser = $1 AND version > (SELECT since FROM own) OFFSET 0
        ) c
        """;

    // The rule `quiet`: for so long after a start of the server, silos may still serve what an earlier history of it had.
    // In seconds, as long as it lasts above 0.
    private const string Quiet = $"2 - {AdvertiserVersions.UpTime}";
    private const string IsQuiet = $"{Quiet} > 0";

    // Behind the lock, in a statement of its own, and just before the commit: rules `share`, `excl`, `commit-soon`. Any row counts as
    // another's, also one of this silo: rule `own`.
    private const string Take =
        $"""
        WITH old AS (SELECT h.hold, h.silo FROM counters.holders h WHERE h.advertiser = $1 AND NOT {IsQuiet}),
        taken AS (
            INSERT INTO counters.holders (advertiser, hold, silo) SELECT $1, $2, $3 WHERE NOT {IsQuiet}
            ON CONFLICT ON CONSTRAINT holders_pkey DO UPDATE SET hold = excluded.hold, silo = excluded.silo
        ),
        ended AS (INSERT INTO counters.ended_holds SELECT hold, silo, clock_timestamp(), false FROM old)
        SELECT EXISTS (SELECT FROM old)
        """;

    private const string Look =
        $"""
        SELECT {AdvertiserVersions.RunText}, ARRAY(
            SELECT e.hold FROM counters.ended_holds e
            WHERE e.silo = $1 AND e.ended_at > clock_timestamp() - make_interval(secs => $2) AND NOT e.has_left)
        """;

    // Index: holders_pkey.
    private const string GiveBack =
        """
        WITH gone AS (
            DELETE FROM counters.holders h USING unnest($1, $2) AS g(advertiser, hold)
            WHERE h.advertiser = g.advertiser AND h.hold = g.hold RETURNING h.hold, h.silo
        )
        INSERT INTO counters.ended_holds SELECT hold, silo, clock_timestamp(), true FROM gone
        """;

    private const string Revoke = "INSERT INTO counters.ended_holds VALUES ($1, $2, clock_timestamp(), false)";

    // Index: ended_holds_by_hold.
    private const string Left = "SELECT EXISTS (SELECT FROM counters.ended_holds WHERE hold = $1 AND has_left)";

    private const string Remove = "DELETE FROM counters.holders WHERE advertiser = $1 AND hold = $2";

    // The rows of all holds are read: seldom, and there are no more than advertisers in memory.
    private const string RevokeOfSilos =
        """
        INSERT INTO counters.ended_holds SELECT h.hold, h.silo, clock_timestamp(), false FROM counters.holders h WHERE h.silo = ANY($1)
        RETURNING hold
        """;

    private const string RemoveOfSilos = "DELETE FROM counters.holders WHERE silo = ANY($1) AND hold = ANY($2)";

    private const string Forget = "DELETE FROM counters.ended_holds WHERE ended_at < clock_timestamp() - make_interval(secs => $1)";

    private const string Versions = "SELECT a.advertiser, a.version FROM counters.advertisers a WHERE a.advertiser = ANY($1)";

    // In seconds.
    private static readonly int LongestLook = (int)LeaseTimes.Lease.TotalSeconds;

    private LookSession? looks;

    // Until when it is quiet, by Environment.TickCount64: what one was told, the others need no connection for.
    private long quietUntil;

    /// <summary>The name of this process, which no other one ever has.</summary>
    public string Silo => silo;

    /// <summary>
    /// Takes the hold of an advertiser and reads what is newer than a version: rule `share`, under the lock of its writers. One
    /// transaction; the row that ends another hold is written last, just before the commit: rule `commit-soon`.
    /// </summary>
    /// <param name="advertiser">Whose counters.</param>
    /// <param name="hold">The hold, chosen by the caller: rule `pending`.</param>
    /// <param name="known">The version that is known; -1 for none.</param>
    /// <param name="epoch">The history that it is of, where that is known from a checkpoint.</param>
    /// <returns>Null when a writer keeps the advertiser locked for long.</returns>
    public async Task<HoldReading?> TakeAsync(long advertiser, long hold, long known, string? epoch = null)
    {
        while (true)
        {
            await QuietAsync();
            try
            {
                await using var connection = await database.OpenConnectionAsync();
                await using var batch = new NpgsqlBatch(connection)
                {
                    BatchCommands =
                    {
                        new("BEGIN ISOLATION LEVEL READ COMMITTED"), new(WaitShortly), new(KeepNothing), Of(Make, advertiser),
                        Of(Lock, advertiser), Reading(advertiser, known, epoch),
                        new(Take) { Parameters = { Value(advertiser), Value(hold), Value(silo) } }, new("COMMIT"),
                    },
                };
                await using var row = await batch.ExecuteReaderAsync();
                await row.NextResultAsync();
                var reading = await ReadAsync(row);
                await row.NextResultAsync();
                await row.ReadAsync();
                var tookOver = row.GetBoolean(0);
                // To the end, so that a commit that fails is known.
                while (await row.NextResultAsync())
                {
                }

                if (reading is not null)
                    return reading with { TookOver = tookOver };
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                return null;
            }
        }
    }

    /// <summary>Reads what is newer than a version, without a hold: what was committed before this call is in it.</summary>
    /// <param name="advertiser">Whose counters.</param>
    /// <param name="known">The version that is known; -1 for none.</param>
    public async Task<HoldReading> NewerAsync(long advertiser, long known)
    {
        while (true)
        {
            await QuietAsync();
            await using var connection = await database.OpenConnectionAsync();
            await using var batch = new NpgsqlBatch(connection) { BatchCommands = { Reading(advertiser, known, null) } };
            await using var row = await batch.ExecuteReaderAsync();
            if (await ReadAsync(row) is { } reading)
                return reading;
        }
    }

    /// <summary>Looks for revoked holds: one query on a connection that is kept for it, whatever the number of holds.</summary>
    public async Task<LookReading> LookAsync()
    {
        try
        {
            looks ??= await LookSession.OpenAsync(database, silo);
            return await looks.ReadAsync();
        }
        catch
        {
            await CloseLooksAsync();
            // What ended this connection has ended those that wait in the pool: each would cost a look.
            database.Clear();
            throw;
        }
    }

    /// <summary>Gives the connection of the looks back.</summary>
    public async ValueTask CloseLooksAsync()
    {
        if (Interlocked.Exchange(ref looks, null) is { } last)
            await last.DisposeAsync();
    }

    /// <summary>The versions of advertisers that have any.</summary>
    public async Task<List<(long Advertiser, long Version)>> VersionsAsync(long[] advertisers)
    {
        var versions = new List<(long, long)>(advertisers.Length);
        await using var command = database.CreateCommand(Versions);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = advertisers });
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
            versions.Add((row.GetInt64(0), row.GetInt64(1)));
        return versions;
    }

    /// <summary>Gives holds back, those whose rows still name them: rule `release-id`.</summary>
    public async Task GiveBackAsync(IReadOnlyCollection<AdvertiserHold> holds)
    {
        await using var connection = await database.OpenConnectionAsync();
        await GiveBackAsync(connection, holds, connection.CommandTimeout);
    }

    /// <summary>The same amid the looks, on their connection: when all go at once, others wait for those of the pool.</summary>
    public Task GiveBackAtLookAsync(IReadOnlyCollection<AdvertiserHold> holds) => GiveBackAsync(looks!.Connection, holds, LongestLook);

    private static async Task GiveBackAsync(NpgsqlConnection connection, IReadOnlyCollection<AdvertiserHold> holds, int longest)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            Timeout = longest,
            BatchCommands =
            {
                new("BEGIN"), new(KeepNothing),
                new(GiveBack)
                {
                    Parameters = { Value(holds.Select(h => h.Advertiser).ToArray()), Value(holds.Select(h => h.Id).ToArray()) },
                },
                new("COMMIT"),
            },
        };
        await batch.ExecuteNonQueryAsync();
    }

    /// <summary>Whether the hold was given back in order.</summary>
    public async Task<bool> HasLeftAsync(long hold)
    {
        await using var command = database.CreateCommand(Left);
        command.Parameters.Add(Value(hold));
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Ends a hold that does not answer: rule `signal`. Its silo sees it with its next look.</summary>
    public async Task<int> RevokeAsync(long hold, string ofSilo)
    {
        await using var command = database.CreateCommand(Revoke);
        command.Parameters.Add(Value(hold));
        command.Parameters.Add(Value(ofSilo));
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>Removes the row of a hold that was revoked, if it still names it.</summary>
    public async Task<int> RemoveAsync(long advertiser, long hold)
    {
        await using var command = database.CreateCommand(Remove);
        command.Parameters.Add(Value(advertiser));
        command.Parameters.Add(Value(hold));
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>Ends all holds of some silos: rule `signal`.</summary>
    /// <returns>Those that are ended.</returns>
    public async Task<long[]> RevokeAsync(string[] ofSilos)
    {
        var ended = new List<long>();
        await using var command = database.CreateCommand(RevokeOfSilos);
        command.Parameters.Add(Value(ofSilos));
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
            ended.Add(row.GetInt64(0));
        return [.. ended];
    }

    /// <summary>Removes the rows of holds of some silos that were revoked, where they still name them.</summary>
    public async Task RemoveAsync(string[] ofSilos, long[] holds)
    {
        await using var command = database.CreateCommand(RemoveOfSilos);
        command.Parameters.Add(Value(ofSilos));
        command.Parameters.Add(Value(holds));
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Forgets ended holds that no look asks for any more.</summary>
    public async Task ForgetAsync()
    {
        await using var command = database.CreateCommand(Forget);
        command.Parameters.Add(Value(2 * LeaseTimes.Window.TotalSeconds));
        await command.ExecuteNonQueryAsync();
    }

    private static NpgsqlBatchCommand Reading(long advertiser, long known, string? epoch) =>
        new(Read) { Parameters = { Value(advertiser), Value(known), new NpgsqlParameter<string?> { TypedValue = epoch } } };

    private static NpgsqlBatchCommand Of(string sql, long advertiser) => new(sql) { Parameters = { Value(advertiser) } };

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };

    /// <summary>Waits while it is quiet, as far as that is known.</summary>
    private async Task QuietAsync()
    {
        while (Volatile.Read(ref quietUntil) - Environment.TickCount64 is > 0 and var left)
            await Task.Delay(TimeSpan.FromMilliseconds(left));
    }

    // Null while it is quiet.
    private async Task<HoldReading?> ReadAsync(NpgsqlDataReader row)
    {
        var cells = new List<CellChange>();
        var (epoch, quiet, version, since) = ("", 0.0, 0L, -1L);
        while (await row.ReadAsync())
        {
            Add(row);
        }

        if (quiet <= 0)
            return new HoldReading(epoch, version, since, cells, TookOver: false);
        Volatile.Write(ref quietUntil, Environment.TickCount64 + (long)Math.Ceiling(quiet * 1000));
        return null;

        void Add(NpgsqlDataReader one)
        {
            if (one.IsDBNull(4))
                (epoch, quiet, version, since) = (one.GetString(0), one.GetDouble(1), one.GetInt64(2), one.GetInt64(3));
            else
                cells.Add(new CellChange(KeyOf(one), TallyOf(one)));
        }
    }

    private static CellKey KeyOf(NpgsqlDataReader row) => new(
        row.GetFieldValue<DateOnly>(4).DayNumber, row.GetInt64(5), (EventKind)row.GetInt16(6), (Channel)row.GetInt16(7), row.GetBoolean(8));

    private static Tally TallyOf(NpgsqlDataReader row) => new(
        row.GetInt32(9), row.GetInt32(10), row.GetInt32(11), row.GetInt32(12), row.GetInt32(13), row.GetInt32(14));

    private sealed class LookSession : IAsyncDisposable
    {
        private readonly NpgsqlCommand look;

        private LookSession(NpgsqlConnection connection, string silo) => (Connection, look) = (
            connection,
            new NpgsqlCommand(Look, connection)
            {
                CommandTimeout = LongestLook,
                Parameters = { Value(silo), Value(LeaseTimes.Window.TotalSeconds) },
            });

        public NpgsqlConnection Connection { get; }

        public static async Task<LookSession> OpenAsync(NpgsqlDataSource database, string silo) =>
            new(await database.OpenConnectionAsync(), silo);

        public async Task<LookReading> ReadAsync()
        {
            await using var row = await look.ExecuteReaderAsync();
            await row.ReadAsync();
            return new LookReading(row.GetString(0), await row.GetFieldValueAsync<long[]>(1));
        }

        public async ValueTask DisposeAsync()
        {
            await look.DisposeAsync();
            try
            {
                await Connection.DisposeAsync();
            }
            catch (NpgsqlException)
            {
                // Lost: that is why it is closed.
            }
        }
    }
}

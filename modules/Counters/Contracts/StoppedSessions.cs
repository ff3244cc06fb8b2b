using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Counters.Contracts;

/// <summary>
/// Ends sessions that keep a writer waiting while their node is stopped (a paused machine, a debugger) between two statements of a
/// transaction, or as it sends a batch's rows, for which COPY waits whatever the server's timeouts. Their locks stay until then. The
/// node's other sessions in the line end with it. A node that was not stopped after all runs their transactions again.
/// </summary>
/// <param name="database">Where a connection beside those of the writers comes from.</param>
/// <param name="found">Is told the node of each session that is found stopped, before that is ended.</param>
internal sealed class StoppedSessions(Connections database, Action<string> found)
{
    // How often a writer that waits looks, and when it begins to: those who wait for less are many when the machine is busy.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan UntilFirstLook = TimeSpan.FromMilliseconds(500);

    // In seconds. Others wait for the answer of a look, which may have been lost with its connection.
    private const int LongestLook = 5;

    // A session is ended once it has done nothing for so long, by the database's clock. A live node computes for a fraction of a second.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    // And once it was seen doing nothing so often in a row: while the database itself is stopped nobody can do anything.
    private const int LooksUntilEnd = 3;

    // Of a batch that is being sent the database does not say since when nothing came.
    private const int LooksUntilEndOfBatch = 6;

    // Those who wait form a line, and each blocks the one behind it.
    private const string Line =
        """
        WITH RECURSIVE blockers (pid) AS (
            SELECT unnest(pg_blocking_pids($1))
            UNION
            SELECT unnest(pg_blocking_pids(b.pid)) FROM blockers b
        )
        SELECT pid, state_change, application_name,
            state LIKE 'idle in transaction%' OR (state = 'active' AND wait_event IS NOT DISTINCT FROM 'ClientRead'),
            clock_timestamp() - state_change >= $2, state = 'active'
        FROM blockers JOIN pg_stat_activity USING (pid)
        WHERE usename = current_user AND state IS NOT NULL
        """;

    // Only while it still does the same; the last of the line first, so that none gets the lock meanwhile.
    private const string End =
        """
        SELECT pg_terminate_backend(pid) FROM (
            SELECT a.pid FROM unnest($1, $2) WITH ORDINALITY AS s (pid, since, place)
            JOIN pg_stat_activity a ON a.pid = s.pid AND a.state_change = s.since
            ORDER BY place
            OFFSET 0) line
        """;

    // One looks at a time, or the looks of all who wait would take a connection each.
    private readonly SemaphoreSlim looking = new(1);

    /// <summary>
    /// Looks again and again, while a session waits for locks, who keeps it waiting while it is stopped itself, and ends that session when
    /// it has been so for long. Does not fail.
    /// </summary>
    /// <param name="waiter">The session.</param>
    /// <param name="locking">Ends when it has its locks.</param>
    public async Task WatchAsync(int waiter, Task locking)
    {
        Dictionary<Session, int> seen = [];
        for (var pause = UntilFirstLook; ; pause = BetweenLooks)
        {
            await locking.WaitAsync(pause, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (locking.IsCompleted)
                return;
            await looking.WaitAsync(CancellationToken.None);
            try
            {
                var before = seen;
                if (!locking.IsCompleted)
                    seen = await database.RunBesideAsync(connection => LookAsync(connection, waiter, before), CancellationToken.None);
            }
            catch (NpgsqlException)
            {
                // The request that waits for the lock is told what is wrong with the database, or looks again.
                seen = [];
            }
            finally
            {
                looking.Release();
            }
        }
    }

    /// <returns>Whom it saw doing nothing, and how often in a row.</returns>
    private async Task<Dictionary<Session, int>> LookAsync(
        NpgsqlConnection connection, int waiter, Dictionary<Session, int> before)
    {
        var (seen, stopped, waiting) = (new Dictionary<Session, int>(), new List<Session>(), new List<Session>());
        await using (var look = new NpgsqlCommand(Line, connection) { CommandTimeout = LongestLook })
        {
            look.Parameters.Add(new NpgsqlParameter<int> { TypedValue = waiter });
            look.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = Patience });
            await using var row = await look.ExecuteReaderAsync(CancellationToken.None);
            while (await row.ReadAsync(CancellationToken.None))
            {
                var session = new Session(row.GetInt32(0), row.GetDateTime(1), row.GetString(2));
                if (!row.GetBoolean(3))
                {
                    waiting.Add(session);
                    continue;
                }

                seen.Add(session, before.GetValueOrDefault(session) + 1);
                if (row.GetBoolean(4) && seen[session] >= (row.GetBoolean(5) ? LooksUntilEndOfBatch : LooksUntilEnd))
                    stopped.Add(session);
            }
        }

        if (stopped.Count == 0)
            return seen;
        // The line behind it is mostly of the same node, and each of its sessions would stop in turn as it gets the lock.
        var pools = stopped.Select(s => s.Pool).Where(pool => LipsDatabase.NodeOf(pool) is not null).ToHashSet(StringComparer.Ordinal);
        List<Session> ending = [.. waiting.Where(s => pools.Contains(s.Pool)), .. stopped];
        foreach (var node in pools.Select(LipsDatabase.NodeOf).OfType<string>())
            found(node);
        await using var end = new NpgsqlCommand(End, connection) { CommandTimeout = LongestLook };
        end.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. ending.Select(s => s.Pid)] });
        end.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. ending.Select(s => s.Since)] });
        await end.ExecuteNonQueryAsync(CancellationToken.None);
        return seen;
    }

    /// <param name="Pid">The server's process.</param>
    /// <param name="Since">When it began what it does, by the database's clock.</param>
    /// <param name="Pool">Whose it is: <see cref="LipsDatabase.Open"/> names sessions after their pool. Others have any name.</param>
    private readonly record struct Session(int Pid, DateTime Since, string Pool);
}

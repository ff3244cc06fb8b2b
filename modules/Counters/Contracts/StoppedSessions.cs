using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Counters.Contracts;

/// <summary>
/// Ends sessions that keep a writer waiting while their node is stopped (a paused machine, a debugger) between two statements of a
/// transaction, or as it sends a batch's rows, for which COPY waits whatever the server's timeouts. Their locks stay until then.
/// </summary>
/// <param name="database">Where a connection of its own comes from.</param>
internal sealed class StoppedSessions(Connections database)
{
    /// <summary>How often a writer that waits looks.</summary>
    public static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    // A session is ended once it has done nothing for so long, by the database's clock. A live node computes for a fraction of a second.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // The line behind it is mostly of the same node, and each of its sessions stops in turn as it gets the lock.
    private static readonly TimeSpan PatienceThen = TimeSpan.FromSeconds(0.75);

    // And once it was seen doing nothing so often in a row: while the database itself is stopped nobody can do anything.
    private const int LooksUntilEnd = 3;

    // Of a batch that is being sent the database does not say since when nothing came.
    private const int LooksUntilEndOfBatch = 8;

    // Those who wait form a line, and each blocks the one behind it.
    private const string Stopped =
        """
        WITH RECURSIVE blockers (pid) AS (
            SELECT unnest(pg_blocking_pids($1))
            UNION
            SELECT unnest(pg_blocking_pids(b.pid)) FROM blockers b
        )
        SELECT pid, state_change, clock_timestamp() - state_change >= $2, state = 'active' FROM blockers JOIN pg_stat_activity USING (pid)
        WHERE usename = current_user AND (state LIKE 'idle in transaction%' OR (state = 'active' AND wait_event = 'ClientRead'))
        """;

    // Only while it still does the same.
    private const string End =
        "SELECT pg_terminate_backend(a.pid) FROM unnest($1, $2) AS s (pid, since) JOIN pg_stat_activity a ON a.pid = s.pid AND "
            + "a.state_change = s.since";

    private Dictionary<(int Pid, DateTime Since), int> seen = [];
    private TimeSpan patience = Patience;

    /// <summary>Looks who keeps a session waiting while it is stopped itself, and ends it when that has been so for long.</summary>
    /// <param name="waiting">The session, the same at each call.</param>
    public async Task LookAsync(int waiting)
    {
        var (before, ending) = (seen, new List<(int Pid, DateTime Since)>());
        seen = [];
        try
        {
            await using var lent = await database.LendBesideAsync(CancellationToken.None);
            await using (var look = new NpgsqlCommand(Stopped, lent.Connection))
            {
                look.Parameters.Add(new NpgsqlParameter<int> { TypedValue = waiting });
                look.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = patience });
                await using var row = await look.ExecuteReaderAsync(CancellationToken.None);
                while (await row.ReadAsync(CancellationToken.None))
                {
                    var session = (row.GetInt32(0), row.GetDateTime(1));
                    seen.Add(session, before.GetValueOrDefault(session) + 1);
                    if (row.GetBoolean(2) && seen[session] >= (row.GetBoolean(3) ? LooksUntilEndOfBatch : LooksUntilEnd))
                        ending.Add(session);
                }
            }

            if (ending.Count == 0)
                return;
            patience = PatienceThen;
            await using var end = new NpgsqlCommand(End, lent.Connection);
            end.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. ending.Select(s => s.Pid)] });
            end.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. ending.Select(s => s.Since)] });
            await end.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // The request that waits for the lock is told what is wrong with the database, or looks again.
        }
    }
}

using Lips.Audit.Contracts;
using Lips.Kernel;
using Npgsql;

namespace Lips.Counters.Contracts;

/// <summary>Compares cells with a recount, and makes them equal again: for after changes that were made by hand in SQL.</summary>
public sealed class CellVerification(NpgsqlDataSource database, AdvertiserWrites writes, CountedRows rows, AuditTrail trail) : IRecordCheck
{
    // The rule of CellChanges.Count in SQL; a test holds the two together.
    private string Differences =>
        $"""
        WITH recount AS (
            SELECT (occurred_at AT TIME ZONE 'UTC')::date AS day, coalesce(campaign, 0) AS campaign, kind, channel, has_wpc,
                count(*) FILTER (WHERE NOT archived)::integer AS total,
                count(*) FILTER (WHERE NOT archived AND NOT read)::integer AS unread,
                count(*) FILTER (WHERE NOT archived AND important)::integer AS important,
                count(*) FILTER (WHERE archived)::integer AS archived_total,
                count(*) FILTER (WHERE archived AND NOT read)::integer AS archived_unread,
                count(*) FILTER (WHERE archived AND important)::integer AS archived_important
            FROM ({rows.Sql}) i
            GROUP BY 1, 2, 3, 4, 5
        ), difference AS (
            SELECT day, campaign, kind, channel, has_wpc,
                coalesce(r.total, 0) AS total, coalesce(r.unread, 0) AS unread, coalesce(r.important, 0) AS important,
                coalesce(r.archived_total, 0) AS archived_total, coalesce(r.archived_unread, 0) AS archived_unread,
                    coalesce(r.archived_important, 0) AS archived_important,
                ROW(coalesce(c.total, 0), coalesce(c.unread, 0), coalesce(c.important, 0),
                    coalesce(c.archived_total, 0), coalesce(c.archived_unread, 0), coalesce(c.archived_important, 0)) AS cell
            FROM recount r
            FULL JOIN (SELECT * FROM counters.cells WHERE advertiser = $1) c USING (day, campaign, kind, channel, has_wpc)
        )
        """;

    private const string Differs = "FROM difference d WHERE ROW(d.total, d.unread, d.important, d.archived_total, d.archived_unread, "
        + "d.archived_important) IS DISTINCT FROM d.cell";

    /// <summary>All advertisers that were ever written to, by this service or by hand.</summary>
    public async Task<IReadOnlyList<GlobalId>> AdvertisersAsync(CancellationToken cancellation)
    {
        var ids = new List<GlobalId>();
        await using var command = database.CreateCommand(
            $"SELECT advertiser FROM counters.advertisers UNION ({rows.Advertisers}) ORDER BY advertiser");
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            ids.Add(GlobalId.FromValue(row.GetInt64(0)));
        return ids;
    }

    /// <summary>The cells of an advertiser that differ from a recount, a line each. One statement, so one short snapshot.</summary>
    public async Task<IReadOnlyList<string>> VerifyAsync(GlobalId advertiser, CancellationToken cancellation)
    {
        var lines = new List<string>();
        await using var command = database.CreateCommand(
            $"""
            {Differences}
            SELECT format('%s, campaign %s, kind %s, channel %s, wpc_id %s: cell %s, recount (%s,%s,%s,%s,%s,%s)',
                day, campaign, kind, channel, has_wpc, cell, total, unread, important, archived_total, archived_unread, archived_important)
            {Differs} ORDER BY day, campaign, kind, channel, has_wpc
            """);
        command.CommandTimeout = 0;
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = advertiser.Value });
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            lines.Add(row.GetString(0));
        return lines;
    }

    /// <summary>Makes the cells of an advertiser equal to a recount, under its lock; its other writers wait, readers do not.</summary>
    /// <returns>How many cells were wrong.</returns>
    public async Task<int> RebuildAsync(GlobalId advertiser, CancellationToken cancellation) =>
        // Of cells that are right nobody needs to be told.
        (await VerifyAsync(advertiser, cancellation)).Count == 0 ? 0 : await WriteAnewAsync(advertiser, cancellation);

    private Task<int> WriteAnewAsync(GlobalId advertiser, CancellationToken cancellation) => writes.RunAsync(
        [advertiser],
        async (write, token) =>
        {
            // A cell without interactions is set to zero and not deleted: nodes that hold it must see it change.
            await using var command = new NpgsqlCommand(
                $"""
                {Differences}
                INSERT INTO counters.cells
                    (advertiser, day, campaign, kind, channel, has_wpc, total, unread, important, archived_total, archived_unread,
                        archived_important, version)
                SELECT $1, d.day, d.campaign, d.kind, d.channel, d.has_wpc,
                    d.total, d.unread, d.important, d.archived_total, d.archived_unread, d.archived_important, $2
                {Differs}
                ON CONFLICT ON CONSTRAINT cells_pkey DO UPDATE SET
                    total = excluded.total, unread = excluded.unread, important = excluded.important,
                        archived_total = excluded.archived_total,
                    archived_unread = excluded.archived_unread, archived_important = excluded.archived_important, version = excluded.version
                """,
                write.Connection)
            {
                CommandTimeout = 0,
                Parameters = { new NpgsqlParameter<long> { TypedValue = advertiser.Value },
                    new NpgsqlParameter<long> { TypedValue = write.NextVersion(advertiser) } },
            };
            var wrong = await command.ExecuteNonQueryAsync(token);
            if (wrong > 0)
            {
                write.Rebuilt(advertiser);
                write.Last.BatchCommands.Add(trail.Statement(
                    AuditActor.Operator, new AuditEntry(AuditAction.CountersRebuild) { Advertisers = [new(advertiser, wrong)] }));
            }

            return wrong;
        },
        cancellation);
}

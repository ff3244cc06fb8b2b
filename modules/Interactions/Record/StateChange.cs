using Lips.Audit.Contracts;
using Lips.Counters.Contracts;
using Lips.Kernel;
using Npgsql;
using NpgsqlTypes;

namespace Lips.Interactions.Record;

/// <summary>What a request wants of one interaction: read, important, notes, archived. Null leaves a thing as it is.</summary>
/// <param name="Id">The interaction.</param>
/// <param name="Action">What the trail calls it.</param>
/// <param name="Actor">Who wants it.</param>
internal sealed record StateChange(long Id, AuditAction Action, AuditActor Actor)
{
    /// <summary>The interaction's advertiser, once it has been looked up.</summary>
    public GlobalId Advertiser { get; init; }

    public bool? Read { get; init; }

    public bool? Important { get; init; }

    /// <summary>Whether notes are set; they may be set to null.</summary>
    public bool SetsNotes { get; init; }

    public string? Notes { get; init; }

    /// <summary>Archive or bring back.</summary>
    public bool? Archived { get; init; }

    /// <summary>When it was archived, unless it already was.</summary>
    public DateTime? ArchivedAt { get; init; }
}

/// <summary>
/// Writes changes of interactions and counts them: the statement says what each was and what it has become, and both go to the counters. An update gives back
/// only new values, so the old ones are joined to it; under the advertisers' locks nobody changes them in between. Only a row that really changes is written:
/// marking a read one as read changes nothing, and archiving what is archived keeps the time of the first.
/// </summary>
internal static class StateChangeRows
{
    // Index: interactions_pkey or interactions_by_id; what was found there is written where it is. `place` counts from 1.
    internal const string Update =
        """
        UPDATE interactions.interactions i
        SET read = n.read, important = n.important, notes = n.notes, archived_at = n.archived_at,
            read_at = CASE WHEN n.read = i.read THEN i.read_at WHEN n.read THEN date_trunc('milliseconds', clock_timestamp()) END,
            important_at = CASE WHEN n.important = i.important THEN i.important_at WHEN n.important THEN date_trunc('milliseconds', clock_timestamp()) END
        FROM (
            SELECT w.place, o.ctid AS row, o.read AS old_read, o.important AS old_important, o.notes AS old_notes, o.archived_at AS old_archived_at,
                coalesce(w.read, o.read) AS read, coalesce(w.important, o.important) AS important,
                CASE WHEN w.sets_notes THEN w.notes ELSE o.notes END AS notes,
                CASE w.archived WHEN true THEN coalesce(o.archived_at, w.at) WHEN false THEN NULL ELSE o.archived_at END AS archived_at
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) WITH ORDINALITY AS w(advertiser, id, read, important, sets_notes, notes, archived, at, place)
            JOIN interactions.interactions o ON o.advertiser = w.advertiser AND o.id = w.id
        ) n
        WHERE i.ctid = n.row
            AND (i.read, i.important, i.notes, i.archived_at) IS DISTINCT FROM (n.read, n.important, n.notes, n.archived_at)
        RETURNING n.place, i.occurred_at, i.campaign, i.kind, i.channel, i.wpc_id IS NOT NULL,
            n.old_read, n.old_important, n.old_archived_at IS NOT NULL, i.read, i.important, i.archived_at IS NOT NULL, n.old_notes IS DISTINCT FROM i.notes
        """;

    // Index: interaction_versions_pkey.
    private const string Stamp =
        """
        UPDATE interactions.interaction_versions v SET version = n.version
        FROM unnest($1, $2, $3) AS n(advertiser, id, version) WHERE v.advertiser = n.advertiser AND v.interaction_id = n.id
        """;

    /// <summary>Applies changes of different interactions, whose advertisers are locked.</summary>
    public static async Task ApplyAsync(AdvertiserWrite write, AuditTrail trail, IReadOnlyList<StateChange> changes, CancellationToken cancellation)
    {
        var entries = new List<(AuditActor, AuditEntry)>(changes.Count);
        await using (var command = Command(write.Connection, changes))
        await using (var row = await command.ExecuteReaderAsync(cancellation))
        {
            while (await row.ReadAsync(cancellation))
            {
                var change = changes[(int)row.GetInt64(0) - 1];
                var changed = Count(write, change.Advertiser, row);
                entries.Add((change.Actor, AuditEntry.Of(change.Action, change.Advertiser, change.Id, change.Action == AuditAction.Update ? changed : [])));
            }
        }

        if (entries.Count == 0)
            return;
        var advertisers = entries.ConvertAll(e => e.Item2.Advertisers[0].Key);
        write.Last.Add(
            Stamp, advertisers.ConvertAll(a => a.Value).ToArray(), entries.ConvertAll(e => e.Item2.InteractionId!.Value).ToArray(), advertisers.ConvertAll(write.NextVersion).ToArray());
        write.Last.BatchCommands.Add(trail.Statement(entries));
    }

    internal static NpgsqlCommand Command(NpgsqlConnection? connection, IReadOnlyList<StateChange> changes) => new(Update, connection)
    {
        Parameters =
        {
            Column(changes, c => c.Advertiser.Value, NpgsqlDbType.Bigint),
            Column(changes, c => c.Id, NpgsqlDbType.Bigint),
            Column(changes, c => c.Read, NpgsqlDbType.Boolean),
            Column(changes, c => c.Important, NpgsqlDbType.Boolean),
            Column(changes, c => c.SetsNotes, NpgsqlDbType.Boolean),
            Column(changes, c => c.Notes, NpgsqlDbType.Text),
            Column(changes, c => c.Archived, NpgsqlDbType.Boolean),
            Column(changes, c => c.ArchivedAt, NpgsqlDbType.TimestampTz),
        },
    };

    private static NpgsqlParameter Column<T>(IReadOnlyList<StateChange> changes, Func<StateChange, T> value, NpgsqlDbType type) =>
        new() { Value = changes.Select(value).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type };

    private static string[] Count(AdvertiserWrite write, GlobalId advertiser, NpgsqlDataReader row)
    {
        var before = new CountedInteraction(
            advertiser, row.GetDateTime(1), row.IsDBNull(2) ? null : GlobalId.FromValue(row.GetInt64(2)), (EventKind)row.GetInt16(3),
            (Channel)row.GetInt16(4), row.GetBoolean(5), row.GetBoolean(6), row.GetBoolean(7), row.GetBoolean(8));
        var after = before with { Read = row.GetBoolean(9), Important = row.GetBoolean(10), Archived = row.GetBoolean(11) };
        write.Changed(before, after);
        return
        [
            .. before.Read == after.Read ? Array.Empty<string>() : ["read"],
            .. before.Important == after.Important ? Array.Empty<string>() : ["important"],
            .. row.GetBoolean(12) ? ["notes"] : Array.Empty<string>(),
        ];
    }
}

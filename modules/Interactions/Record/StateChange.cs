using Lips.Counters.Contracts;
using Lips.Kernel;
using Npgsql;

namespace Lips.Interactions.Record;

/// <summary>
/// A change of one interaction that counters depend on: the statement says what it was and what it has become, and both go to the counters. An
/// update gives back only new values, so the old ones are joined to it; under the advertiser's lock nobody changes them in between.
/// </summary>
internal static class StateChange
{
    /// <summary>Makes the statement. Parameters $1 and $2 are the advertiser and the id. Index: interactions_pkey.</summary>
    /// <param name="set">What is set on <c>i</c>.</param>
    /// <param name="when">When there is anything to change, in terms of <c>i</c>.</param>
    public static string Sql(string set, string when) =>
        $"""
        UPDATE interactions.interactions i
        SET {set}
        FROM (SELECT read, important, archived_at IS NOT NULL AS archived, notes FROM interactions.interactions WHERE advertiser = $1 AND id = $2) old
        WHERE i.advertiser = $1 AND i.id = $2 AND {when}
        RETURNING i.occurred_at, i.campaign, i.kind, i.channel, i.wpc_id IS NOT NULL,
            old.read, old.important, old.archived, i.read, i.important, i.archived_at IS NOT NULL, old.notes IS DISTINCT FROM i.notes
        """;

    /// <summary>Runs the statement, counts what changed and stamps the interaction.</summary>
    /// <returns>The names of those of <c>read</c>, <c>important</c> and <c>notes</c> that have changed; null when nothing at all has.</returns>
    public static async Task<string[]?> ApplyAsync(
        AdvertiserWrite write, GlobalId advertiser, long id, string sql, IEnumerable<NpgsqlParameter> more, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, write.Connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = advertiser.Value }, new NpgsqlParameter<long> { TypedValue = id } },
        };
        foreach (var parameter in more)
            command.Parameters.Add(parameter);
        string[] changed;
        await using (var row = await command.ExecuteReaderAsync(cancellation))
        {
            if (!await row.ReadAsync(cancellation))
                return null;
            changed = Count(write, advertiser, row);
        }

        write.Last.Add(Stamp, advertiser.Value, id, write.NextVersion(advertiser));
        return changed;
    }

    private static string[] Count(AdvertiserWrite write, GlobalId advertiser, NpgsqlDataReader row)
    {
        var before = new CountedInteraction(
            advertiser, row.GetDateTime(0), row.IsDBNull(1) ? null : GlobalId.FromValue(row.GetInt64(1)), (EventKind)row.GetInt16(2),
            (Channel)row.GetInt16(3), row.GetBoolean(4), row.GetBoolean(5), row.GetBoolean(6), row.GetBoolean(7));
        var after = before with { Read = row.GetBoolean(8), Important = row.GetBoolean(9), Archived = row.GetBoolean(10) };
        write.Changed(before, after);
        return
        [
            .. before.Read == after.Read ? Array.Empty<string>() : ["read"],
            .. before.Important == after.Important ? Array.Empty<string>() : ["important"],
            .. row.GetBoolean(11) ? ["notes"] : Array.Empty<string>(),
        ];
    }

    // Index: interaction_versions_pkey.
    private const string Stamp = "UPDATE interactions.interaction_versions SET version = $3 WHERE advertiser = $1 AND interaction_id = $2";
}

using Lips.Audit.Contracts;
using Lips.Counters.Contracts;
using Lips.Interactions.Record;
using Lips.Interactions.Serving;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Npgsql;
using NpgsqlTypes;

namespace Lips.Interactions.Writing;

/// <summary>What a request wants of one interaction. A slice derives its own, with its own statement.</summary>
/// <param name="Id">The interaction.</param>
/// <param name="Action">What the trail calls it.</param>
/// <param name="Actor">Who wants it.</param>
/// <param name="Precondition">The state that the interaction must be in (If-Match); null for any.</param>
internal abstract record InteractionChange(long Id, AuditAction Action, AuditActor Actor, IfMatch? Precondition)
{
    /// <summary>
    /// What a statement returns of each interaction that it really changes: what it counted as, and what it counts as now.
    /// </summary>
    public const string Returning =
        """
        RETURNING i.id, i.occurred_at, i.campaign, i.kind, i.channel, i.wpc_id IS NOT NULL,
        """;

    /// <summary>The interaction's advertiser, once it has been looked up.</summary>
    public GlobalId Advertiser { get; init; }

    /// <summary>
    /// The statement that applies changes of this kind, of different interactions whose advertisers are locked. It writes only rows that
    /// really change, and returns
    /// <see cref="Returning"/>, then read, important and archived as they were, the three as they are, and the names of the fields that
    /// have changed.
    /// </summary>
    public abstract NpgsqlBatchCommand Statement(IReadOnlyList<InteractionChange> changes);

    /// <summary>A parameter with one value a change.</summary>
    protected static NpgsqlParameter Column<T>(
        IReadOnlyList<InteractionChange> changes, Func<InteractionChange, T> value, NpgsqlDbType type) =>
        new() { Value = changes.Select(value).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type };
}

/// <summary>Writes changes in a transaction, counts them, stamps the interactions with the new version, and tells the trail.</summary>
internal static class ChangeWriter
{
    // Index: interaction_versions_pkey.
    private const string Stamp =
        """
        UPDATE interactions.interaction_versions v SET version = n.version
        FROM unnest($1, $2, $3) AS n(advertiser, id, version) WHERE v.advertiser = n.advertiser AND v.interaction_id = n.id
        """;

    // Index: interaction_versions_pkey.
    private static readonly string Versions =
        $"""
        SELECT v.interaction_id, v.version, {AdvertiserVersions.RunOf("v.advertiser", "v.version")}
        FROM unnest($1, $2) AS w(advertiser, id) JOIN interactions.interaction_versions v ON v.advertiser = w.advertiser
            AND v.interaction_id = w.id
        """;

    /// <summary>Applies changes of different interactions, whose advertisers are locked, and tells the trail of each.</summary>
    /// <returns>Those whose precondition failed; the others are applied.</returns>
    public static async Task<IReadOnlySet<long>> ApplyAsync(
        AdvertiserWrite write, AuditTrail trail, IReadOnlyList<InteractionChange> changes, CancellationToken cancellation)
    {
        var refused = await RefusedAsync(write.Connection, changes, cancellation);
        var made = await MakeAsync(write, [.. changes.Where(c => !refused.Contains(c.Id))], cancellation);
        if (made.Count > 0)
            write.Last.BatchCommands.Add(trail.Statement(
                made.ConvertAll(m => (m.Change.Actor, AuditEntry.Of(m.Change.Action, m.Change.Advertiser, m.Change.Id, m.Fields)))));
        return refused;
    }

    /// <summary>Makes changes of different interactions, whose advertisers are locked.</summary>
    /// <returns>Those that changed something, with the names of the fields that have changed.</returns>
    public static async Task<List<(InteractionChange Change, string[] Fields)>> MakeAsync(
        AdvertiserWrite write, IReadOnlyList<InteractionChange> changes, CancellationToken cancellation)
    {
        var byId = changes.ToDictionary(c => c.Id);
        var made = new List<(InteractionChange Change, string[] Fields)>(byId.Count);
        if (byId.Count == 0)
            return made;
        await using (var batch = new NpgsqlBatch(write.Connection))
        {
            foreach (var ofAKind in byId.Values.GroupBy(c => c.GetType()).Select(g => g.ToList()))
                batch.BatchCommands.Add(ofAKind[0].Statement(ofAKind));
            await using var row = await batch.ExecuteReaderAsync(cancellation);
            do
            {
                while (await row.ReadAsync(cancellation))
                {
                    var change = byId[row.GetInt64(0)];
                    made.Add((change, Count(write, change, row)));
                }
            }
            while (await row.NextResultAsync(cancellation));
        }

        if (made.Count > 0)
            write.Last.Add(
                Stamp,
                made.ConvertAll(m => m.Change.Advertiser.Value).ToArray(),
                made.ConvertAll(m => m.Change.Id).ToArray(),
                made.ConvertAll(m => write.NextVersion(m.Change.Advertiser)).ToArray());
        return made;
    }

    /// <summary>Under the locks, so that nobody changes an interaction between the look and the change.</summary>
    private static async Task<IReadOnlySet<long>> RefusedAsync(
        NpgsqlConnection connection, IReadOnlyList<InteractionChange> changes, CancellationToken cancellation)
    {
        var conditional = changes.Where(c => c.Precondition is not null).ToDictionary(c => c.Id);
        var refused = new HashSet<long>();
        if (conditional.Count == 0)
            return refused;
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(Versions, conditional.Values.Select(c => c.Advertiser.Value).ToArray(), conditional.Keys.ToArray());
        await using var row = await batch.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            var id = row.GetInt64(0);
            if (!conditional[id].Precondition!.Holds(row.GetInt64(1), row.GetInt64(2)))
                refused.Add(id);
        }

        return refused;
    }

    private static string[] Count(AdvertiserWrite write, InteractionChange change, NpgsqlDataReader row)
    {
        var before = new CountedInteraction(
            change.Advertiser, row.GetDateTime(1), row.IsDBNull(2) ? null : GlobalId.FromValue(row.GetInt64(2)), (EventKind)row.GetInt16(3),
            (Channel)row.GetInt16(4), row.GetBoolean(5), row.GetBoolean(6), row.GetBoolean(7), row.GetBoolean(8));
        write.Changed(before, before with { Read = row.GetBoolean(9), Important = row.GetBoolean(10), Archived = row.GetBoolean(11) });
        return row.GetFieldValue<string[]>(12);
    }
}

/// <summary>Whose interactions are; that never changes.</summary>
internal static class InteractionOwners
{
    // Index: interactions_by_id.
    public const string Select = "SELECT id, advertiser FROM interactions.interactions WHERE id = ANY($1)";
}

/// <summary>What a client is told of a change that was not made.</summary>
internal static class ChangeAnswers
{
    /// <summary>Answers 404 or 412; nothing when the change was applied, which is 200 with an empty body then.</summary>
    public static Task Refuse(this HttpContext http, ChangeOutcome outcome) => outcome switch
    {
        ChangeOutcome.NotFound => http.NotFound("There is no such interaction."),
        ChangeOutcome.PreconditionFailed => http.Status(StatusCodes.Status412PreconditionFailed),
        _ => Task.CompletedTask,
    };
}

using System.Text.Json;
using Lips.Audit.Contracts;
using Lips.Interactions.Record;
using Lips.Interactions.Serving;
using Lips.Kernel;
using Npgsql;
using NpgsqlTypes;

namespace Lips.Interactions.Writing;

/// <summary>Sets read, important or notes.</summary>
internal sealed record Update(long Id, AuditActor Actor, IfMatch? Precondition, NewState Wanted)
    : InteractionChange(Id, AuditAction.Update, Actor, Precondition)
{
    // An update gives back only new values, so the old ones are joined to it; under the advertisers' locks nobody changes them in
    // between. Index: interactions_pkey or interactions_by_id; what was found there is written where it is.
    private const string Sql =
        $"""
        UPDATE interactions.interactions i
        SET read = n.read, important = n.important, notes = n.notes,
            read_at = CASE WHEN n.read = i.read THEN i.read_at WHEN n.read THEN date_trunc('milliseconds', clock_timestamp()) END,
            important_at = CASE WHEN n.important = i.important THEN i.important_at WHEN n.important THEN date_trunc('milliseconds',
                clock_timestamp()) END
        FROM (
            SELECT o.ctid AS row, o.read AS old_read, o.important AS old_important, o.notes AS old_notes,
                coalesce(w.read, o.read) AS read, coalesce(w.important, o.important) AS important,
                CASE WHEN w.sets_notes THEN w.notes ELSE o.notes END AS notes
            FROM unnest($1, $2, $3, $4, $5, $6) AS w(advertiser, id, read, important, sets_notes, notes)
            JOIN interactions.interactions o ON o.advertiser = w.advertiser AND o.id = w.id
        ) n
        WHERE i.ctid = n.row AND (i.read, i.important, i.notes) IS DISTINCT FROM (n.read, n.important, n.notes)
        {Returning}
            n.old_read, n.old_important, i.archived_at IS NOT NULL, i.read, i.important, i.archived_at IS NOT NULL,
            array_remove(ARRAY[
                CASE WHEN n.old_read <> i.read THEN 'read' END,
                CASE WHEN n.old_important <> i.important THEN 'important' END,
                CASE WHEN n.old_notes IS DISTINCT FROM i.notes THEN 'notes' END], NULL)
        """;

    public override NpgsqlBatchCommand Statement(IReadOnlyList<InteractionChange> changes) => new(Sql)
    {
        Parameters =
        {
            Column(changes, c => c.Advertiser.Value, NpgsqlDbType.Bigint),
            Column(changes, c => c.Id, NpgsqlDbType.Bigint),
            Column(changes, c => ((Update)c).Wanted.IsRead, NpgsqlDbType.Boolean),
            Column(changes, c => ((Update)c).Wanted.IsImportant, NpgsqlDbType.Boolean),
            Column(changes, c => ((Update)c).Wanted.SetsNotes, NpgsqlDbType.Boolean),
            Column(changes, c => ((Update)c).Wanted.Notes, NpgsqlDbType.Text),
        },
    };
}

/// <summary>Archives.</summary>
internal sealed record Archiving(long Id, AuditActor Actor, IfMatch? Precondition, DateTime At)
    : InteractionChange(Id, AuditAction.Archive, Actor, Precondition)
{
    // What is archived already keeps the time of the first. Index: interactions_pkey or interactions_by_id.
    private const string Sql =
        $"""
        UPDATE interactions.interactions i SET archived_at = w.at
        FROM unnest($1, $2, $3) AS w(advertiser, id, at)
        WHERE i.advertiser = w.advertiser AND i.id = w.id AND i.archived_at IS NULL
        {Returning}
            i.read, i.important, false, i.read, i.important, true, ARRAY[]::text[]
        """;

    public override NpgsqlBatchCommand Statement(IReadOnlyList<InteractionChange> changes) => new(Sql)
    {
        Parameters =
        {
            Column(changes, c => c.Advertiser.Value, NpgsqlDbType.Bigint),
            Column(changes, c => c.Id, NpgsqlDbType.Bigint),
            Column(changes, c => ((Archiving)c).At, NpgsqlDbType.TimestampTz),
        },
    };
}

/// <summary>Brings back what is archived.</summary>
internal sealed record Unarchiving(long Id, AuditActor Actor, IfMatch? Precondition)
    : InteractionChange(Id, AuditAction.Unarchive, Actor, Precondition)
{
    // Index: interactions_pkey or interactions_by_id.
    private const string Sql =
        $"""
        UPDATE interactions.interactions i SET archived_at = NULL
        FROM unnest($1, $2) AS w(advertiser, id)
        WHERE i.advertiser = w.advertiser AND i.id = w.id AND i.archived_at IS NOT NULL
        {Returning}
            i.read, i.important, true, i.read, i.important, false, ARRAY[]::text[]
        """;

    public override NpgsqlBatchCommand Statement(IReadOnlyList<InteractionChange> changes) => new(Sql)
    {
        Parameters = { Column(changes, c => c.Advertiser.Value, NpgsqlDbType.Bigint), Column(changes, c => c.Id, NpgsqlDbType.Bigint) },
    };
}

/// <summary>What is to become of an interaction. Null leaves a thing as it is.</summary>
/// <param name="IsRead">Whether it is read.</param>
/// <param name="IsImportant">Whether it is important.</param>
/// <param name="SetsNotes">Whether notes are set; they may be set to null.</param>
/// <param name="Notes">The notes.</param>
internal sealed record NewState(bool? IsRead, bool? IsImportant, bool SetsNotes, string? Notes)
{
    /// <summary>The names of what may be set, in the order in which the trail tells them.</summary>
    public static IReadOnlyList<string> FieldNames { get; } = ["read", "important", "notes"];

    private static readonly JsonNames Names = new([.. FieldNames]);

    /// <summary>Reads it off an object; what is wrong goes to the errors.</summary>
    /// <param name="given">The object.</param>
    /// <param name="name">What it is called there.</param>
    /// <param name="errors">Takes what is wrong.</param>
    /// <param name="path">What stands before an attribute's name in an error.</param>
    public static NewState Read(JsonElement given, string name, ValidationErrors errors, string path = "")
    {
        var fields = new JsonFields(given, errors, path);
        fields.CheckNames(Names);
        var setsNotes = JsonFields.TryGet(given, "notes", out _);
        var state = new NewState(
            Flag(given, fields, "read"), Flag(given, fields, "important"), setsNotes, fields.Text("notes", NotesRule.MaxLength));
        if (!given.EnumerateObject().Any(Names.Has))
            errors.Add(name, "has nothing that can be changed: read, important or notes");
        return state;
    }

    private static bool? Flag(JsonElement given, JsonFields fields, string name)
    {
        if (JsonFields.TryGet(given, name, out var value) && value.ValueKind == JsonValueKind.Null)
            fields.Wrong(name, "must be true or false");
        return fields.Boolean(name);
    }
}

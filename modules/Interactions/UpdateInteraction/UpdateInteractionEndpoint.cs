using System.Text.Json;
using FastEndpoints;
using Lips.Audit.Contracts;
using Lips.Interactions.Record;
using Lips.Interactions.Serving;
using Lips.Interactions.Writing;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Npgsql;
using NpgsqlTypes;

namespace Lips.Interactions.UpdateInteraction;

/// <summary><c>PUT</c> or <c>PATCH /contact_interactions/:id</c>: read, important, notes (contract section 5).</summary>
internal sealed class UpdateInteractionEndpoint(ChangeBatcher changes, AuditTrail trail, InteractionReader interactions)
    : Endpoint<UpdateRequest>
{
    public override void Configure()
    {
        Verbs(Http.PUT, Http.PATCH);
        Routes("/contact_interactions/{id:long}");
        Policies(Allow.Write);
        RequestBinder(new UpdateBinder(interactions));
        Definition.Describe(UpdateInteractionReference.Operation);
    }

    public override async Task HandleAsync(UpdateRequest request, CancellationToken cancellation)
    {
        var http = HttpContext;
        http.TryRouteId(out var id);
        var outcome = await changes.ApplyAsync(new Update(id, trail.ActorOf(http), IfMatch.Of(http), request), http.Caller(), cancellation);
        if (outcome == ChangeOutcome.Applied)
            await AnswerAsync(http, id, cancellation);
        else
            await http.Refuse(outcome);
    }

    private async Task AnswerAsync(HttpContext http, long id, CancellationToken cancellation)
    {
        if (http.Prefers("return=representation") && await interactions.ReadAsync(id, http.Caller(), cancellation) is { } interaction)
        {
            http.Response.Headers.ETag = interaction.Tag;
            await http.AnswerJson(StatusCodes.Status200OK, interaction.Body);
            return;
        }

        await http.AnswerJson(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("contact_interaction"u8, "successfully updated!"u8);
            json.WriteEndObject();
        });
    }

    internal sealed record Update(long Id, AuditActor Actor, IfMatch? Precondition, UpdateRequest Wanted)
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
                Column(changes, c => ((Update)c).Wanted.Read, NpgsqlDbType.Boolean),
                Column(changes, c => ((Update)c).Wanted.Important, NpgsqlDbType.Boolean),
                Column(changes, c => ((Update)c).Wanted.SetsNotes, NpgsqlDbType.Boolean),
                Column(changes, c => ((Update)c).Wanted.Notes, NpgsqlDbType.Text),
            },
        };
    }
}

/// <summary>Reads the body. What there is not is 404, whatever else is wrong with the request.</summary>
internal sealed class UpdateBinder(InteractionReader interactions) : IRequestBinder<UpdateRequest>
{
    public async ValueTask<UpdateRequest> BindAsync(BinderContext ctx, CancellationToken ct)
    {
        var http = ctx.HttpContext;
        var body = await http.TryReadJsonAsync();
        using var document = body.Document;
        var errors = new ValidationErrors(http.Prefers(Requests.Strict));
        var request = document is null ? null : UpdateRequest.From(document.RootElement, errors);
        if (request is not null && errors.None)
            return request;
        if (!http.TryRouteId(out var id) || await interactions.ReadAsync(id, http.Caller(), ct) is null)
            await http.Refuse(ChangeOutcome.NotFound);
        else if (document is null)
            await body.RefuseAsync(http);
        else
            await http.Invalid(errors);
        return default!;
    }
}

/// <summary>What is to become of an interaction. Null leaves a thing as it is.</summary>
/// <param name="Read">Whether it is read.</param>
/// <param name="Important">Whether it is important.</param>
/// <param name="SetsNotes">Whether notes are set; they may be set to null.</param>
/// <param name="Notes">The notes.</param>
internal sealed record UpdateRequest(bool? Read, bool? Important, bool SetsNotes, string? Notes)
{
    private const string Name = "contact_interaction";

    private static readonly JsonNames WrapperNames = new(Name);
    private static readonly JsonNames Names = new("read", "important", "notes");

    /// <summary>Reads the body; what is wrong goes to the errors.</summary>
    public static UpdateRequest From(JsonElement body, ValidationErrors errors)
    {
        if (body.ValueKind != JsonValueKind.Object || !JsonFields.TryGet(body, Name, out var given)
            || given.ValueKind != JsonValueKind.Object)
        {
            errors.Add(Name, "is missing or not an object");
            return new UpdateRequest(null, null, SetsNotes: false, null);
        }

        new JsonFields(body, errors).CheckNames(WrapperNames);
        var fields = new JsonFields(given, errors);
        fields.CheckNames(Names);
        var setsNotes = JsonFields.TryGet(given, "notes", out _);
        var request = new UpdateRequest(
            Flag(given, fields, "read"), Flag(given, fields, "important"), setsNotes, fields.Text("notes", NotesRule.MaxLength));
        if (!given.EnumerateObject().Any(Names.Has))
            errors.Add(Name, "has nothing that can be changed: read, important or notes");
        return request;
    }

    private static bool? Flag(JsonElement given, JsonFields fields, string name)
    {
        if (JsonFields.TryGet(given, name, out var value) && value.ValueKind == JsonValueKind.Null)
            fields.Wrong(name, "must be true or false");
        return fields.Boolean(name);
    }
}

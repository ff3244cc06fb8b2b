using System.Text.Json;
using Lips.Audit.Contracts;
using Lips.Counters.Contracts;
using Lips.Interactions.Record;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Npgsql;
using NpgsqlTypes;

namespace Lips.Interactions.UpdateInteraction;

/// <summary><c>PUT</c> or <c>PATCH /contact_interactions/:id</c>: read, important, notes (contract section 5).</summary>
internal sealed class UpdateInteractionEndpoint(NpgsqlDataSource database, AdvertiserWrites writes, AuditTrail trail) : IEndpoint
{
    // Only a row that really changes is written: marking a read one as read changes nothing.
    private static readonly string Update = StateChange.Sql(
        "read = coalesce($3, i.read), important = coalesce($4, i.important), notes = CASE WHEN $5 THEN $6 ELSE i.notes END",
        "(i.read, i.important, i.notes) IS DISTINCT FROM (coalesce($3, i.read), coalesce($4, i.important), CASE WHEN $5 THEN $6 ELSE i.notes END)");

    public static void Configure(EndpointDefinition endpoint) => endpoint
        .On("PUT", "/contact_interactions/{id}").On("PATCH", "/contact_interactions/{id}").Requires(Ability.Write);

    public async Task HandleAsync(HttpContext http)
    {
        if (!http.TryRouteId(out var id) || await InteractionRows.AdvertiserOfAsync(database, id, http.Caller(), http.RequestAborted) is not { } advertiser)
        {
            await http.NotFound("There is no such interaction.");
            return;
        }

        using var body = await http.ReadJsonAsync();
        if (body is null)
            return;
        var errors = new ValidationErrors();
        var change = Change.From(body.RootElement, errors);
        if (!errors.None)
        {
            await http.Invalid(errors);
            return;
        }

        var actor = trail.ActorOf(http);
        await writes.RunAsync([advertiser], (write, cancellation) => ApplyAsync(write, advertiser, id, change, actor, cancellation), http.RequestAborted);
        await http.AnswerJson(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("contact_interaction"u8, "successfully updated!"u8);
            json.WriteEndObject();
        });
    }

    private async Task<bool> ApplyAsync(AdvertiserWrite write, GlobalId advertiser, long id, Change change, AuditActor actor, CancellationToken cancellation)
    {
        var changed = await StateChange.ApplyAsync(
            write,
            advertiser,
            id,
            Update,
            [
                new NpgsqlParameter { Value = (object?)change.Read ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Boolean },
                new NpgsqlParameter { Value = (object?)change.Important ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Boolean },
                new NpgsqlParameter<bool> { TypedValue = change.HasNotes },
                new NpgsqlParameter { Value = (object?)change.Notes ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
            ],
            cancellation);
        if (changed is not null)
            write.Last.BatchCommands.Add(trail.Statement(actor, AuditEntry.Of(AuditAction.Update, advertiser, id, changed)));
        return changed is not null;
    }

    /// <summary>What the body asks for; null is "leave it", except for notes, which can be set to null.</summary>
    private sealed record Change(bool? Read, bool? Important, bool HasNotes, string? Notes)
    {
        public static Change From(JsonElement body, ValidationErrors errors)
        {
            if (body.ValueKind != JsonValueKind.Object || !JsonFields.TryGet(body, "contact_interaction", out var given) || given.ValueKind != JsonValueKind.Object)
            {
                errors.Add("contact_interaction", "is missing or not an object");
                return new Change(null, null, false, null);
            }

            var fields = new JsonFields(given, errors);
            return new Change(
                Flag(given, fields, "read"),
                Flag(given, fields, "important"),
                JsonFields.TryGet(given, "notes", out _),
                fields.Text("notes", NotesRule.MaxLength));
        }

        private static bool? Flag(JsonElement given, JsonFields fields, string name)
        {
            if (JsonFields.TryGet(given, name, out var value) && value.ValueKind == JsonValueKind.Null)
                fields.Wrong(name, "must be true or false");
            return fields.Boolean(name);
        }
    }
}

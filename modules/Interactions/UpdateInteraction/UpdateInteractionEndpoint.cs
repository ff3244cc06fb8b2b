using System.Text.Json;
using Lips.Audit.Contracts;
using Lips.Interactions.Record;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Interactions.UpdateInteraction;

/// <summary><c>PUT</c> or <c>PATCH /contact_interactions/:id</c>: read, important, notes (contract section 5).</summary>
internal sealed class UpdateInteractionEndpoint(InteractionAdvertisers advertisers, StateChanges changes, AuditTrail trail) : IEndpoint
{
    private static readonly JsonNames WrapperNames = new("contact_interaction");
    private static readonly JsonNames Names = new("read", "important", "notes");

    public static void Configure(EndpointDefinition endpoint) => endpoint
        .On("PUT", "/contact_interactions/{id}").On("PATCH", "/contact_interactions/{id}").Requires(Ability.Write);

    public async Task HandleAsync(HttpContext http)
    {
        if (!http.TryRouteId(out var id))
        {
            await NotFound(http);
            return;
        }

        var body = await http.TryReadJsonAsync();
        using var document = body.Document;
        var errors = new ValidationErrors(http.Prefers(Preferences.Strict));
        var change = document is null ? null : Read(document.RootElement, errors, new StateChange(id, AuditAction.Update, trail.ActorOf(http)));
        if (change is null || !errors.None)
            await RefuseAsync(http, id, body, errors);
        else if (!await changes.ApplyAsync(change, http.Caller(), http.RequestAborted))
            await NotFound(http);
        else
            await AnswerAsync(http);
    }

    /// <summary>Says what is wrong with the request, of an interaction that there is.</summary>
    private async Task RefuseAsync(HttpContext http, long id, JsonBody body, ValidationErrors errors)
    {
        if (!await advertisers.IsThereAsync(id, http.Caller(), http.RequestAborted))
            await NotFound(http);
        else if (body.Document is null)
            await body.RefuseAsync(http);
        else
            await http.Invalid(errors);
    }

    private static Task NotFound(HttpContext http) => http.NotFound("There is no such interaction.");

    private static Task AnswerAsync(HttpContext http) => http.AnswerJson(StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteString("contact_interaction"u8, "successfully updated!"u8);
        json.WriteEndObject();
    });

    private static StateChange Read(JsonElement body, ValidationErrors errors, StateChange nothing)
    {
        if (body.ValueKind != JsonValueKind.Object || !JsonFields.TryGet(body, "contact_interaction", out var given) || given.ValueKind != JsonValueKind.Object)
        {
            errors.Add("contact_interaction", "is missing or not an object");
            return nothing;
        }

        new JsonFields(body, errors).CheckNames(WrapperNames);
        var fields = new JsonFields(given, errors);
        fields.CheckNames(Names);
        if (!given.EnumerateObject().Any(Names.Has))
            errors.Add("contact_interaction", "has nothing that can be changed: read, important or notes");
        return nothing with
        {
            Read = Flag(given, fields, "read"),
            Important = Flag(given, fields, "important"),
            SetsNotes = JsonFields.TryGet(given, "notes", out _),
            Notes = fields.Text("notes", NotesRule.MaxLength),
        };
    }

    private static bool? Flag(JsonElement given, JsonFields fields, string name)
    {
        if (JsonFields.TryGet(given, name, out var value) && value.ValueKind == JsonValueKind.Null)
            fields.Wrong(name, "must be true or false");
        return fields.Boolean(name);
    }
}

using System.Text.Json;
using FastEndpoints;
using Lips.Audit.Contracts;
using Lips.Interactions.Serving;
using Lips.Interactions.Writing;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Interactions.UpdateInteraction;

/// <summary><c>PUT</c> or <c>PATCH /contact_interactions/:id</c>: read, important, notes (contract section 5).</summary>
internal sealed class UpdateInteractionEndpoint(ChangeBatcher changes, AuditTrail trail, InteractionReader interactions)
    : Endpoint<NewState>
{
    public override void Configure()
    {
        Verbs(Http.PUT, Http.PATCH);
        Routes("/contact_interactions/{id:long}");
        Policies(Allow.Write);
        RequestBinder(new UpdateBinder(interactions));
        Definition.WaitsFor<ChangeBatcher>();
        Definition.Describe(UpdateInteractionReference.Operation);
    }

    public override async Task HandleAsync(NewState wanted, CancellationToken cancellation)
    {
        var http = HttpContext;
        http.TryRouteId(out var id);
        var outcome = await changes.ApplyAsync(new Update(id, trail.ActorOf(http), IfMatch.Of(http), wanted), http.Caller(), cancellation);
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
}

/// <summary>Reads the body. What there is not is 404, whatever else is wrong with the request.</summary>
internal sealed class UpdateBinder(InteractionReader interactions) : IRequestBinder<NewState>
{
    private const string Name = "contact_interaction";

    private static readonly JsonNames WrapperNames = new(Name);

    public async ValueTask<NewState> BindAsync(BinderContext ctx, CancellationToken ct)
    {
        var http = ctx.HttpContext;
        var body = await http.TryReadJsonAsync();
        using var document = body.Document;
        var errors = new ValidationErrors(http.Prefers(Requests.Strict));
        var request = document is null ? null : Read(document.RootElement, errors);
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

    private static NewState? Read(JsonElement body, ValidationErrors errors)
    {
        if (body.ValueKind != JsonValueKind.Object || !JsonFields.TryGet(body, Name, out var given)
            || given.ValueKind != JsonValueKind.Object)
        {
            errors.Add(Name, "is missing or not an object");
            return null;
        }

        new JsonFields(body, errors).CheckNames(WrapperNames);
        return NewState.Read(given, Name, errors);
    }
}

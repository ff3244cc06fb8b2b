using FastEndpoints;
using Lips.Interactions.Filter;
using Lips.Interactions.Serving;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Interactions.ShowInteraction;

/// <summary><c>GET /contact_interactions/:id</c>: the object itself, archived or not (contract section 5).</summary>
internal sealed class ShowInteractionEndpoint(InteractionReader interactions) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Verbs(Http.GET, Http.HEAD);
        Routes("/contact_interactions/{id:long}");
        Policies(Allow.ReadInAnyProfile);
        Definition.Describe(ShowInteractionReference.Operation);
    }

    public override async Task HandleAsync(CancellationToken cancellation)
    {
        var http = HttpContext;
        if (!http.TryRouteId(out var id) || await interactions.ReadAsync(id, http.Caller(), cancellation) is not { } interaction)
        {
            await http.NotFound("There is no such interaction.");
            return;
        }

        FilterRequest.SetCaching(http);
        http.Response.Headers.ETag = interaction.Tag;
        if (EntityTag.IsAmong(http.Request.Headers.IfNoneMatch, interaction.Tag))
            http.Response.StatusCode = StatusCodes.Status304NotModified;
        else
            await http.AnswerJson(StatusCodes.Status200OK, interaction.Body);
    }
}

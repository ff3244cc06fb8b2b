using FastEndpoints;
using Lips.Audit.Contracts;
using Lips.Interactions.Serving;
using Lips.Interactions.Writing;
using Lips.Kernel;

namespace Lips.Interactions.Unarchive;

/// <summary>
/// <c>PUT /contact_interactions/:id/unarchive</c>: brings back (contract section 5). 200 and an empty body, and the same again when it
/// already was so.
/// </summary>
internal sealed class UnarchiveEndpoint(ChangeBatcher changes, AuditTrail trail) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Put("/contact_interactions/{id:long}/unarchive", "/contacts_interactions/{id:long}/unarchive");
        Policies(Allow.Write);
        Summary(s => s.Summary = "Brings an archived interaction back.");
    }

    public override async Task HandleAsync(CancellationToken cancellation)
    {
        var http = HttpContext;
        http.TryRouteId(out var id);
        await http.Refuse(
            await changes.ApplyAsync(new Unarchiving(id, trail.ActorOf(http), IfMatch.Of(http)), http.Caller(), cancellation));
    }
}

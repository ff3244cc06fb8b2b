using FastEndpoints;
using Lips.Audit.Contracts;
using Lips.Interactions.Serving;
using Lips.Interactions.Writing;
using Lips.Kernel;
using Lips.Kernel.Reference;

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
        Definition.WaitsFor<ChangeBatcher>();
        Definition.Describe(new(
            "unarchiveInteraction", "Interactions", "Brings an archived interaction back; the same again when it already was so.")
        {
            Path = [("id", "The interaction's id.")],
            Headers = [CommonHeaders.IfMatch],
            Answers = [new(200, "It is back. The body is empty.")],
            Errors = [412],
            OldPrefix = "/contacts_interactions/",
        });
    }

    public override async Task HandleAsync(CancellationToken cancellation)
    {
        var http = HttpContext;
        http.TryRouteId(out var id);
        await http.Refuse(
            await changes.ApplyAsync(new Unarchiving(id, trail.ActorOf(http), IfMatch.Of(http)), http.Caller(), cancellation));
    }
}

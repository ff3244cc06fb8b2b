using FastEndpoints;
using Lips.Audit.Contracts;
using Lips.Interactions.Serving;
using Lips.Interactions.Writing;
using Lips.Kernel;
using Lips.Kernel.Reference;

namespace Lips.Interactions.Archive;

/// <summary>
/// <c>DELETE /contact_interactions/:id</c>: archives (contract section 5). 200 and an empty body, and the same again when it already was
/// so. The seed's example spells the path with two s.
/// </summary>
internal sealed class ArchiveEndpoint(ChangeBatcher changes, AuditTrail trail, TimeProvider clock) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Delete("/contact_interactions/{id:long}", "/contacts_interactions/{id:long}");
        Policies(Allow.Write);
        Definition.WaitsFor<ChangeBatcher>();
        Definition.Describe(new(
            "archiveInteraction", "Interactions", "Archives an interaction; the same again when it already was so.")
        {
            Path = [("id", "The interaction's id.")],
            Headers = [CommonHeaders.IfMatch],
            Answers = [new(200, "It is archived. The body is empty.")],
            Errors = [412],
            OldPrefix = "/contacts_interactions/",
        });
    }

    public override async Task HandleAsync(CancellationToken cancellation)
    {
        var http = HttpContext;
        http.TryRouteId(out var id);
        var now = UtcTime.CutToMilliseconds(clock.GetUtcNow().UtcDateTime);
        await http.Refuse(
            await changes.ApplyAsync(new Archiving(id, trail.ActorOf(http), IfMatch.Of(http), now), http.Caller(), cancellation));
    }
}

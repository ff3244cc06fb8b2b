using Lips.Audit.Contracts;
using Lips.Interactions.Record;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Interactions.ArchiveInteraction;

/// <summary><c>DELETE /contact_interactions/:id</c>: archives (contract section 5). The seed's example spells the path with two s.</summary>
internal sealed class ArchiveEndpoint(Archiving archiving, TimeProvider clock) : IEndpoint
{
    public static void Configure(EndpointDefinition endpoint) => endpoint
        .On("DELETE", "/contact_interactions/{id}").On("DELETE", "/contacts_interactions/{id}").Requires(Ability.Write);

    public Task HandleAsync(HttpContext http) => archiving.SetAsync(http, UtcTime.CutToMilliseconds(clock.GetUtcNow().UtcDateTime));
}

/// <summary><c>PUT /contact_interactions/:id/unarchive</c>: brings back.</summary>
internal sealed class UnarchiveEndpoint(Archiving archiving) : IEndpoint
{
    public static void Configure(EndpointDefinition endpoint) => endpoint
        .On("PUT", "/contact_interactions/{id}/unarchive").On("PUT", "/contacts_interactions/{id}/unarchive").Requires(Ability.Write);

    public Task HandleAsync(HttpContext http) => archiving.SetAsync(http, null);
}

/// <summary>What the two share. 200 and an empty body, and the same again when it already was so.</summary>
internal sealed class Archiving(StateChanges changes, AuditTrail trail)
{
    /// <summary>Archives at a time, or brings back when there is none.</summary>
    public async Task SetAsync(HttpContext http, DateTime? archivedAt)
    {
        if (!http.TryRouteId(out var id) || !await changes.ApplyAsync(Change(id), http.Caller(), http.RequestAborted))
            await http.NotFound("There is no such interaction.");

        StateChange Change(long of) =>
            new(of, archivedAt is null ? AuditAction.Unarchive : AuditAction.Archive, trail.ActorOf(http)) { Archived = archivedAt is not null, ArchivedAt = archivedAt };
    }
}

using Lips.Audit.Contracts;
using Lips.Counters.Contracts;
using Lips.Interactions.Record;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Npgsql;
using NpgsqlTypes;

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

/// <summary>What the two share: one statement either way. 200 and an empty body, and the same again when it already was so.</summary>
internal sealed class Archiving(NpgsqlDataSource database, AdvertiserWrites writes, AuditTrail trail)
{
    // Archiving what is archived keeps the time of the first.
    private static readonly string Update = StateChange.Sql("archived_at = $3", "(i.archived_at IS NULL) <> ($3 IS NULL)");

    public async Task SetAsync(HttpContext http, DateTime? archivedAt)
    {
        if (!http.TryRouteId(out var id) || await InteractionRows.AdvertiserOfAsync(database, id, http.Caller(), http.RequestAborted) is not { } advertiser)
        {
            await http.NotFound("There is no such interaction.");
            return;
        }

        var parameter = new NpgsqlParameter { Value = (object?)archivedAt ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz };
        var actor = trail.ActorOf(http);
        await writes.RunAsync(
            [advertiser],
            async (write, cancellation) =>
            {
                var changed = await StateChange.ApplyAsync(write, advertiser, id, Update, [parameter.Clone()], cancellation);
                if (changed is not null)
                    write.Last.BatchCommands.Add(trail.Statement(actor, AuditEntry.Of(archivedAt is null ? AuditAction.Unarchive : AuditAction.Archive, advertiser, id)));
                return changed is not null;
            },
            http.RequestAborted);
    }
}

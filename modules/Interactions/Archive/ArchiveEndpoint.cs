using FastEndpoints;
using Lips.Audit.Contracts;
using Lips.Interactions.Serving;
using Lips.Interactions.Writing;
using Lips.Kernel;
using Lips.Kernel.Reference;
using Npgsql;
using NpgsqlTypes;

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

    internal sealed record Archiving(long Id, AuditActor Actor, IfMatch? Precondition, DateTime At)
        : InteractionChange(Id, AuditAction.Archive, Actor, Precondition)
    {
        // What is archived already keeps the time of the first. Index: interactions_pkey or interactions_by_id.
        private const string Sql =
            $"""
            UPDATE interactions.interactions i SET archived_at = w.at
            FROM unnest($1, $2, $3) AS w(advertiser, id, at)
            WHERE i.advertiser = w.advertiser AND i.id = w.id AND i.archived_at IS NULL
            {Returning}
                i.read, i.important, false, i.read, i.important, true, ARRAY[]::text[]
            """;

        public override NpgsqlBatchCommand Statement(IReadOnlyList<InteractionChange> changes) => new(Sql)
        {
            Parameters =
            {
                Column(changes, c => c.Advertiser.Value, NpgsqlDbType.Bigint),
                Column(changes, c => c.Id, NpgsqlDbType.Bigint),
                Column(changes, c => ((Archiving)c).At, NpgsqlDbType.TimestampTz),
            },
        };
    }
}

using FastEndpoints;
using Lips.Audit.Contracts;
using Lips.Interactions.Serving;
using Lips.Interactions.Writing;
using Lips.Kernel;
using Lips.Kernel.Reference;
using Npgsql;
using NpgsqlTypes;

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

    internal sealed record Unarchiving(long Id, AuditActor Actor, IfMatch? Precondition)
        : InteractionChange(Id, AuditAction.Unarchive, Actor, Precondition)
    {
        // Index: interactions_pkey or interactions_by_id.
        private const string Sql =
            $"""
            UPDATE interactions.interactions i SET archived_at = NULL
            FROM unnest($1, $2) AS w(advertiser, id)
            WHERE i.advertiser = w.advertiser AND i.id = w.id AND i.archived_at IS NOT NULL
            {Returning}
                i.read, i.important, true, i.read, i.important, false, ARRAY[]::text[]
            """;

        public override NpgsqlBatchCommand Statement(IReadOnlyList<InteractionChange> changes) => new(Sql)
        {
            Parameters = { Column(changes, c => c.Advertiser.Value, NpgsqlDbType.Bigint), Column(changes, c => c.Id, NpgsqlDbType.Bigint) },
        };
    }
}

using FastEndpoints;
using Lips.Access.Authentication;
using Lips.Audit.Contracts;
using Lips.Kernel;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Lips.Access.Tokens;

/// <summary><c>DELETE /tokens/:id</c>: revokes; the same again when it already was so.</summary>
internal sealed class RevokeTokenEndpoint(IDbContextFactory<AccessContext> contexts, TokenCache cache, AuditTrail trail, TimeProvider clock)
    : EndpointWithoutRequest
{
    public override void Configure()
    {
        Delete("/tokens/{id:long}");
        Policies(Allow.Admin);
        Definition.Describe(TokenReference.Revoke);
    }

    public override async Task HandleAsync(CancellationToken cancellation)
    {
        var http = HttpContext;
        await using var context = await contexts.CreateDbContextAsync(CancellationToken.None);
        if (!http.TryRouteId(out var id)
            || await context.Tokens.AsNoTracking().SingleOrDefaultAsync(t => t.Id == id, CancellationToken.None) is not { } token
                || !token.IsWithin(http.Caller()))
        {
            await http.NotFound("There is no such token.");
            return;
        }

        var now = UtcTime.CutToMilliseconds(clock.GetUtcNow().UtcDateTime);
        await using var transaction = await context.Database.BeginTransactionAsync(CancellationToken.None);
        var revoked = await context.Tokens.Where(t => t.Id == id && t.RevokedAt == null)
            .ExecuteUpdateAsync(t => t.SetProperty(x => x.RevokedAt, now), CancellationToken.None);
        if (revoked > 0)
        {
            await trail.WriteAsync(
                (NpgsqlConnection)context.Database.GetDbConnection(), trail.ActorOf(http), AuditEntry.OfToken(AuditAction.TokenRevoke, id),
                    CancellationToken.None);
        }

        await transaction.CommitAsync(CancellationToken.None);
        cache.Forget(id);
    }
}

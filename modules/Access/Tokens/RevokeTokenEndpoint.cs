using Lips.Access.Authentication;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Lips.Access.Tokens;

/// <summary><c>DELETE /tokens/:id</c>: revokes; the same again when it already was so.</summary>
internal sealed class RevokeTokenEndpoint(IDbContextFactory<AccessContext> contexts, TokenCache cache, TimeProvider clock) : IEndpoint
{
    public static void Configure(EndpointDefinition endpoint) => endpoint.On("DELETE", "/tokens/{id}").Requires(Ability.Admin);

    public async Task HandleAsync(HttpContext http)
    {
        await using var context = await contexts.CreateDbContextAsync(http.RequestAborted);
        if (!http.TryRouteId(out var id) || !await context.Tokens.AnyAsync(t => t.Id == id, http.RequestAborted))
        {
            await http.NotFound("There is no such token.");
            return;
        }

        var now = UtcTime.CutToMilliseconds(clock.GetUtcNow().UtcDateTime);
        await context.Tokens.Where(t => t.Id == id && t.RevokedAt == null)
            .ExecuteUpdateAsync(t => t.SetProperty(x => x.RevokedAt, now), http.RequestAborted);
        cache.Forget(id);
    }
}

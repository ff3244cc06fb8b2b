using FastEndpoints;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Lips.Access.Tokens;

/// <summary><c>GET /tokens</c>: all tokens that are within the caller's own, the revoked too, without their secrets.</summary>
internal sealed class ListTokensEndpoint(IDbContextFactory<AccessContext> contexts) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Verbs(Http.GET, Http.HEAD);
        Routes("/tokens");
        Policies(Allow.Admin);
        Definition.Describe(TokenReference.List);
    }

    public override async Task HandleAsync(CancellationToken cancellation)
    {
        var http = HttpContext;
        await using var context = await contexts.CreateDbContextAsync(CancellationToken.None);
        var tokens = await context.Tokens.AsNoTracking().OrderBy(t => t.Id).ToListAsync(CancellationToken.None);
        await http.AnswerJson(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("tokens"u8);
            foreach (var token in tokens.Where(t => t.IsWithin(http.Caller())))
            {
                json.WriteStartObject();
                token.WriteTo(json);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }
}

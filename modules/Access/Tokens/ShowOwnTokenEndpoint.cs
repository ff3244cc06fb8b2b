using FastEndpoints;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace Lips.Access.Tokens;

/// <summary><c>GET /tokens/self</c>: what the caller's own token may do, without its secret (contract section 11).</summary>
internal sealed class ShowOwnTokenEndpoint(IDbContextFactory<AccessContext> contexts) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Verbs(Http.GET, Http.HEAD);
        Routes("/tokens/self");
        Policies(Allow.AnyToken);
        Definition.Describe(TokenReference.Self);
    }

    public override async Task HandleAsync(CancellationToken cancellation)
    {
        var http = HttpContext;
        var id = http.Caller().TokenId;
        await using var context = await contexts.CreateDbContextAsync(CancellationToken.None);
        var token = await context.Tokens.AsNoTracking().SingleAsync(t => t.Id == id, CancellationToken.None);
        http.Response.Headers.CacheControl = "private, no-store";
        await http.AnswerJson(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("token"u8);
            token.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }
}

using FastEndpoints;
using Lips.Kernel;

namespace Lips.Host.Http;

/// <summary><c>GET /health/live</c>: the process runs.</summary>
internal sealed class LiveEndpoint : EndpointWithoutRequest
{
    public override void Configure()
    {
        Verbs(FastEndpoints.Http.GET, FastEndpoints.Http.HEAD);
        Routes("/health/live");
        AllowAnonymous();
        Summary(s => s.Summary = "Whether the process runs.");
    }

    public override Task HandleAsync(CancellationToken cancellation) => Health.Answer(HttpContext, "live");
}

/// <summary><c>GET /health/ready</c>: the node is to be sent requests; else 503, which says why not.</summary>
internal sealed class ReadyEndpoint(Readiness readiness) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Verbs(FastEndpoints.Http.GET, FastEndpoints.Http.HEAD);
        Routes("/health/ready");
        AllowAnonymous();
        Summary(s => s.Summary = "Whether to send the node requests: it does not stop, and the database answers and is of its version.");
    }

    public override async Task HandleAsync(CancellationToken cancellation)
    {
        if (await readiness.WhyNotAsync(cancellation) is { } reason)
            await HttpContext.Unavailable(reason);
        else
            await Health.Answer(HttpContext, "ready");
    }
}

internal static class Health
{
    public static Task Answer(HttpContext http, string status) => http.AnswerJson(StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteString("status"u8, status);
        json.WriteEndObject();
    });
}

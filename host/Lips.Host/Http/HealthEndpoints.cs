using FastEndpoints;
using Lips.Kernel;
using Lips.Kernel.Reference;

namespace Lips.Host.Http;

/// <summary><c>GET /health/live</c>: the process runs.</summary>
internal sealed class LiveEndpoint : EndpointWithoutRequest
{
    public override void Configure()
    {
        Verbs(FastEndpoints.Http.GET, FastEndpoints.Http.HEAD);
        Routes("/health/live");
        AllowAnonymous();
        Definition.Describe(Health.Describe("getLive", "Whether the process runs.", "live", "It runs."));
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
        Definition.Describe(Health.Describe(
            "getReady", "Whether to send the node requests: it does not stop, and the database answers and is of its version.", "ready",
            "Send it requests. Otherwise 503, which says why not."));
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
    public static OperationDescription Describe(string id, string summary, string status, string text) => new(id, "Service", summary)
    {
        Answers =
        [
            new(200, text, ContentDescription.Json(
                () => Schema.Object(null, ("status", Schema.OneOf(null, status))), (status, $$"""{"status":"{{status}}"}"""))),
        ],
    };

    public static Task Answer(HttpContext http, string status) => http.AnswerJson(StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteString("status"u8, status);
        json.WriteEndObject();
    });
}

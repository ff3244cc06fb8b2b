using FastEndpoints;
using Lips.Kernel;
using Lips.Kernel.Reference;

namespace Lips.Host.OpenApi;

/// <summary><c>GET /openapi.json</c>: the reference for programs.</summary>
internal sealed class OpenApiEndpoint(OpenApiDocument document) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Verbs(FastEndpoints.Http.GET, FastEndpoints.Http.HEAD);
        Routes("/openapi.json");
        AllowAnonymous();
        Definition.Describe(new("getOpenApi", "Service", "This reference as an OpenAPI 3.1 document.")
        {
            Answers =
            [
                new(200, "The document.", ContentDescription.Json(
                    () => Schema.AnyObject("An OpenAPI 3.1 document."),
                    ("The beginning of it", """{"openapi":"3.1.1","info":{"title":"LIPS","version":"0.1.0"},"paths":{}}"""))),
            ],
        });
    }

    public override Task HandleAsync(CancellationToken cancellation) => HttpContext.AnswerJson(StatusCodes.Status200OK, document.Bytes);
}

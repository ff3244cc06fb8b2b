using System.Security.Cryptography;
using System.Text;
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

/// <summary><c>GET /docs</c>: the reference for people, as one page.</summary>
internal sealed class DocsEndpoint(Docs docs) : EndpointWithoutRequest
{
    private const string MediaType = "text/html";

    public override void Configure()
    {
        Verbs(FastEndpoints.Http.GET, FastEndpoints.Http.HEAD);
        Routes("/docs");
        AllowAnonymous();
        Metadata(new AnswerMediaType(MediaType));
        Definition.Describe(new("getDocs", "Service", "This reference as a page to browse.")
        {
            Answers =
            [
                new(200, "The page. It has no script and asks nothing of any host.", new ContentDescription(
                    MediaType, () => Schema.Text(), ("The beginning of it", "<!doctype html><html lang=\"en\">"))),
            ],
        });
    }

    public override async Task HandleAsync(CancellationToken cancellation)
    {
        var response = HttpContext.Response;
        response.Headers.ContentSecurityPolicy = docs.ContentSecurityPolicy;
        response.ContentType = MediaType + "; charset=utf-8";
        response.ContentLength = docs.Page.Length;
        await response.Body.WriteAsync(docs.Page, HttpContext.RequestAborted);
    }
}

/// <summary>The page, made when it is first asked for.</summary>
/// <param name="document">The document.</param>
internal sealed class Docs(OpenApiDocument document)
{
    private readonly Lazy<(ReadOnlyMemory<byte> Page, string Policy)> made = new(() =>
    {
        using var file = new StreamReader(typeof(Docs).Assembly.GetManifestResourceStream("docs.css")!, Encoding.UTF8);
        var style = file.ReadToEnd();
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));
        return (
            Encoding.UTF8.GetBytes(DocsPage.Of(document.Root, style)),
            $"default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    });

    public ReadOnlyMemory<byte> Page => made.Value.Page;

    /// <summary>Lets a browser use the page's own style, and nothing else.</summary>
    public string ContentSecurityPolicy => made.Value.Policy;
}

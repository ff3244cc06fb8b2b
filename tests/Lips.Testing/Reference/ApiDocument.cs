using System.Text.Json.Nodes;
using Lips.Host;
using Lips.Host.OpenApi;
using Microsoft.AspNetCore.Routing;

namespace Lips.Testing.Reference;

/// <summary>The document of the application's routes, made once a process. Nothing is started, so no database is needed.</summary>
public static class ApiDocument
{
    private static readonly Lazy<(JsonObject Root, IReadOnlyList<string> Routes)> Made = new(() =>
    {
        var app = LipsApplication.Build(LipsApplication.CreateBuilder([]), "Host=nowhere");
        try
        {
            var source = new CompositeEndpointDataSource(((IEndpointRouteBuilder)app).DataSources);
            return (new OpenApiDocument(source).Root, [.. Mapped(source)]);
        }
        finally
        {
            app.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    });

    /// <summary>The document. It is not to be changed.</summary>
    public static JsonObject Root => Made.Value.Root;

    /// <summary>The routes that are mapped, as <c>GET /tokens</c>, without those of HEAD.</summary>
    public static IReadOnlyList<string> Routes => Made.Value.Routes;

    // FastEndpoints maps another one by itself, and the host takes it away.
    private static IEnumerable<string> Mapped(EndpointDataSource source) =>
        from route in source.Endpoints.Cast<RouteEndpoint>()
        where route.RoutePattern.RawText != "_test_url_cache_"
        from method in route.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods
        where method != "HEAD"
        select $"{method} {route.RoutePattern.RawText!.Replace(":long", "", StringComparison.Ordinal)}";
}

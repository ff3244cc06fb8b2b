using System.Text.Json.Nodes;
using Lips.Host;
using Lips.Host.OpenApi;
using Microsoft.AspNetCore.Routing;

namespace Lips.Testing.Reference;

/// <summary>The document of the application's routes, made once a process. Nothing is started, so no database is needed.</summary>
public static class ApiDocument
{
    private static readonly Lazy<JsonObject> Made = new(() =>
    {
        var app = LipsApplication.Build(LipsApplication.CreateBuilder([]), "Host=nowhere");
        try
        {
            return new OpenApiDocument(new CompositeEndpointDataSource(((IEndpointRouteBuilder)app).DataSources)).Root;
        }
        finally
        {
            app.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    });

    /// <summary>The document. It is not to be changed.</summary>
    public static JsonObject Root => Made.Value;
}

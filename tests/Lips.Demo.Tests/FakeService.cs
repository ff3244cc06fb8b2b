using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lips.Demo.Tests;

/// <summary>A bulk endpoint on a real socket that keeps what it is sent, or answers as it is told.</summary>
internal sealed class FakeService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HashSet<(string, string)> _known = [];

    private FakeService(WebApplication app) => _app = app;

    /// <summary>Every line in the order of arrival, with its line feed.</summary>
    public MemoryStream Received { get; } = new();

    /// <summary>The lines of each request.</summary>
    public List<int> Requests { get; } = [];

    public List<string> Refusals { get; } = [];

    /// <summary>Answers a request instead of the service, given how many came before; null leaves it to the service.</summary>
    public Func<int, (int Status, string Type, string Body)?> Instead { get; set; } = _ => null;

    public HttpClient Client { get; private set; } = new();

    public static async Task<FakeService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<KestrelServerOptions>(options => options.Limits.MaxRequestBodySize = null);
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var service = new FakeService(app);
        app.MapPost("/contact_interactions/bulk", service.BulkAsync);
        await app.StartAsync(CancellationToken.None);
        service.Client.BaseAddress = new(app.Urls.Single());
        service.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("token", "T");
        return service;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    private async Task<IResult> BulkAsync(HttpRequest request)
    {
        if (Instead(Requests.Count) is var (status, type, body))
            return Results.Text(body, type, statusCode: status);
        if (request.Headers.Authorization != "token T")
            Refusals.Add("authorization");
        if (request.ContentType != "application/x-ndjson")
            Refusals.Add("content type " + request.ContentType);
        if (request.Headers.ContentEncoding != "gzip")
            Refusals.Add("content encoding");
        if (request.ContentLength is not null)
            Refusals.Add("a body of known length is one that was kept whole");

        using var bytes = new MemoryStream();
        await using (var plain = new GZipStream(request.Body, CompressionMode.Decompress))
            await plain.CopyToAsync(bytes, request.HttpContext.RequestAborted);
        bytes.WriteTo(Received);

        var (received, created) = (0, 0);
        foreach (var line in DemoLines.Split(bytes.ToArray()))
        {
            var interaction = JsonElement.Parse(line.Span);
            received++;
            created += _known.Add((interaction.Text("global_master_advertiser_id")!, interaction.Text("external_id")!)) ? 1 : 0;
        }

        Requests.Add(received);
        return Results.Text(
            $$"""{"received":{{received}},"created":{{created}},"duplicates":{{received - created}},"rejected":0,"errors":[]}""",
            "application/json");
    }
}

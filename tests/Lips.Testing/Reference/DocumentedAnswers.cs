using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace Lips.Testing.Reference;

/// <summary>Checks answers against the document: every answer that the tests' clients get goes through here.</summary>
public static class DocumentedAnswers
{
    private const string Json = "application/json";

    private static readonly Lazy<List<(Regex Path, string Name, JsonObject Operations)>> Paths = new(() =>
    [
        .. ApiDocument.Root["paths"]!.AsObject().OrderBy(p => p.Key.Contains('{')).Select(p => (
            // As the routes are mapped: ids are digits, a slash at the end does not matter, nor does the case.
            new Regex(
                $"^{Regex.Escape(p.Key).Replace("\\{id}", "[0-9]+", StringComparison.Ordinal)
                    .Replace("\\{secret_id}", "[0-9]+", StringComparison.Ordinal)}/?$",
                RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1)),
            p.Key, p.Value!.AsObject())),
    ]);

    private static readonly ConcurrentDictionary<JsonObject, Lazy<SchemaCheck>> Checks = [];

    /// <summary>Fails when the document does not have such an answer.</summary>
    /// <param name="method">The method of the request.</param>
    /// <param name="target">What it asked for: a path with its query string.</param>
    /// <param name="status">The answer's status.</param>
    /// <param name="type">Its media type; null for none.</param>
    /// <param name="body">Its body, decoded; null when it is not read here.</param>
    public static void Check(string method, string target, int status, string? type, ReadOnlyMemory<byte>? body)
    {
        if (Fault(method, target, status, type, body) is { } fault)
        {
            Assert.Fail(
                $"{method} {target} was answered otherwise than the document says (build/openapi.json): {status}{fault}\n"
                    + $"{(body is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes.Span) : "")}");
        }
    }

    /// <summary>What is wrong; null when nothing is.</summary>
    public static string? Fault(string method, string target, int status, string? type, ReadOnlyMemory<byte>? body)
    {
        var path = target.Split('?')[0];
        // The dashboard is Orleans' own, and no part of the API.
        if (path.StartsWith("/orleans", StringComparison.OrdinalIgnoreCase))
            return null;
        var found = Paths.Value.Find(p => p.Path.IsMatch(path));
        var verb = method == "HEAD" ? "get" : method.ToLowerInvariant();
        if (found.Operations?[verb] is not JsonObject operation)
        {
            // No route, or not with this method: there are errors alone.
            return status < 400 || method == "HEAD" ? null : FaultOfBody(Described(status), type, body);
        }

        // HEAD and 405 are said once, of all operations.
        if (method == "HEAD" && status == 405)
            return null;
        if (operation["responses"]![status.ToString(CultureInfo.InvariantCulture)] is not JsonObject answer)
            return " is no status of this operation";
        return method == "HEAD" ? null : FaultOfBody(Resolved(answer), type, body);
    }

    /// <summary>What is wrong with the data of an event; null when nothing is.</summary>
    public static string? FaultOfEvent(JsonElement data)
    {
        var media = ApiDocument.Root["paths"]!["/contact_interactions/totals/stream"]!["get"]!["responses"]!["200"]!["content"]!;
        return CheckOf(media["text/event-stream"]!["x-item-schema"]!.AsObject()).Fault(data);
    }

    /// <summary>A check of a schema of the document, made once.</summary>
    public static SchemaCheck CheckOf(JsonObject schema) => Checks.GetOrAdd(
        schema, s => new(() => SchemaCheck.Of(s, ApiDocument.Root["components"]!["schemas"]!.AsObject()))).Value;

    private static string? FaultOfBody(JsonObject answer, string? type, ReadOnlyMemory<byte>? body)
    {
        if (answer["content"] is not JsonObject content)
            return body is { Length: > 0 } ? " has no body" : null;
        if (type is null || content[type] is not JsonObject media)
            return $" is of the type {type ?? "(none)"}, not {content.First().Key}";
        if (type != Json || body is not { } bytes)
            return null;
        using var document = JsonDocument.Parse(bytes);
        return CheckOf(media["schema"]!.AsObject()).Fault(document.RootElement) is { } fault ? $": the body{fault}" : null;
    }

    // A status that no operation has, such as 405, is an error as all are.
    private static JsonObject Described(int status) =>
        Lips.Kernel.Reference.ErrorAnswers.All.TryGetValue(status, out var known)
            ? ApiDocument.Root["components"]!["responses"]![known.Name]!.AsObject()
            : ApiDocument.Root["components"]!["responses"]!["NotFound"]!.AsObject();

    private static JsonObject Resolved(JsonObject answer) => answer["$ref"] is JsonValue reference
        ? ApiDocument.Root["components"]!["responses"]![((string)reference!).Split('/')[^1]]!.AsObject()
        : answer;

    /// <summary>A handler that checks all answers on their way to a client.</summary>
    public sealed class Handler(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        /// <inheritdoc />
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            // Streams are read as they come, by who asked for them.
            var type = response.Content.Headers.ContentType?.MediaType;
            ReadOnlyMemory<byte>? body = type is null or Json ? await BodyAsync(response.Content, cancellationToken) : null;
            Check(request.Method.Method, request.RequestUri!.PathAndQuery, (int)response.StatusCode, type, body);
            return response;
        }

        private static async Task<ReadOnlyMemory<byte>> BodyAsync(HttpContent content, CancellationToken cancellation)
        {
            await content.LoadIntoBufferAsync(cancellation);
            var bytes = await content.ReadAsByteArrayAsync(cancellation);
            if (content.Headers.ContentEncoding.Count == 0 || bytes.Length == 0)
                return bytes;
            await using var packed = new MemoryStream(bytes);
            await using Stream plain = content.Headers.ContentEncoding.Single() == "br"
                ? new BrotliStream(packed, CompressionMode.Decompress) : new GZipStream(packed, CompressionMode.Decompress);
            var body = new MemoryStream();
            await plain.CopyToAsync(body, cancellation);
            return body.ToArray();
        }
    }
}

using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Lips.Kernel;

/// <summary>Reads what every endpoint reads of a request.</summary>
public static class Requests
{
    /// <summary>The largest body of a single record, in bytes, and the largest line of a bulk body.</summary>
    public const int MaxRecordBytes = 1 << 20;

    /// <summary>The preference of clients for whom unknown names are errors.</summary>
    public const string Strict = "handling=strict";

    private const string TooLarge = "The body must not be larger than 1 MiB.";

    /// <summary>How JSON is read: at most 32 levels deep (contract section 3), nothing that JSON does not have.</summary>
    public static JsonDocumentOptions JsonOptions { get; } = new() { MaxDepth = 32 };

    /// <summary>The id at the end of the route; false when it is no positive integer, which names nothing.</summary>
    public static bool TryRouteId(this HttpContext http, out long id) => http.TryRouteId("id", out id);

    /// <summary>The id at this place of the route; false when it is no positive integer, which names nothing.</summary>
    public static bool TryRouteId(this HttpContext http, string name, out long id) =>
        long.TryParse(http.Request.RouteValues[name] as string, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id > 0;

    /// <summary>
    /// Whether the request's <c>Prefer</c> header has this preference (RFC 7240), which the answer then says that it applied.
    /// </summary>
    /// <param name="http">The request.</param>
    /// <param name="preference">Such as <c>return=representation</c>.</param>
    public static bool Prefers(this HttpContext http, string preference)
    {
        if (http.Request.Headers["Prefer"] is not { Count: > 0 } wishes || !wishes.Any(Has))
            return false;
        http.Response.Headers.Append("Preference-Applied", preference);
        return true;

        // Parameters of a preference stand behind a semicolon; its value may be quoted.
        bool Has(string? wish) => wish is not null && wish.Split(',').Any(p => p.Split(';')[0].Replace(" ", "", StringComparison.Ordinal)
            .Replace("\"", "", StringComparison.Ordinal).Equals(preference, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Reads the body as one JSON document.</summary>
    /// <returns>Null after it has answered: the body is of another type (415), too large (413) or not JSON (400).</returns>
    public static async Task<JsonDocument?> ReadJsonAsync(this HttpContext http)
    {
        var body = await http.TryReadJsonAsync();
        if (body.Document is null)
            await body.RefuseAsync(http);
        return body.Document;
    }

    /// <summary>Reads the body as one JSON document, for who has something to find out before a body that is none is refused.</summary>
    public static async Task<JsonBody> TryReadJsonAsync(this HttpContext http)
    {
        var request = http.Request;
        // The limit is kept below. With one of its own the server would close the connection on what is left of a larger body, and the
        // client would often find that instead of the answer; so it reads on for the few seconds that it gives to that.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        if (request.ContentType is { } type && !IsMediaType(type, "application/json"))
            return new JsonBody(StatusCodes.Status415UnsupportedMediaType, "The body must be application/json.");
        if (!request.Headers.ContentEncoding.All(encoding => "identity".Equals(encoding, StringComparison.OrdinalIgnoreCase)))
            return new JsonBody(StatusCodes.Status415UnsupportedMediaType, "The body must not be encoded.");
        if (request.ContentLength > MaxRecordBytes)
            return new JsonBody(StatusCodes.Status413PayloadTooLarge, TooLarge);
        var body = new ArrayBufferWriter<byte>();
        int read;
        while ((read = await request.Body.ReadAsync(body.GetMemory(4096), http.RequestAborted)) > 0)
        {
            body.Advance(read);
            if (body.WrittenCount > MaxRecordBytes)
                return new JsonBody(StatusCodes.Status413PayloadTooLarge, TooLarge);
        }

        var json = WithoutMark(body.WrittenMemory);
        try
        {
            return Utf8.IsValid(json.Span) ? new JsonBody(JsonDocument.Parse(json, JsonOptions))
                : new JsonBody(StatusCodes.Status400BadRequest, "The body is not UTF-8.");
        }
        catch (JsonException)
        {
            return new JsonBody(StatusCodes.Status400BadRequest, $"The body {JsonFault.Of(json.Span)}.");
        }
    }

    /// <summary>A body without the byte order mark that some editors and libraries put before it.</summary>
    public static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> body) =>
        body.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? body[3..] : body;

    /// <summary>Whether a Content-Type names the media type, whatever its parameters.</summary>
    public static bool IsMediaType(string contentType, string mediaType) =>
        contentType.AsSpan(0, contentType.IndexOf(';', StringComparison.Ordinal) is var cut and >= 0 ? cut : contentType.Length)
            .Trim().Equals(mediaType, StringComparison.OrdinalIgnoreCase);
}

/// <summary>What a request's body is: a JSON document, or why it is refused.</summary>
public readonly struct JsonBody
{
    private readonly int status;
    private readonly string? refusal;

    internal JsonBody(JsonDocument document) => Document = document;

    internal JsonBody(int status, string refusal) => (this.status, this.refusal) = (status, refusal);

    /// <summary>The document, for the caller to dispose of; null when the body is refused.</summary>
    public JsonDocument? Document { get; }

    /// <summary>Answers why the body is refused.</summary>
    /// <exception cref="InvalidOperationException">It is not.</exception>
    public Task RefuseAsync(HttpContext http) =>
        refusal is null ? throw new InvalidOperationException("The body is a JSON document.") : http.Status(status, refusal);
}

using System.Net;
using System.Text.Json;

namespace Lips.Client.Sending;

/// <summary>Reads the body of an answer that is not one of the 200s.</summary>
internal static class Refusal
{
    // Of a proxy's page nothing is of use; of our own errors nothing is longer.
    private const int LongestBody = 1 << 20;

    public static async Task<LipsException> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var (status, wait) = (answer.StatusCode, Retries.RetryAfter(answer.Headers));
        using var body = await BodyAsync(answer, cancellation);
        switch (body?.RootElement.ValueKind)
        {
            case JsonValueKind.Array when body.Deserialize(LipsJson.Default.Invalid) is { } lines:
                return new LipsException($"{LipsException.StatusText(status)}: {string.Join("; ", lines)}", null)
                {
                    Status = status,
                    Errors = lines,
                    RetryAfter = wait,
                };
            case JsonValueKind.Object when body.RootElement.TryGetProperty("reason", out _)
                && body.Deserialize(LipsJson.Default.NotAuthorized) is { } no:
                return new LipsException($"{LipsException.StatusText(status)}: {no.Message} ({no.Reason})", null)
                {
                    Status = status,
                    Name = no.Name,
                    Reason = no.Reason,
                };
            case JsonValueKind.Object when body.Deserialize(LipsJson.Default.Error) is { } error:
                var trace = error.TraceId is { } id ? $" (trace_id {id})" : "";
                return new LipsException($"{LipsException.StatusText(status)}: {error.Message}{trace}", null)
                {
                    Status = status,
                    Name = error.Name,
                    TraceId = error.TraceId,
                    RetryAfter = wait,
                };
            default:
                return Unknown(status, wait);
        }
    }

    private static LipsException Unknown(HttpStatusCode status, TimeSpan? wait) =>
        new($"{LipsException.StatusText(status)}.", null) { Status = status, RetryAfter = wait };

    /// <summary>The body; null when it is none of ours: a proxy may have answered.</summary>
    private static async Task<JsonDocument?> BodyAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        try
        {
            await answer.Content.LoadIntoBufferAsync(LongestBody, cancellation);
            var body = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellation));
            if (IsOurs(body.RootElement))
                return body;
            body.Dispose();
            return null;
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or IOException)
        {
            return null;
        }
    }

    private static bool IsOurs(JsonElement body) => body.ValueKind switch
    {
        JsonValueKind.Array => body.EnumerateArray().All(line => Has(line, "attribute") && Has(line, "message")),
        JsonValueKind.Object => Has(body, "name") && Has(body, "message"),
        _ => false,
    };

    private static bool Has(JsonElement json, string name) => json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String;
}

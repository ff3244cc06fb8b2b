using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lips.Demo;

/// <summary>The bulk endpoint's answer to one request.</summary>
internal sealed record BulkAnswer(
    [property: JsonRequired] long Received,
    [property: JsonRequired] long Created,
    [property: JsonRequired] long Duplicates,
    [property: JsonRequired] long Rejected,
    IReadOnlyList<BulkError>? Errors)
{
    private const int ErrorsShown = 3;

    /// <summary>Reads an answer that must have taken every line.</summary>
    /// <param name="response">To the request.</param>
    /// <param name="advertiser">Whose lines were sent.</param>
    /// <param name="before">How many lines of the advertiser went in earlier requests; the service counts from 1 in each.</param>
    /// <param name="sent">How many went in this one.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="DemoException">The status is not 2xx, the body is not the documented one,
    /// lines were rejected or did not arrive.</exception>
    public static async Task<BulkAnswer> ReadAsync(
        HttpResponseMessage response, string advertiser, long before, int sent, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new DemoException($"{advertiser}: the service answered {Status(response.StatusCode)}: {Message(body) ?? "no message"}");

        var answer = Parse(body)
            ?? throw new DemoException(
                $"{advertiser}: the service answered {Status(response.StatusCode)}, but not with the counts of a bulk load.");
        if (answer.Rejected > 0)
        {
            var first = (answer.Errors ?? []).Take(ErrorsShown).Select(error =>
                string.Create(CultureInfo.InvariantCulture, $" Line {before + error.Line}: {error.Attribute} {error.Message}."));
            throw new DemoException(string.Create(
                CultureInfo.InvariantCulture, $"{advertiser}: {answer.Rejected} of {sent} lines were rejected.{string.Concat(first)}"));
        }

        if (answer.Received != sent || answer.Created + answer.Duplicates != sent)
        {
            throw new DemoException(string.Create(
                CultureInfo.InvariantCulture,
                $"{advertiser}: of {sent} lines the service received {answer.Received}, "
                    + $"created {answer.Created} and knew {answer.Duplicates}."));
        }

        return answer;
    }

    private static BulkAnswer? Parse(string body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, BulkJson.Default.BulkAnswer);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // An object with a message, a list of attributes with one each, or what a proxy says in its own words.
    private static string? Message(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return root.ValueKind switch
            {
                JsonValueKind.Object => Text(root, "message") ?? Shortened(body),
                JsonValueKind.Array => string.Join("; ", root.EnumerateArray().Take(ErrorsShown).Select(entry =>
                    entry.ValueKind == JsonValueKind.Object ? $"{Text(entry, "attribute")} {Text(entry, "message")}" : entry.ToString())),
                _ => Shortened(body),
            };
        }
        catch (JsonException)
        {
            return Shortened(body);
        }
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.ToString() : null;

    private static string? Shortened(string body) => body.Trim() switch
    {
        "" => null,
        { Length: > 200 } text => text[..200] + "…",
        var text => text,
    };

    private static string Status(HttpStatusCode status) => ((int)status).ToString(CultureInfo.InvariantCulture);
}

/// <summary>Why a line was rejected.</summary>
internal sealed record BulkError(long Line, string? Attribute, string? Message);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BulkAnswer))]
internal sealed partial class BulkJson : JsonSerializerContext;

using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Lips.Testing;

namespace Lips.Host.Tests.Fuzz;

/// <summary>What holds of every answer, whatever was asked (contract section 3).</summary>
internal static class AnswerCheck
{
    private static readonly Dictionary<int, string> Names = new()
    {
        [400] = "bad_request",
        [401] = "unauthorized",
        [403] = "not_authorized",
        [404] = "not_found",
        [405] = "method_not_allowed",
        [406] = "not_acceptable",
        [410] = "gone",
        [412] = "precondition_failed",
        [413] = "payload_too_large",
        [414] = "uri_too_long",
        [415] = "unsupported_media_type",
        [431] = "request_header_fields_too_large",
    };

    private static readonly HashSet<string> Refusals =
    [
        .. new[] { "ability", "advertiser", "profile", "pii" }.Select(reason =>
            $$"""{"name":"not_authorized","message":"You are not permitted to perform this action.","reason":"{{reason}}"}"""),
    ];

    // Nothing that is sent has these words; who answers with one has let out how it works inside, or what belongs to others.
    private static readonly SearchValues<string> Inside = SearchValues.Create(
        [
            "Npgsql", "Postgres", "SQLSTATE", "   at ", "Exception", "syntax error", "violates", "invalid byte sequence", "duplicate key",
            "out of range", "interactions.interactions", "interactions.contact", "counters.", "access.tokens", "relation \"", "column \"",
            "Microsoft.", "System.", FuzzWorld.VictimMark,
        ],
        StringComparison.Ordinal);

    /// <summary>Whether the server answered by itself, because what came was no HTTP: then there is no body.</summary>
    /// <remarks>Of a target that only CONNECT or OPTIONS may have (<c>host:80</c>, <c>*</c>) it says so.</remarks>
    public static bool IsServersOwn(RawAnswer answer) =>
        answer is { Status: 400 or 405 or 505, Bytes.Length: 0, IsLast: true } && answer.Header("Content-Type") is null
        && (answer.Status != 405 || answer.Header("Allow") is "CONNECT" or "OPTIONS");

    /// <summary>What is wrong with an answer; null when nothing is.</summary>
    public static string? Fault(FuzzRequest request, RawAnswer answer)
    {
        if (answer.Status >= 500 && !IsServersOwn(answer))
            return "it failed";
        var text = Encoding.UTF8.GetString(answer.Bytes);
        if (text.AsSpan().ContainsAny(Inside) || answer.Headers.Any(h => h.Name is not "Link" && h.Value.AsSpan().ContainsAny(Inside))
            || answer.Header("X-Injected") is not null)
            return "it tells what is inside, or has a header that was injected";
        // An answer to HEAD has no body to be judged.
        if (IsServersOwn(answer) || request.Method == "HEAD")
            return null;
        if (!Utf8.IsValid(answer.Bytes))
            return "it is not UTF-8";
        return answer.Status switch
        {
            200 or 201 => SuccessFault(request, answer, text),
            304 => answer.Bytes.Length > 0 ? "304 has a body" : null,
            422 => JsonFault(answer, IsListOfErrors),
            _ when !Names.ContainsKey(answer.Status) => "the status is not documented",
            401 when answer.Header("WWW-Authenticate") is null => "there is no WWW-Authenticate",
            405 when answer.Header("Allow") is null => "there is no Allow",
            403 when !Refusals.Contains(text) => "it is not the documented 403",
            _ => JsonFault(answer, root => IsError(root, Names[answer.Status])),
        };
    }

    private static string? SuccessFault(FuzzRequest request, RawAnswer answer, string text)
    {
        if (answer.IsStream)
            return text.StartsWith("retry: 2000\nevent: totals\ndata: {\"totals\":{", StringComparison.Ordinal)
                && text.EndsWith("}\n\n", StringComparison.Ordinal) ? null : "the stream does not begin with totals";
        // Archive and unarchive say nothing more than 200.
        if (answer.Bytes.Length == 0)
            return answer.Header("Content-Type") is null && request.Method is "DELETE" or "PUT" ? null : "the body is empty";
        if (answer.Header("Content-Type") == "text/csv; charset=utf-8; header=present")
            return text.TrimStart('\uFEFF').StartsWith("id,occurred_at,", StringComparison.Ordinal) ? null : "the table has no heading";
        return JsonFault(answer, root => root.ValueKind == JsonValueKind.Object);
    }

    private static string? JsonFault(RawAnswer answer, Func<JsonElement, bool> isRight)
    {
        if (answer.Header("Content-Type") != "application/json; charset=utf-8")
            return "it is not labelled as JSON";
        try
        {
            using var document = JsonDocument.Parse(answer.Bytes);
            return isRight(document.RootElement) ? null : "it has not the documented form";
        }
        catch (JsonException e)
        {
            return "it is no JSON: " + e.Message;
        }
    }

    private static bool IsListOfErrors(JsonElement root) =>
        root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0
        && root.EnumerateArray().All(line => HasTexts(line, "attribute", "message"));

    private static bool IsError(JsonElement root, string name) =>
        // The reason of a 403 is checked with its whole text.
        (name == "not_authorized" || HasTexts(root, "name", "message")) && root.GetProperty("name").GetString() == name;

    private static bool HasTexts(JsonElement json, string first, string second) =>
        json.ValueKind == JsonValueKind.Object && json.EnumerateObject().Select(p => p.Name).SequenceEqual([first, second])
        // A parameter's name may be a space or nothing at all, and is told as it came.
        && json.EnumerateObject()
            .All(p => p.Value.ValueKind == JsonValueKind.String && (p.Value.GetString()!.Length > 0 || p.Name == "attribute"));
}

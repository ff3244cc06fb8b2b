using System.Text.Json.Nodes;

namespace Lips.Kernel.Reference;

/// <summary>
/// What the reference says of an endpoint (<c>/openapi.json</c>, <c>/docs</c>). Its routes and verbs, its policy and the errors that every
/// endpoint of its sort may answer with are not said here: the document takes them from the endpoint.
/// </summary>
/// <param name="Id">The name of the operation, by which clients are generated.</param>
/// <param name="Section">The section of the reference that it stands in.</param>
/// <param name="Summary">One line.</param>
public sealed record OperationDescription(string Id, string Section, string Summary)
{
    /// <summary>More than the summary, in Markdown without headings.</summary>
    public string? Details { get; init; }

    /// <summary>What each placeholder of the route is.</summary>
    public IReadOnlyList<(string Name, string Text)> Path { get; init; } = [];

    /// <summary>The parameters of the query string: exactly those that the endpoint's reader asks for.</summary>
    public IReadOnlyList<ParameterDescription> Query { get; init; } = [];

    /// <summary>The headers of a request beyond those of every endpoint of its sort.</summary>
    public IReadOnlyList<ParameterDescription> Headers { get; init; } = [];

    /// <summary>The body; null for none.</summary>
    public ContentDescription? Body { get; init; }

    /// <summary>The answers that are no errors.</summary>
    public required IReadOnlyList<AnswerDescription> Answers { get; init; }

    /// <summary>Statuses of errors beyond those of every endpoint of its sort, such as 404.</summary>
    public IReadOnlyList<int> Errors { get; init; } = [];

    /// <summary>The beginning of those of its routes that are kept for old clients only; null when there are none.</summary>
    public string? OldPrefix { get; init; }
}

/// <summary>A parameter of a query string, or a header.</summary>
/// <param name="Name">As clients write it, <c>[]</c> included.</param>
/// <param name="Rule">What it does, and what it may be.</param>
/// <param name="Schema">The type of its value, with its default.</param>
/// <param name="Example">A value; null only where there is a default.</param>
public sealed record ParameterDescription(string Name, string Rule, Func<JsonObject> Schema, JsonNode? Example = null)
{
    /// <summary>Whether every request must have it.</summary>
    public bool IsRequired { get; init; }
}

/// <summary>A body of a request or an answer.</summary>
/// <param name="MediaType">Such as <c>application/json</c>.</param>
/// <param name="Schema">Its schema; of text in lines or events that of one of them.</param>
/// <param name="Examples">At least one: a short title, and the body.</param>
public sealed record ContentDescription(string MediaType, Func<JsonObject> Schema, params (string Title, string Body)[] Examples)
{
    /// <summary>JSON.</summary>
    public static ContentDescription Json(Func<JsonObject> schema, params (string Title, string Body)[] examples) =>
        new("application/json", schema, examples);
}

/// <summary>An answer that is no error.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Text">When it is given.</param>
/// <param name="Content">Its body; null for none.</param>
/// <param name="Headers">Its headers beyond those of every answer.</param>
public sealed record AnswerDescription(int Status, string Text, ContentDescription? Content = null, params string[] Headers);

/// <summary>The headers that several endpoints know.</summary>
public static class CommonHeaders
{
    /// <summary>Conditional reads.</summary>
    public static ParameterDescription IfNoneMatch { get; } = new(
        "If-None-Match", "The `ETag` of an earlier answer. While nothing has changed since, the answer is 304 without a body.",
        () => Schema.Text(), "\"3.1.42.f1\"");

    /// <summary>Conditional changes.</summary>
    public static ParameterDescription IfMatch { get; } = new(
        "If-Match", "The `ETag` of the interaction as it was read. When it has changed since, the answer is 412 and nothing is changed.",
        () => Schema.Text(), "\"3.1.42.f1\"");

    /// <summary>Preferences of RFC 7240.</summary>
    public static ParameterDescription Prefer { get; } = new(
        "Prefer", "`handling=strict`: names that are not known are errors (422) instead of being ignored.",
        () => Schema.Text(), "handling=strict");

    /// <summary>Requests that may be repeated.</summary>
    public static ParameterDescription IdempotencyKey { get; } = new(
        "Idempotency-Key",
        "1 to 255 visible ASCII characters. The same request with the same key is done once; another body with it is 422. In bulk, line n "
            + "has the key KEY/n.",
        () => Schema.Text(longest: 255), "import-2026-06-01");
}

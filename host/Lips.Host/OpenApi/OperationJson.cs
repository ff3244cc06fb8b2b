using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Lips.Kernel;
using Lips.Kernel.Reference;

namespace Lips.Host.OpenApi;

/// <summary>An operation of the document: a verb at a route.</summary>
/// <param name="route">The route, as it is mapped.</param>
/// <param name="verb">The verb.</param>
/// <param name="firstVerb">The first verb of its endpoint.</param>
/// <param name="description">What its endpoint says of itself.</param>
/// <param name="policy">The policy of its callers; null for everybody.</param>
/// <param name="names">The names of its query string; null for none.</param>
internal sealed partial class OperationJson(
    string route, string verb, string firstVerb, OperationDescription description, string? policy, QueryNames? names)
{
    // Of every answer to a token whose rate is limited.
    private static readonly string[] LimitHeaders = ["RateLimit", "RateLimit-Policy"];

    public string Path { get; } = Constraint().Replace(route, "}");

    public string Verb => verb;

    public OperationDescription Description => description;

    public bool IsOld => description.OldPrefix is { } prefix && route.StartsWith(prefix, StringComparison.Ordinal);

    public JsonObject ToJson()
    {
        var operation = new JsonObject
        {
            ["operationId"] = description.Id + (verb == firstVerb ? "" : "By" + verb[0] + verb[1..].ToLowerInvariant())
                + (IsOld ? "AtOldPath" : ""),
            ["tags"] = new JsonArray(description.Section),
            ["summary"] = description.Summary,
            ["description"] = Text(),
        };
        if (IsOld)
            operation["deprecated"] = true;
        operation["security"] = Security();
        var parameters = new JsonArray([.. PathParameters(), .. QueryParameters(), .. HeaderParameters()]);
        if (parameters.Count > 0)
            operation["parameters"] = parameters;
        if (description.Body is { } body)
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(body) };
        operation["responses"] = Responses();
        return operation;
    }

    /// <summary>An error, for <c>components/responses</c>.</summary>
    public static JsonObject OfError(ErrorAnswer error)
    {
        var content = ContentDescription.Json(() => Schema.Ref(error.Schema), (error.Name, error.Example));
        return Response(error.Text, content, error.Headers);
    }

    private string Text()
    {
        var who = policy is null ? "Needs no credential." : ReferenceTexts.Abilities[policy];
        return description.Details is { } details ? $"{details}\n\n{who}" : who;
    }

    private JsonArray Security()
    {
        if (policy is null)
            return [new JsonObject()];
        var schemes = new JsonArray(Of("bearer"), Of("token"));
        if (policy == Allow.ReadInAnyProfile)
        {
            schemes.Add(Of("bearer", "apiKey"));
            schemes.Add(Of("token", "apiKey"));
        }

        return schemes;

        static JsonNode Of(params string[] names) =>
            new JsonObject(names.Select(name => KeyValuePair.Create(name, (JsonNode?)new JsonArray())));
    }

    private IEnumerable<JsonNode?> PathParameters()
    {
        var inRoute = Placeholder().Matches(route).Select(m => m.Groups[1].Value).ToList();
        if (!inRoute.SequenceEqual(description.Path.Select(p => p.Name), StringComparer.Ordinal))
            throw new InvalidOperationException($"{description.Id} describes other placeholders than those of {route}.");
        return description.Path.Select(p => new JsonObject
        {
            ["name"] = p.Name,
            ["in"] = "path",
            ["description"] = p.Text,
            ["required"] = true,
            ["schema"] = Schema.Whole(least: 1),
            ["example"] = 1001,
        });
    }

    private IEnumerable<JsonNode?> QueryParameters()
    {
        var asked = names?.Of(CallerOf(Profile.Full)) ?? [];
        var askedOfPartners = policy == Allow.ReadInAnyProfile ? names?.Of(CallerOf(Profile.Partner)) ?? [] : asked;
        var described = description.Query.Select(p => NameOf(p)).ToList();
        if (described.Except(asked).Concat(asked.Except(described)).Concat(askedOfPartners.Except(asked)).FirstOrDefault() is { } other)
            throw new InvalidOperationException($"{description.Id} does not read the parameters that it describes: {other}.");
        return description.Query.Select(p => Parameter(
            p, "query", askedOfPartners.Contains(NameOf(p), StringComparer.Ordinal) ? "" : " Not in the partner profile."));

        static string NameOf(ParameterDescription parameter) =>
            parameter.Name.EndsWith("[]", StringComparison.Ordinal) ? parameter.Name[..^2] : parameter.Name;
    }

    private IEnumerable<JsonNode?> HeaderParameters()
    {
        IEnumerable<ParameterDescription> headers = description.Headers;
        var isStrict = description.Query.Count > 0 || description.Body is not null;
        if (isStrict && !headers.Any(h => h.Name == CommonHeaders.Prefer.Name))
            headers = headers.Append(CommonHeaders.Prefer);
        return headers.Select(h => Parameter(h, "header", ""));
    }

    private static JsonObject Parameter(ParameterDescription described, string place, string more)
    {
        var parameter = new JsonObject { ["name"] = described.Name, ["in"] = place, ["description"] = described.Rule + more };
        if (described.IsRequired)
            parameter["required"] = true;
        parameter["schema"] = described.Schema();
        if (described.Example is { } example)
            parameter["example"] = example.DeepClone();
        else if (parameter["schema"]!["default"] is null)
            throw new InvalidOperationException($"The parameter {described.Name} has neither an example nor a default.");
        return parameter;
    }

    private JsonObject Responses()
    {
        var responses = new JsonObject();
        foreach (var answer in description.Answers)
            responses[Code(answer.Status)] = Response(answer.Text, answer.Content, policy is null
                ? answer.Headers : [.. answer.Headers, .. LimitHeaders]);
        foreach (var status in Errors().Distinct().Order())
            responses[Code(status)] = new JsonObject { ["$ref"] = "#/components/responses/" + ErrorAnswers.All[status].Name };
        return responses;

        static string Code(int status) => status.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>What an endpoint of this sort may answer, whatever it does.</summary>
    private IEnumerable<int> Errors()
    {
        int[] any = [400, 406, 414, 431, 500, 503];
        int[] ofCallers = policy is null ? [] : [401, 403, 429];
        int[] ofQueries = description.Query.Count > 0 ? [422] : [];
        int[] ofBodies = description.Body is null ? [] : [408, 413, 415, 422];
        int[] ofPlaceholders = description.Path.Count > 0 ? [404] : [];
        return [.. any, .. ofCallers, .. ofQueries, .. ofBodies, .. ofPlaceholders, .. description.Errors];
    }

    private static JsonObject Response(string text, ContentDescription? content, IReadOnlyList<string> headers)
    {
        var response = new JsonObject { ["description"] = text };
        if (headers.Count > 0)
        {
            response["headers"] = new JsonObject(headers.Select(h => KeyValuePair.Create(
                h, (JsonNode?)new JsonObject { ["$ref"] = "#/components/headers/" + h })));
        }

        if (content is not null)
            response["content"] = Content(content);
        return response;
    }

    private static JsonObject Content(ContentDescription content)
    {
        if (content.Examples.Length == 0)
            throw new InvalidOperationException($"A body of {content.MediaType} has no example.");
        var isJson = content.MediaType == "application/json";
        var media = new JsonObject { ["schema"] = content.Schema() };
        if (content.MediaType is "application/x-ndjson" or "text/event-stream")
        {
            // OpenAPI 3.1 has no words for a sequence: the schema is that of the whole text, and the items' stands beside it.
            media["x-item-schema"] = content.Schema();
            media["schema"] = Schema.Text();
        }

        media["examples"] = new JsonObject(content.Examples.Select((e, i) => KeyValuePair.Create(
            Key(e.Title), (JsonNode?)new JsonObject { ["summary"] = e.Title, ["value"] = isJson ? JsonNode.Parse(e.Body) : e.Body })));
        return new JsonObject { [content.MediaType] = media };

        static string Key(string title) => NoKey().Replace(title, "-").Trim('-');
    }

    // Who asks does not matter, only in which profile.
    private static Caller CallerOf(Profile profile) => new()
    {
        TokenId = 0,
        Profile = profile,
        Abilities = Ability.Read,
        Advertisers = null,
        Trusted = false,
        Pii = true,
    };

    [GeneratedRegex(":[^}]+}")]
    private static partial Regex Constraint();

    [GeneratedRegex(@"\{(\w+)[^}]*\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex("[^A-Za-z0-9]+")]
    private static partial Regex NoKey();
}

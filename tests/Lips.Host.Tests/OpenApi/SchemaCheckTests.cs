using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using Lips.Testing.Reference;
using Xunit;

namespace Lips.Host.Tests.OpenApi;

/// <summary>
/// The examples fit their schemas, by a general validator; and the check that every answer of the tests goes through says the same as that
/// one, of the examples and of what is wrong in them.
/// </summary>
public sealed class SchemaCheckTests
{
    private const string Base = "https://lips.example/schemas";

    private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.Flag };

    private static readonly Lazy<BuildOptions> Named = new(() =>
    {
        var options = new BuildOptions { SchemaRegistry = new SchemaRegistry() };
        var schemas = ApiDocument.Root["components"]!["schemas"]!.DeepClone();
        JsonSchema.FromText(Rewritten(new JsonObject { ["$id"] = Base, ["$defs"] = schemas }, "#/$defs/"), options);
        return options;
    });

    [Fact]
    public void Every_example_fits_its_schema()
    {
        var media = MediaTypes().ToList();

        Assert.True(media.Count > 30, $"Only {media.Count} bodies were found.");
        Assert.Empty(media.SelectMany(body => body.Examples
            .Where(example => !IsValid(body.Schema, example) || SchemaFault(body.Schema, example) is not null)
            .Select(example => $"{body.Place}: {SchemaFault(body.Schema, example)}")));
    }

    [Fact]
    public void The_check_of_answers_finds_what_a_general_validator_finds()
    {
        var count = 0;
        foreach (var (place, schema, examples) in MediaTypes())
        {
            foreach (var wrong in examples.SelectMany(Mutated))
            {
                var fault = SchemaFault(schema, wrong);
                // A field more is no error to the document, and one here.
                if (fault?.Contains("is not described", StringComparison.Ordinal) is not true)
                    Assert.True(IsValid(schema, wrong) == fault is null, $"{place}: {fault ?? "no fault"} in {wrong.ToJsonString()}");
                count++;
            }
        }

        Assert.True(count > 500, $"Only {count} bodies were tried.");
    }

    [Theory]
    [InlineData("GET", "/health/live", 200, "application/json", """{"status":"live"}""", null)]
    [InlineData("GET", "/health/live/", 200, "application/json", """{"status":"dead"}""", "status is none of")]
    [InlineData("GET", "/health/live", 200, "application/json", """{"status":"live","more":1}""", ".more is not described")]
    [InlineData("GET", "/health/live", 200, "application/json", "{}", ".status is missing")]
    [InlineData("GET", "/health/live", 200, "text/html", "<p>", "is of the type text/html")]
    [InlineData("GET", "/health/live", 422, "application/json", "[]", "is no status of this operation")]
    [InlineData("DELETE", "/tokens/7", 200, "application/json", "{}", "has no body")]
    [InlineData("GET", "/nothing", 404, "application/json", """{"name":"not_found","message":"no"}""", null)]
    [InlineData("GET", "/nothing", 404, "application/json", """{"error":"no"}""", ".error is not described")]
    [InlineData("POST", "/audit", 405, "application/json", """{"name":"method_not_allowed","message":"no"}""", null)]
    [InlineData("HEAD", "/audit", 302, null, "", "is no status of this operation")]
    public void An_answer_that_is_not_described_is_found(
        string method, string target, int status, string? type, string body, string? expected)
    {
        var fault = DocumentedAnswers.Fault(method, target, status, type, System.Text.Encoding.UTF8.GetBytes(body));

        if (expected is null)
            Assert.Null(fault);
        else
            Assert.Contains(expected, fault ?? "no fault", StringComparison.Ordinal);
    }

    private static IEnumerable<(string Place, JsonObject Schema, IReadOnlyList<JsonNode> Examples)> MediaTypes()
    {
        foreach (var (path, operations) in ApiDocument.Root["paths"]!.AsObject())
        {
            foreach (var (verb, operation) in operations!.AsObject())
            {
                var contents = operation!["responses"]!.AsObject().Select(r => r.Value!["content"]).Append(
                    operation["requestBody"]?["content"]);
                foreach (var media in contents.Select(c => c?["application/json"]).OfType<JsonObject>())
                    yield return ($"{verb} {path}", media["schema"]!.AsObject(), ExamplesOf(media));
            }
        }

        foreach (var (name, response) in ApiDocument.Root["components"]!["responses"]!.AsObject())
        {
            var media = response!["content"]!["application/json"]!.AsObject();
            yield return (name, media["schema"]!.AsObject(), ExamplesOf(media));
        }
    }

    private static List<JsonNode> ExamplesOf(JsonObject media) => [.. media["examples"]!.AsObject().Select(e => e.Value!["value"]!)];

    private static string? SchemaFault(JsonObject schema, JsonNode value)
    {
        using var document = JsonDocument.Parse(value.ToJsonString());
        return DocumentedAnswers.CheckOf(schema).Fault(document.RootElement);
    }

    private static bool IsValid(JsonObject schema, JsonNode value)
    {
        using var document = JsonDocument.Parse(value.ToJsonString());
        return JsonSchema.FromText(Rewritten(schema, Base + "#/$defs/"), Named.Value).Evaluate(document.RootElement, Options).IsValid;
    }

    private static string Rewritten(JsonObject schema, string target) =>
        schema.ToJsonString().Replace("#/components/schemas/", target, StringComparison.Ordinal);

    /// <summary>The value with one thing changed, at each place.</summary>
    private static IEnumerable<JsonNode> Mutated(JsonNode value)
    {
        foreach (var path in PathsOf(value, []))
        {
            foreach (var other in new JsonNode?[] { null, "word", -1, 0.5, true, new JsonArray(), new JsonObject() })
            {
                var copy = value.DeepClone();
                var parent = path[..^1].Aggregate(copy, Child);
                if (parent is JsonArray array)
                    array[(int)path[^1]] = other?.DeepClone();
                else
                    parent[(string)path[^1]] = other?.DeepClone();
                yield return copy;
            }

            if (path[^1] is string name)
            {
                var without = value.DeepClone();
                path[..^1].Aggregate(without, Child).AsObject().Remove(name);
                yield return without;
            }
        }
    }

    private static JsonNode Child(JsonNode node, object key) => key is string name ? node[name]! : node[(int)key]!;

    private static IEnumerable<object[]> PathsOf(JsonNode? node, object[] path)
    {
        if (path.Length > 0)
            yield return path;
        IEnumerable<(object Key, JsonNode? Value)> children = node switch
        {
            JsonObject fields => fields.Select(f => ((object)f.Key, f.Value)),
            JsonArray items => items.Select((item, i) => ((object)i, item)),
            _ => [],
        };
        foreach (var child in children.SelectMany(c => PathsOf(c.Value, [.. path, c.Key])))
            yield return child;
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace Lips.Interactions.Tests.Seeds;

/// <summary>Compares an answer with a documented one.</summary>
internal static partial class Documented
{
    /// <summary>
    /// Says where an answer lacks what is documented: every documented field must be there with its value; it may have more.
    /// </summary>
    /// <param name="expected">What is documented.</param>
    /// <param name="actual">What was answered.</param>
    /// <param name="path">Where the two stand.</param>
    public static IEnumerable<string> Differences(JsonNode? expected, JsonNode? actual, string path = "$")
    {
        switch (expected)
        {
            case JsonObject fields when actual is JsonObject answered:
                return fields.SelectMany(field => answered.TryGetPropertyValue(field.Key, out var value)
                    ? Differences(field.Value, value, $"{path}.{field.Key}")
                    : [$"{path}.{field.Key} is missing"]);
            case JsonArray items when actual is JsonArray answered:
                return items.Count == answered.Count
                    ? items.SelectMany((item, i) => Differences(item, answered[i], $"{path}[{i}]"))
                    : [$"{path} has {answered.Count} items and not {items.Count}"];
            default:
                return JsonNode.DeepEquals(expected, actual) ? [] : [$"{path} is {Shown(actual)} and not {Shown(expected)}"];
        }

        static string Shown(JsonNode? node) => node?.ToJsonString(JsonSerializerOptions.Web) ?? "null";
    }

    /// <summary>Fails unless a value has the type of its field.</summary>
    public static void HasType(JsonNode value, Field field)
    {
        var fits = field.Type switch
        {
            "INTEGER" => value.GetValueKind() == JsonValueKind.Number && value.AsValue().TryGetValue<long>(out _),
            "STRING" => value.GetValueKind() == JsonValueKind.String,
            "DATETIME" => value.GetValueKind() == JsonValueKind.String && ServedTime().IsMatch((string)value!),
            "OBJECT" => value.GetValueKind() == JsonValueKind.Object,
            "ARRAY" => value.GetValueKind() == JsonValueKind.Array,
            _ => throw new InvalidOperationException($"The type {field.Type} of {field.Name} is not known here."),
        };
        Assert.True(fits, $"{field.Name} is documented as {field.Type}: {value.ToJsonString()}");
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ServedTime();
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Lips.Testing.Reference;

/// <summary>
/// A schema of the document, made ready once so that every answer of a test run can be checked: a page of 500 interactions takes a
/// millisecond, where a general validator takes a hundred. It is stricter than the document: fields that are not described are errors.
/// That it otherwise says what a general validator says is a test (Lips.Host.Tests, SchemaCheckTests).
/// </summary>
public sealed partial class SchemaCheck
{
    private static readonly HashSet<string> Annotations = ["description", "default", "examples", "deprecated"];

    private readonly List<Func<JsonElement, string?>> rules = [];
    private string? kind;

    private SchemaCheck()
    {
    }

    /// <summary>Makes a schema ready.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="named">Those that it may refer to.</param>
    /// <exception cref="NotSupportedException">It has a keyword that is not checked.</exception>
    public static SchemaCheck Of(JsonObject schema, JsonObject named) => Of(schema, named, new(StringComparer.Ordinal));

    /// <summary>What is wrong with a value; null when nothing is.</summary>
    public string? Fault(JsonElement value)
    {
        foreach (var rule in rules)
        {
            if (rule(value) is { } fault)
                return fault;
        }

        return null;
    }

    private static SchemaCheck Of(JsonObject schema, JsonObject named, Dictionary<string, SchemaCheck> made)
    {
        if (schema["$ref"] is JsonValue reference)
        {
            var name = ((string)reference!).Split('/')[^1];
            // Before it is made, since a schema may refer to itself.
            if (!made.TryGetValue(name, out var known))
            {
                made[name] = known = new SchemaCheck();
                known.Add(named[name]!.AsObject(), named, made);
            }

            return known;
        }

        var check = new SchemaCheck();
        check.Add(schema, named, made);
        return check;
    }

    private void Add(JsonObject schema, JsonObject named, Dictionary<string, SchemaCheck> made)
    {
        foreach (var (keyword, node) in schema)
        {
            switch (keyword)
            {
                case "type":
                    string[] types = node is JsonArray several ? [.. several.Select(t => (string)t!)] : [(string)node!];
                    kind = string.Join(" or ", types);
                    rules.Add(v => Array.Exists(types, t => IsOf(t, v)) ? null : $" is no {kind}: {Shown(v)}");
                    break;
                case "enum":
                    var values = node!.AsArray().Select(v => v?.ToJsonString() ?? "null").ToHashSet(StringComparer.Ordinal);
                    rules.Add(v => values.Contains(v.GetRawText()) ? null : $" is none of {string.Join(", ", values)}: {Shown(v)}");
                    break;
                case "pattern":
                    var pattern = new Regex((string)node!, RegexOptions.None, TimeSpan.FromSeconds(1));
                    rules.Add(v => v.ValueKind != JsonValueKind.String || pattern.IsMatch(v.GetString()!)
                        ? null : $" does not match {pattern}: {Shown(v)}");
                    break;
                case "format":
                    if ((string)node! == "date-time")
                        rules.Add(v => v.ValueKind != JsonValueKind.String || Time().IsMatch(v.GetString()!)
                            ? null : $" is no time with milliseconds and Z: {Shown(v)}");
                    break;
                case "minimum" or "maximum":
                    AddBound(keyword, (long)node!);
                    break;
                case "maxLength" or "minItems" or "maxItems":
                    AddLength(keyword, (long)node!);
                    break;
                case "items":
                    var items = Of(node!.AsObject(), named, made);
                    rules.Add(v => v.ValueKind == JsonValueKind.Array ? FaultOfItems(v, items) : null);
                    break;
                case "properties":
                    AddProperties(schema, named, made);
                    break;
                case "required" or "additionalProperties":
                    // With the properties.
                    break;
                case "anyOf":
                    SchemaCheck[] checks = [.. node!.AsArray().Select(s => Of(s!.AsObject(), named, made))];
                    rules.Add(v => FaultOfSeveral(v, checks));
                    break;
                default:
                    if (!Annotations.Contains(keyword))
                        throw new NotSupportedException($"The keyword {keyword} is not checked.");
                    break;
            }
        }
    }

    private void AddBound(string keyword, long bound) => rules.Add(
        v => v.ValueKind != JsonValueKind.Number || (keyword == "minimum" ? v.GetDecimal() >= bound : v.GetDecimal() <= bound)
            ? null : string.Create(CultureInfo.InvariantCulture, $" has the {keyword} {bound}: {Shown(v)}"));

    private void AddLength(string keyword, long bound) => rules.Add(v =>
    {
        var isRight = keyword switch
        {
            "maxLength" => v.ValueKind != JsonValueKind.String || v.GetString()!.EnumerateRunes().Count() <= bound,
            "minItems" => v.ValueKind != JsonValueKind.Array || v.GetArrayLength() >= bound,
            _ => v.ValueKind != JsonValueKind.Array || v.GetArrayLength() <= bound,
        };
        return isRight ? null : string.Create(CultureInfo.InvariantCulture, $" has the {keyword} {bound}");
    });

    private void AddProperties(JsonObject schema, JsonObject named, Dictionary<string, SchemaCheck> made)
    {
        var properties = schema["properties"]!.AsObject()
            .ToDictionary(p => p.Key, p => Of(p.Value!.AsObject(), named, made), StringComparer.Ordinal);
        string[] required = schema["required"] is JsonArray names ? [.. names.Select(n => (string)n!)] : [];
        var isOpen = schema["additionalProperties"] is not null;
        rules.Add(value =>
        {
            if (value.ValueKind != JsonValueKind.Object)
                return null;
            foreach (var property in value.EnumerateObject())
            {
                if (!properties.TryGetValue(property.Name, out var check))
                {
                    if (!isOpen)
                        return $".{property.Name} is not described";
                }
                else if (check.Fault(property.Value) is { } fault)
                {
                    return $".{property.Name}{fault}";
                }
            }

            return required.FirstOrDefault(name => !value.TryGetProperty(name, out _)) is { } missing ? $".{missing} is missing" : null;
        });
    }

    private static string? FaultOfItems(JsonElement value, SchemaCheck items)
    {
        var i = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (items.Fault(item) is { } fault)
                return string.Create(CultureInfo.InvariantCulture, $"[{i}]{fault}");
            i++;
        }

        return null;
    }

    private static string? FaultOfSeveral(JsonElement value, SchemaCheck[] checks)
    {
        var faults = new List<string>();
        foreach (var check in checks)
        {
            if (check.Fault(value) is not { } fault)
                return null;
            faults.Add(fault);
        }

        return $" fits none of {checks.Length}: {string.Join("; ", faults)}";
    }

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "string" => value.ValueKind == JsonValueKind.String,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => throw new NotSupportedException($"The type {type} is not checked."),
    };

    private static string Shown(JsonElement value) => value.GetRawText() is var text && text.Length > 80 ? text[..80] + "…" : text;

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$")]
    private static partial Regex Time();
}

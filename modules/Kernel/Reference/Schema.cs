using System.Globalization;
using System.Text.Json.Nodes;

namespace Lips.Kernel.Reference;

/// <summary>A schema that the document has once, by its name.</summary>
/// <param name="Name">The name under <c>components/schemas</c>.</param>
/// <param name="Make">Makes the schema.</param>
public sealed record NamedSchema(string Name, Func<JsonObject> Make);

/// <summary>Writes JSON schemas (draft 2020-12) in few words. A node has one parent, so each call makes a new one.</summary>
public static class Schema
{
    /// <summary>A string.</summary>
    public static JsonObject Text(string? description = null, int? longest = null) =>
        With(Of("string", description), ("maxLength", longest));

    /// <summary>A string of a format such as <c>uri</c>.</summary>
    public static JsonObject Formatted(string format, string? description = null) => With(Of("string", description), ("format", format));

    /// <summary>A time: UTC, ISO 8601 with milliseconds and <c>Z</c>.</summary>
    public static JsonObject Time(string? description = null) => Formatted("date-time", description);

    /// <summary>The id of an advertiser or a campaign.</summary>
    public static JsonObject GlobalId(string? description = null) =>
        With(Of("string", description), ("pattern", "^(USA|CAN|AUS|GBR|TEST)_[0-9]+$"), ("examples", new JsonArray("USA_123")));

    /// <summary>One of these strings.</summary>
    public static JsonObject OneOf(string? description, params string[] values) =>
        With(Of("string", description), ("enum", new JsonArray([.. values.Select(v => (JsonNode?)v)])));

    /// <summary>One of these numbers.</summary>
    public static JsonObject OneOf(string? description, params int[] values) =>
        With(Of("integer", description), ("enum", new JsonArray([.. values.Select(v => (JsonNode?)v)])));

    /// <summary>A whole number.</summary>
    public static JsonObject Whole(string? description = null, long? least = null, long? most = null, long? usual = null) =>
        With(
            Of("integer", description),
            ("format", most is null or > int.MaxValue ? "int64" : "int32"), ("minimum", least), ("maximum", most), ("default", usual));

    /// <summary>A count.</summary>
    public static JsonObject Count(string? description = null) => Whole(description, least: 0);

    /// <summary>A boolean.</summary>
    public static JsonObject Boolean(string? description = null, bool? usual = null) =>
        With(Of("boolean", description), ("default", usual));

    /// <summary>An array.</summary>
    public static JsonObject List(JsonObject items, string? description = null, int? least = null, int? most = null) =>
        With(Of("array", description), ("items", items), ("minItems", least), ("maxItems", most));

    /// <summary>An object whose fields are always there, but for those whose name is given with a <c>?</c> behind it.</summary>
    public static JsonObject Object(string? description, params (string Name, JsonObject Schema)[] fields) => With(
        Of("object", description),
        ("required", fields.Any(f => !IsOptional(f.Name))
            ? new JsonArray([.. fields.Where(f => !IsOptional(f.Name)).Select(f => (JsonNode?)f.Name)]) : null),
        ("properties", new JsonObject(fields.Select(f => KeyValuePair.Create(f.Name.TrimEnd('?'), (JsonNode?)f.Schema)))));

    /// <summary>An object of any fields.</summary>
    public static JsonObject AnyObject(string? description = null) => With(Of("object", description), ("additionalProperties", true));

    /// <summary>A value of one of these JSON types.</summary>
    public static JsonObject Types(string? description, params string[] types) => With(
        new JsonObject { ["type"] = new JsonArray([.. types.Select(t => (JsonNode?)t)]) }, ("description", description));

    /// <summary>One of these. Since objects may get more fields, a value may fit several: an empty page does.</summary>
    public static JsonObject Either(params JsonObject[] schemas) => new() { ["anyOf"] = new JsonArray([.. schemas]) };

    /// <summary>The schema of that name.</summary>
    public static JsonObject Ref(NamedSchema schema) => new() { ["$ref"] = "#/components/schemas/" + schema.Name };

    /// <summary>The same, or null.</summary>
    public static JsonObject OrNull(this JsonObject schema)
    {
        if (schema["type"] is { } type)
        {
            schema["type"] = type is JsonArray several ? new JsonArray([.. several.Select(t => t!.DeepClone()), "null"])
                : new JsonArray((string)type!, "null");
            if (schema["enum"] is JsonArray values)
                values.Add(null);
            return schema;
        }

        return new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
    }

    /// <summary>The same with a default.</summary>
    public static JsonObject Usually(this JsonObject schema, JsonNode usual) => With(schema, ("default", usual));

    private static bool IsOptional(string name) => name.EndsWith('?');

    private static JsonObject Of(string type, string? description) =>
        With(new JsonObject { ["type"] = type }, ("description", description));

    private static JsonObject With(JsonObject schema, params (string Name, object? Value)[] more)
    {
        foreach (var (name, value) in more)
        {
            if (value is not null)
                schema[name] = value as JsonNode ?? Value(value);
        }

        return schema;
    }

    private static JsonValue Value(object value) => value switch
    {
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        _ => JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
    };
}

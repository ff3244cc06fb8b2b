using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Lips.Client.Sending;
using Lips.Testing.Reference;
using Xunit;

namespace Lips.Client.Tests;

/// <summary>The client's types and the document say the same.</summary>
public sealed class DocumentTests
{
    // A text that says nothing: the client asks for the interaction instead.
    private const string Unread = "InteractionUpdated";

    private static readonly JsonObject Schemas = ApiDocument.Root["components"]!["schemas"]!.AsObject();

    [Fact]
    public void Each_schema_has_a_type_with_the_same_attributes()
    {
        Assert.Equal([], Schemas.Where(schema => schema.Key != Unread).SelectMany(schema => Differences(schema.Key, schema.Value!)));
    }

    [Theory]
    [InlineData("Contact", "email", "Contact has emails alone in the document; Contact has email alone in the client")]
    [InlineData("Totals", "totals", "Totals has totalss alone in the document; Totals has totals alone in the client")]
    public void An_attribute_that_is_called_otherwise_is_found(string schema, string attribute, string difference)
    {
        var other = Schemas[schema]!.DeepClone();
        var properties = other["properties"]!.AsObject();
        var value = properties[attribute]!;
        properties.Remove(attribute);
        properties[attribute + "s"] = value;

        Assert.Equal(difference, string.Join("; ", Differences(schema, other)));
    }

    [Fact]
    public void An_attribute_of_another_kind_is_found()
    {
        var other = Schemas["Contact"]!.DeepClone();
        other["properties"]!["email"]!["type"] = "integer";

        Assert.Equal("Contact.email is integer in the document and string in the client", Assert.Single(Differences("Contact", other)));
    }

    private static IEnumerable<string> Differences(string name, JsonNode schema) => TypeOf(name) is { } type
        ? Differences(name, schema, LipsJson.Default.Options.GetTypeInfo(type))
        : [$"{name} has no type in the client"];

    private static Type? TypeOf(string name) => typeof(LipsClient).Assembly.GetType($"Lips.Client.Bodies.{name}")
        ?? typeof(LipsClient).Assembly.GetType($"Lips.Client.{name}");

    private static IEnumerable<string> Differences(string path, JsonNode schema, JsonTypeInfo type)
    {
        schema = Resolved(schema);
        var (said, read) = (KindOf(schema), KindOf(type));
        if (said != read && said is not null && read is not null)
        {
            yield return $"{path} is {said} in the document and {read} in the client";
            yield break;
        }

        if (schema["items"] is { } items && type is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element })
        {
            foreach (var difference in Differences(path + "[]", items, LipsJson.Default.Options.GetTypeInfo(element)))
                yield return difference;
        }

        if (schema["properties"] is not JsonObject properties || type.Kind != JsonTypeInfoKind.Object)
            yield break;
        var known = type.Properties.Where(property => property.Get is not null || property.Set is not null)
            .ToDictionary(property => property.Name, StringComparer.Ordinal);
        foreach (var (attribute, inner) in properties)
        {
            if (!known.Remove(attribute, out var property))
            {
                yield return $"{path} has {attribute} alone in the document";
                continue;
            }

            var inside = LipsJson.Default.Options.GetTypeInfo(property.PropertyType);
            foreach (var difference in Differences($"{path}.{attribute}", inner!, inside))
                yield return difference;
        }

        foreach (var attribute in known.Keys)
            yield return $"{path} has {attribute} alone in the client";
    }

    private static JsonNode Resolved(JsonNode schema)
    {
        if (schema["$ref"] is { } reference)
            return Resolved(Schemas[((string)reference!).Split('/')[^1]]!);
        // One of it and null.
        var either = (schema["anyOf"] as JsonArray)?.Where(one => (string?)one!["type"] != "null").ToList();
        return either is [{ } it] ? Resolved(it) : schema;
    }

    private static string? KindOf(JsonNode schema)
    {
        var types = schema["type"] switch
        {
            JsonArray all => all.Select(one => (string)one!).Where(one => one != "null").ToList(),
            JsonNode one => [(string)one!],
            null => [],
        };
        return types is [var kind] ? kind : null;
    }

    private static string? KindOf(JsonTypeInfo type)
    {
        var clr = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        return type.Kind switch
        {
            JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "object",
            JsonTypeInfoKind.Enumerable => "array",
            _ when clr == typeof(string) || clr == typeof(DateTimeOffset) || clr == typeof(DateOnly) => "string",
            _ when clr == typeof(int) || clr == typeof(long) => "integer",
            _ when clr == typeof(decimal) || clr == typeof(double) => "number",
            _ when clr == typeof(bool) => "boolean",
            _ => null,
        };
    }
}

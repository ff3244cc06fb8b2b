using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lips.Client;

/// <summary>The advertisers of a token: all, or these.</summary>
[JsonConverter(typeof(Converter))]
public sealed class AdvertiserSet
{
    private AdvertiserSet(IReadOnlyList<string>? ids) => Ids = ids;

    /// <summary>All of them.</summary>
    public static AdvertiserSet All { get; } = new(null);

    /// <summary>Their ids; null for all.</summary>
    public IReadOnlyList<string>? Ids { get; }

    /// <summary>These.</summary>
    /// <param name="ids">Such as <c>USA_123</c>.</param>
    public static AdvertiserSet Of(params IEnumerable<string> ids) => new([.. ids]);

    /// <inheritdoc />
    public override string ToString() => Ids is null ? "all" : string.Join(' ', Ids);

    internal sealed class Converter : JsonConverter<AdvertiserSet>
    {
        public override AdvertiserSet Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("all"u8))
                return All;
            if (reader.TokenType != JsonTokenType.StartArray)
                throw new JsonException("Advertisers are neither all nor a list.");
            var ids = new List<string>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                ids.Add(reader.GetString() ?? throw new JsonException("An advertiser is null."));
            return new AdvertiserSet(ids);
        }

        public override void Write(Utf8JsonWriter writer, AdvertiserSet value, JsonSerializerOptions options)
        {
            if (value.Ids is not { } ids)
            {
                writer.WriteStringValue("all"u8);
                return;
            }

            writer.WriteStartArray();
            foreach (var id in ids)
                writer.WriteStringValue(id);
            writer.WriteEndArray();
        }
    }
}

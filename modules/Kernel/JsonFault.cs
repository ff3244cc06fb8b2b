using System.Globalization;
using System.Text.Json;

namespace Lips.Kernel;

/// <summary>Why a text is not JSON as we read it, and where, without repeating any of it.</summary>
/// <param name="What">What is wrong, said so that it reads on from "The body".</param>
/// <param name="Line">From 1.</param>
/// <param name="Byte">Within the line, from 1.</param>
public readonly record struct JsonFault(string What, long Line, long Byte)
{
    /// <summary>Finds what is wrong with a text that could not be read.</summary>
    public static JsonFault Of(ReadOnlySpan<byte> json)
    {
        if (json.TrimStart(" \t\r\n"u8).IsEmpty)
            return new JsonFault("is empty", 1, 1);
        // Not as if all of it were here: so the reader waits for more where the text ends early, and fails where it is wrong.
        var reader = new Utf8JsonReader(json, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = int.MaxValue }));
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    if (reader.CurrentDepth >= Requests.JsonOptions.MaxDepth)
                        return At(json, (int)reader.TokenStartIndex, $"is JSON deeper than {Requests.JsonOptions.MaxDepth} levels");
                }
                else if (reader.CurrentDepth == 0)
                {
                    var end = (int)reader.BytesConsumed;
                    return At(json, json.Length - json[end..].TrimStart(" \t\r\n"u8).Length, "has something behind the end of its JSON");
                }
            }

            return At(json, json.Length, "ends early: its JSON is not complete");
        }
        catch (JsonException e)
        {
            return new JsonFault("is not JSON", (e.LineNumber ?? 0) + 1, (e.BytePositionInLine ?? 0) + 1);
        }
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{What} (line {Line}, byte {Byte})");

    private static JsonFault At(ReadOnlySpan<byte> json, int place, string what)
    {
        var before = json[..place];
        return new JsonFault(what, before.Count((byte)'\n') + 1, place - (before.LastIndexOf((byte)'\n') + 1) + 1);
    }
}

using System.Buffers;
using System.Text.Json;
using Lips.Kernel;

namespace Lips.Interactions.Serving;

/// <summary>
/// Goes through the fields of a JSON object that this service has written, in their order, without making a document of it.
/// </summary>
/// <param name="json">The object, compact or not.</param>
internal ref struct JsonObjectFields(ReadOnlySpan<byte> json)
{
    private readonly ReadOnlySpan<byte> json = json;
    private Utf8JsonReader reader = new(json);

    /// <summary>The field's name. The documented names need no escapes.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The field's value as it is written, quotes included.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Goes to the next field.</summary>
    /// <returns>False behind the last.</returns>
    public bool MoveNext()
    {
        if (reader.TokenType == JsonTokenType.None)
            reader.Read();
        reader.Read();
        if (reader.TokenType != JsonTokenType.PropertyName)
            return false;
        Name = reader.ValueSpan;
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        Value = json[start..(int)reader.BytesConsumed];
        return true;
    }
}

/// <summary>Writes fields whose values are JSON already.</summary>
internal static class JsonFieldWriting
{
    /// <summary>Writes a field.</summary>
    /// <param name="to">Takes it.</param>
    /// <param name="separator">What stands before it: <c>{</c> or <c>,</c>.</param>
    /// <param name="name">Its name, which needs no escapes.</param>
    /// <param name="value">Its value as JSON; empty when that follows.</param>
    public static void WriteField(this IBufferWriter<byte> to, byte separator, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var length = name.Length + value.Length + 4;
        var span = to.GetSpan(length);
        (span[0], span[1]) = (separator, (byte)'"');
        name.CopyTo(span[2..]);
        "\":"u8.CopyTo(span[(name.Length + 2)..]);
        value.CopyTo(span[(name.Length + 4)..]);
        to.Advance(length);
    }

    /// <summary>Writes a text as a JSON string.</summary>
    public static void WriteJsonText(this IBufferWriter<byte> to, string text) =>
        JsonAnswer.WriteTo(to, json => json.WriteStringValue(text));
}

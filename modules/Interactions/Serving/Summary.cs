using System.Buffers;

namespace Lips.Interactions.Serving;

/// <summary>The full profile without what is long: <c>fields=summary</c> (contract section 11).</summary>
internal static class Summary
{
    /// <summary>Whether a field of the type-specific object is left out.</summary>
    public static bool LeavesOut(ReadOnlySpan<byte> name) => name.SequenceEqual("transcript"u8) || name.SequenceEqual("extra_fields"u8);

    /// <summary>Writes the unchanging part of an interaction, all but its closing brace.</summary>
    /// <param name="to">Takes it.</param>
    /// <param name="body">The part as it is stored.</param>
    public static void WriteOpenBody(IBufferWriter<byte> to, ReadOnlySpan<byte> body)
    {
        var separator = (byte)'{';
        for (var fields = new JsonObjectFields(body); fields.MoveNext(); separator = (byte)',')
        {
            if (fields.Value[0] != '{')
            {
                to.WriteField(separator, fields.Name, fields.Value);
                continue;
            }

            // The type-specific object: call, form, …
            to.WriteField(separator, fields.Name, default);
            var inner = (byte)'{';
            for (var part = new JsonObjectFields(fields.Value); part.MoveNext();)
            {
                if (LeavesOut(part.Name))
                    continue;
                to.WriteField(inner, part.Name, part.Value);
                inner = (byte)',';
            }

            to.Write(inner == '{' ? "{}"u8 : "}"u8);
        }
    }
}

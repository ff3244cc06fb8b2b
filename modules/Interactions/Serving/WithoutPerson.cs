using System.Buffers;

namespace Lips.Interactions.Serving;

/// <summary>The full profile without what tells of a person: that is null, <c>[]</c> or <c>{}</c> (contract section 2).</summary>
internal static class WithoutPerson
{
    /// <summary>Writes the unchanging part of an interaction, all but its closing brace.</summary>
    /// <param name="to">Takes it.</param>
    /// <param name="body">The part as it is stored.</param>
    /// <param name="isSummary">Whether transcripts and extra fields are left out.</param>
    public static void WriteOpenBody(IBufferWriter<byte> to, ReadOnlySpan<byte> body, bool isSummary)
    {
        var separator = (byte)'{';
        for (var fields = new JsonObjectFields(body); fields.MoveNext(); separator = (byte)',')
        {
            if (fields.Value[0] == '{')
                WritePart(to, fields.Name, fields.Value, isSummary);
            else
                to.WriteField(separator, fields.Name, fields.Name.SequenceEqual("page_url"u8) ? "null"u8 : fields.Value);
        }
    }

    /// <summary>Writes the contact.</summary>
    /// <param name="to">Takes it.</param>
    /// <param name="contact">The contact as it is stored.</param>
    public static void WriteContact(IBufferWriter<byte> to, ReadOnlySpan<byte> contact)
    {
        var separator = (byte)'{';
        for (var fields = new JsonObjectFields(contact); fields.MoveNext(); separator = (byte)',')
            to.WriteField(separator, fields.Name, OfContact(fields.Name, fields.Value));
        to.Write("}"u8);
    }

    /// <summary>What is shown of a contact's field.</summary>
    public static ReadOnlySpan<byte> OfContact(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual("id"u8) || name.SequenceEqual("created_at"u8))
            return value;
        return name.SequenceEqual("phone_numbers"u8) ? "[]"u8 : "null"u8;
    }

    // The type-specific object: call, form, …
    private static void WritePart(IBufferWriter<byte> to, ReadOnlySpan<byte> name, ReadOnlySpan<byte> part, bool isSummary)
    {
        to.WriteField((byte)',', name, default);
        var separator = (byte)'{';
        for (var fields = new JsonObjectFields(part); fields.MoveNext();)
        {
            if (isSummary && Summary.LeavesOut(fields.Name))
                continue;
            to.WriteField(separator, fields.Name, OfPart(fields.Name, fields.Value));
            separator = (byte)',';
        }

        to.Write(separator == '{' ? "{}"u8 : "}"u8);
    }

    private static ReadOnlySpan<byte> OfPart(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual("extra_fields"u8))
            return "{}"u8;
        if (name.SequenceEqual("transcript"u8))
            return "[]"u8;
        return name.SequenceEqual("recording_url"u8) || name.SequenceEqual("call_recording_url"u8) || name.SequenceEqual("target_number"u8)
            || name.SequenceEqual("caller_number"u8) || name.SequenceEqual("dialed_number"u8) || name.SequenceEqual("referring_url"u8)
            || name.SequenceEqual("subject"u8) || name.SequenceEqual("summary"u8) || name.SequenceEqual("full_message"u8)
                || name.SequenceEqual("message"u8) || name.SequenceEqual("customer_name"u8)
            ? "null"u8
            : value;
    }
}

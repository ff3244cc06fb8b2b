using System.Buffers;

namespace Lips.Interactions.Serving;

/// <summary>An interaction as partners see it (contract section 4): the fields of their document and no others.</summary>
internal static class PartnerJson
{
    /// <summary>Writes an interaction.</summary>
    /// <param name="to">Takes the object.</param>
    /// <param name="interaction">The interaction.</param>
    /// <param name="pii">Whether what tells of a person is shown; else it is null or <c>[]</c> (contract section 2).</param>
    public static void Write(IBufferWriter<byte> to, in StoredInteraction interaction, bool pii)
    {
        var externalSource = "\"\""u8;
        var separator = (byte)'{';
        var fields = new JsonObjectFields(interaction.Body);
        while (fields.MoveNext())
        {
            if (fields.Name.SequenceEqual("external_source"u8))
                externalSource = fields.Value;
            // The type-specific object bears the short name of the type.
            if (fields.Value[0] == '{')
                WriteEventType(to, fields.Name);
            else if (NameOf(fields.Name) is { IsEmpty: false } name)
                to.WriteField(separator, name, fields.Name.SequenceEqual("campaign_name"u8) && fields.Value.SequenceEqual("null"u8)
                    ? "\"\""u8 : fields.Value);
            separator = (byte)',';
        }

        WriteContact(to, interaction, externalSource, pii);
        to.Write("}"u8);
    }

    /// <summary>What a field of the full profile is called here; empty when it is not shown.</summary>
    private static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("referrer_type"u8))
            return "refer_type"u8;
        if (name.SequenceEqual("referrer_source"u8))
            return "refer_source"u8;
        return name.SequenceEqual("id"u8) || name.SequenceEqual("contact_id"u8) || name.SequenceEqual("campaign_name"u8)
            || name.SequenceEqual("channel"u8)
            || name.SequenceEqual("influencing_campaign"u8) || name.SequenceEqual("created_at"u8) || name.SequenceEqual("occurred_at"u8)
                || name.SequenceEqual("occured_at"u8)
            || name.SequenceEqual("external_source"u8)
            ? name
            : default;
    }

    private static void WriteEventType(IBufferWriter<byte> to, ReadOnlySpan<byte> shortName)
    {
        to.Write(",\"event_type\":\""u8);
        to.Write(shortName);
        to.Write("\""u8);
    }

    // The display name stands outside. Both sources are the interaction's: the document's own example has two for one contact.
    private static void WriteContact(
        IBufferWriter<byte> to, in StoredInteraction interaction, ReadOnlySpan<byte> externalSource, bool pii)
    {
        var displayName = "null"u8;
        to.Write(",\"contact\":"u8);
        var separator = (byte)'{';
        var fields = new JsonObjectFields(interaction.Contact);
        while (fields.MoveNext())
        {
            if (fields.Name.SequenceEqual("display_name"u8))
            {
                displayName = fields.Value;
                continue;
            }

            to.WriteField(separator, fields.Name, pii ? fields.Value : WithoutPerson.OfContact(fields.Name, fields.Value));
            separator = (byte)',';
        }

        to.WriteField((byte)',', "contact_external_source"u8, interaction.ContactSource.IsEmpty ? "\"\""u8 : interaction.ContactSource);
        to.WriteField((byte)',', "interaction_external_source"u8, externalSource);
        to.Write("}"u8);
        to.WriteField((byte)',', "display_name"u8, pii ? displayName : "null"u8);
    }
}

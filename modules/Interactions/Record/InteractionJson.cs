using System.Text.Json;
using Lips.Counters.Contracts;
using Lips.Kernel;
using Npgsql;

namespace Lips.Interactions.Record;

/// <summary>An interaction as the full profile serves it (contract section 4), written straight from a row of the database.</summary>
internal static class InteractionJson
{
    /// <summary>
    /// The columns that <see cref="Write"/> and <see cref="PartnerJson.Write"/> read, of <c>interactions.interactions i</c> and <c>interactions.contacts c</c>, in its order.
    /// </summary>
    public const string Columns =
        """
        i.id, i.contact_id, i.campaign_name, i.advertiser, i.campaign, i.sub_type, i.referrer_type, i.referrer_source, i.influencing_campaign, i.notes,
        i.created_at, i.occurred_at, i.channel, i.kind, i.external_source, i.page_url, i.important, i.read, i.archived_at, i.tags,
        i.wpc_id, i.visitor_id, i.conversation_id, i.external_id, i.external_app_id, i.part,
        c.first_name, c.last_name, c.display_name, c.email, c.company, c.title, c.phone_numbers, c.created_at,
        i.contact_external_source
        """;

    /// <summary>How many columns those are: where a statement's own begin, behind them.</summary>
    public const int ColumnCount = 35;

    /// <summary>Whether the interaction of a row is archived.</summary>
    public static bool IsArchived(NpgsqlDataReader row) => !row.IsDBNull(18);

    /// <summary>Writes the row that the reader stands on in the caller's profile, and without what its token may not see.</summary>
    public static void WriteFor(Caller caller, Utf8JsonWriter json, NpgsqlDataReader row)
    {
        if (caller.Profile == Profile.Partner)
            PartnerJson.Write(json, row, caller.Pii);
        else
            Write(json, row, caller.Pii);
    }

    /// <summary>Writes the row that the reader stands on.</summary>
    /// <param name="json">Takes the object.</param>
    /// <param name="row">A row of <see cref="Columns"/>.</param>
    /// <param name="pii">Whether what tells of a person is shown; else it is null, <c>[]</c> or <c>{}</c> (contract section 2).</param>
    public static void Write(Utf8JsonWriter json, NpgsqlDataReader row, bool pii)
    {
        var advertiser = GlobalId.FromValue(row.GetInt64(3));
        GlobalId? campaign = row.IsDBNull(4) ? null : GlobalId.FromValue(row.GetInt64(4));
        var type = EventTypes.TypeOf((EventKind)row.GetInt16(13));
        json.WriteStartObject();
        json.WriteNumber("id"u8, row.GetInt64(0));
        json.WriteNumber("contact_id"u8, row.GetInt64(1));
        json.WriteString("campaign_name"u8, row.TextOrNull(2));
        json.WriteString("global_master_advertiser_id"u8, advertiser.ToString());
        json.WriteString("global_master_campaign_id"u8, campaign?.ToString());
        json.WriteNumber("master_advertiser_id"u8, advertiser.Number);
        if (campaign is { } id)
            json.WriteNumber("master_campaign_id"u8, id.Number);
        else
            json.WriteNull("master_campaign_id"u8);
        json.WriteNumber("platform_id"u8, (int)advertiser.Platform);
        json.WriteString("platform"u8, advertiser.Platform.Name());
        json.WriteString("sub_type"u8, row.TextOrNull(5));
        json.WriteString("referrer_type"u8, row.TextOrNull(6) ?? "UNKNOWN");
        json.WriteString("referrer_source"u8, row.TextOrNull(7) ?? "");
        json.WriteString("influencing_campaign"u8, row.TextOrNull(8));
        json.WriteString("notes"u8, pii ? row.TextOrNull(9) : null);
        WriteTime(json, "created_at"u8, row.GetDateTime(10));
        var occurredAt = row.GetDateTime(11);
        WriteTime(json, "occurred_at"u8, occurredAt);
        WriteTime(json, "occured_at"u8, occurredAt);
        json.WriteString("channel"u8, Channels.Name((Channel)row.GetInt16(12)));
        json.WriteString("event_type"u8, EventTypes.FullName(type));
        json.WriteString("external_source"u8, row.TextOrNull(14) ?? "");
        json.WriteString("page_url"u8, pii ? row.TextOrNull(15) ?? "" : null);
        json.WriteBoolean("important"u8, row.GetBoolean(16));
        json.WriteBoolean("read"u8, row.GetBoolean(17));
        if (row.IsDBNull(18))
            json.WriteNull("archived_at"u8);
        else
            WriteTime(json, "archived_at"u8, row.GetDateTime(18));
        json.WriteStartArray("tags"u8);
        foreach (var tag in row.GetFieldValue<string[]>(19))
            json.WriteStringValue(tag);
        json.WriteEndArray();
        json.WriteString("wpc_id"u8, row.TextOrNull(20));
        json.WriteString("visitor_id"u8, row.TextOrNull(21));
        json.WriteString("conversation_id"u8, row.TextOrNull(22));
        json.WriteString("external_id"u8, row.TextOrNull(23));
        json.WriteString("external_app_id"u8, row.TextOrNull(24));
        WriteContact(json, row, pii);
        json.WritePropertyName(EventTypes.ShortName(type));
        if (pii)
            json.WriteRawValue(row.GetString(25), skipInputValidation: true);
        else
            PartWithoutPerson.Write(json, row.GetString(25));
        json.WriteEndObject();
    }

    private static void WriteContact(Utf8JsonWriter json, NpgsqlDataReader row, bool pii)
    {
        json.WriteStartObject("contact"u8);
        json.WriteNumber("id"u8, row.GetInt64(1));
        json.WriteString("first_name"u8, pii ? row.TextOrNull(26) : null);
        json.WriteString("last_name"u8, pii ? row.TextOrNull(27) : null);
        json.WriteString("display_name"u8, pii ? DisplayName(row) : null);
        json.WriteString("email"u8, pii ? row.TextOrNull(29) : null);
        json.WriteString("company"u8, pii ? row.TextOrNull(30) : null);
        json.WriteString("title"u8, pii ? row.TextOrNull(31) : null);
        json.WritePropertyName("phone_numbers"u8);
        json.WriteRawValue(pii ? row.GetString(32) : "[]", skipInputValidation: true);
        WriteTime(json, "created_at"u8, row.GetDateTime(33));
        json.WriteEndObject();
    }

    /// <summary>The name that the contact was given, else "first last" if there is a name, else the e-mail, else the phone number.</summary>
    public static string? DisplayName(NpgsqlDataReader row)
    {
        if (row.TextOrNull(28) is { } given)
            return given;
        var (first, last, email, phones) = (row.TextOrNull(26), row.TextOrNull(27), row.TextOrNull(29), row.GetString(32));
        if (first is not null || last is not null)
            return first is null ? last : last is null ? first : $"{first} {last}";
        if (email is not null || phones == "[]")
            return email;
        using var numbers = JsonDocument.Parse(phones);
        return numbers.RootElement[0].GetProperty("phone_number").GetString();
    }

    /// <summary>Writes a time as every answer has it.</summary>
    public static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTime time)
    {
        Span<byte> text = stackalloc byte[UtcTime.FormattedLength];
        UtcTime.Format(time, text);
        json.WriteString(name, text);
    }
}

/// <summary>A type-specific part without what tells of a person (contract section 2).</summary>
internal static class PartWithoutPerson
{
    public static void Write(Utf8JsonWriter json, string part)
    {
        using var document = JsonDocument.Parse(part);
        json.WriteStartObject();
        foreach (var property in document.RootElement.EnumerateObject())
        {
            json.WritePropertyName(property.Name);
            switch (property.Name)
            {
                case "recording_url" or "call_recording_url" or "target_number" or "caller_number" or "dialed_number"
                    or "referring_url" or "full_message" or "message" or "customer_name":
                    json.WriteNullValue();
                    break;
                case "extra_fields":
                    json.WriteStartObject();
                    json.WriteEndObject();
                    break;
                case "transcript":
                    json.WriteStartArray();
                    json.WriteEndArray();
                    break;
                default:
                    json.WriteRawValue(property.Value.GetRawText(), skipInputValidation: true);
                    break;
            }
        }

        json.WriteEndObject();
    }
}

using System.Text.Json;
using Lips.Counters.Contracts;
using Npgsql;

namespace Lips.Interactions.Record;

/// <summary>An interaction as partners see it (contract section 4): the fields of their document and no others.</summary>
internal static class PartnerJson
{
    /// <summary>Writes the row that the reader stands on.</summary>
    /// <param name="json">Takes the object.</param>
    /// <param name="row">A row of <see cref="InteractionJson.Columns"/>.</param>
    /// <param name="pii">Whether what tells of a person is shown; else it is null or <c>[]</c> (contract section 2).</param>
    public static void Write(Utf8JsonWriter json, NpgsqlDataReader row, bool pii)
    {
        var occurredAt = row.GetDateTime(11);
        json.WriteStartObject();
        json.WriteNumber("id"u8, row.GetInt64(0));
        json.WriteNumber("contact_id"u8, row.GetInt64(1));
        json.WriteString("campaign_name"u8, row.TextOrNull(2) ?? "");
        json.WriteString("channel"u8, Channels.Name((Channel)row.GetInt16(12)));
        json.WriteString("refer_type"u8, row.TextOrNull(6) ?? "UNKNOWN");
        json.WriteString("refer_source"u8, row.TextOrNull(7) ?? "");
        json.WriteString("influencing_campaign"u8, row.TextOrNull(8));
        InteractionJson.WriteTime(json, "created_at"u8, row.GetDateTime(10));
        InteractionJson.WriteTime(json, "occurred_at"u8, occurredAt);
        InteractionJson.WriteTime(json, "occured_at"u8, occurredAt);
        json.WriteString("display_name"u8, pii ? InteractionJson.DisplayName(row) : null);
        json.WriteString("event_type"u8, EventTypes.ShortName(EventTypes.TypeOf((EventKind)row.GetInt16(13))));
        json.WriteString("external_source"u8, row.TextOrNull(14) ?? "");
        WriteContact(json, row, pii);
        json.WriteEndObject();
    }

    // Both sources are the interaction's: the document's own example has two for one contact.
    private static void WriteContact(Utf8JsonWriter json, NpgsqlDataReader row, bool pii)
    {
        json.WriteStartObject("contact"u8);
        json.WriteNumber("id"u8, row.GetInt64(1));
        json.WriteString("first_name"u8, pii ? row.TextOrNull(26) : null);
        json.WriteString("last_name"u8, pii ? row.TextOrNull(27) : null);
        json.WriteString("email"u8, pii ? row.TextOrNull(29) : null);
        json.WriteString("company"u8, pii ? row.TextOrNull(30) : null);
        json.WriteString("title"u8, pii ? row.TextOrNull(31) : null);
        json.WritePropertyName("phone_numbers"u8);
        json.WriteRawValue(pii ? row.GetString(32) : "[]", skipInputValidation: true);
        InteractionJson.WriteTime(json, "created_at"u8, row.GetDateTime(33));
        json.WriteString("contact_external_source"u8, row.TextOrNull(34) ?? "");
        json.WriteString("interaction_external_source"u8, row.TextOrNull(14) ?? "");
        json.WriteEndObject();
    }
}

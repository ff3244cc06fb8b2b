using System.Text.Json;
using Lips.Interactions.Record;
using Lips.Kernel;

namespace Lips.Interactions.Ingest;

/// <summary>
/// Makes the JSON that is stored ready to be served, as UTF-8: of an interaction what never changes, and its contact (contract section 4).
/// </summary>
internal static class AnswerWriter
{
    /// <summary>The unchanging part of an interaction: all fields but notes, important, read, archived_at and the contact.</summary>
    /// <param name="row">The interaction.</param>
    /// <param name="now">When it came in.</param>
    public static byte[] Body(NewInteraction row, DateTime now) => JsonScratch.Write((Row: row, Now: now), static (json, of) =>
    {
        var input = of.Row.Input;
        var type = EventTypes.TypeOf(input.Kind);
        json.WriteStartObject();
        json.WriteNumber("id"u8, of.Row.Id);
        json.WriteNumber("contact_id"u8, of.Row.Contact.Id);
        json.WriteString("campaign_name"u8, input.CampaignName);
        json.WriteString("global_master_advertiser_id"u8, input.Advertiser.ToString());
        json.WriteString("global_master_campaign_id"u8, input.Campaign?.ToString());
        json.WriteNumber("master_advertiser_id"u8, input.Advertiser.Number);
        if (input.Campaign is { } campaign)
            json.WriteNumber("master_campaign_id"u8, campaign.Number);
        else
            json.WriteNull("master_campaign_id"u8);
        json.WriteNumber("platform_id"u8, (int)input.Advertiser.Platform);
        json.WriteString("platform"u8, input.Advertiser.Platform.Name());
        json.WriteString("sub_type"u8, input.SubType);
        json.WriteString("referrer_type"u8, input.ReferrerType ?? "UNKNOWN");
        json.WriteString("referrer_source"u8, input.ReferrerSource ?? "");
        json.WriteString("influencing_campaign"u8, input.InfluencingCampaign);
        WriteTime(json, "created_at"u8, input.CreatedAt ?? of.Now);
        WriteTime(json, "occurred_at"u8, input.OccurredAt);
        WriteTime(json, "occured_at"u8, input.OccurredAt);
        json.WriteString("channel"u8, Channels.Name(input.Channel));
        json.WriteString("event_type"u8, EventTypes.FullName(type));
        json.WriteString("external_source"u8, input.ExternalSource ?? "");
        json.WriteString("page_url"u8, input.PageUrl ?? "");
        json.WriteStartArray("tags"u8);
        foreach (var tag in input.Tags)
            json.WriteStringValue(tag);
        json.WriteEndArray();
        json.WriteString("wpc_id"u8, input.WpcId);
        json.WriteString("visitor_id"u8, input.VisitorId);
        json.WriteString("conversation_id"u8, input.ConversationId);
        json.WriteString("external_id"u8, input.ExternalId);
        json.WriteString("external_app_id"u8, input.ExternalAppId);
        json.WritePropertyName(EventTypes.ShortName(type));
        json.WriteRawValue(input.Part, skipInputValidation: true);
        json.WriteEndObject();
    });

    /// <summary>
    /// A contact. The name that is displayed is the one that it was given, else "first last" if there is a name, else the e-mail, else the
    /// phone number.
    /// </summary>
    public static byte[] Contact(StoredContact contact) => JsonScratch.Write(contact, static (json, contact) =>
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, contact.Id);
        json.WriteString("first_name"u8, contact.FirstName);
        json.WriteString("last_name"u8, contact.LastName);
        json.WriteString("display_name"u8, DisplayName(contact));
        json.WriteString("email"u8, contact.Email);
        json.WriteString("company"u8, contact.Company);
        json.WriteString("title"u8, contact.Title);
        json.WritePropertyName("phone_numbers"u8);
        json.WriteRawValue(contact.PhoneNumbers, skipInputValidation: true);
        WriteTime(json, "created_at"u8, contact.CreatedAt);
        json.WriteEndObject();
    });

    private static string? DisplayName(StoredContact contact)
    {
        if (contact.DisplayName is { } given)
            return given;
        var (first, last) = (contact.FirstName, contact.LastName);
        if (first is not null || last is not null)
            return first is null ? last : last is null ? first : $"{first} {last}";
        if (contact.Email is not null || contact.PhoneNumbers == "[]")
            return contact.Email;
        using var numbers = JsonDocument.Parse(contact.PhoneNumbers);
        return numbers.RootElement[0].GetProperty("phone_number").GetString();
    }

    private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTime time)
    {
        Span<byte> text = stackalloc byte[UtcTime.FormattedLength];
        UtcTime.Format(time, text);
        json.WriteString(name, text);
    }
}

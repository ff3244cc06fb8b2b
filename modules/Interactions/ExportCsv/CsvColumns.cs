using System.Globalization;
using System.Text.Json;
using Lips.Kernel;

namespace Lips.Interactions.ExportCsv;

/// <summary>A column of the export.</summary>
/// <param name="Name">What stands in the first line.</param>
/// <param name="Of">The cell of an interaction as it is served; null for an empty one.</param>
internal sealed record CsvColumn(string Name, Func<JsonElement, TimeZoneInfo, string?> Of);

/// <summary>The columns of the export, in their order: fields of the answers of section 4, by the names that they have there.</summary>
internal static class CsvColumns
{
    private static readonly string[] Parts = ["call", "form", "chat", "booking", "lsa", "fpd"];

    public static IReadOnlyList<CsvColumn> All { get; } =
    [
        Field("id"), Time("occurred_at"), Field("event_type"), Field("sub_type"), Field("channel"), Field("global_master_advertiser_id"),
        Field("global_master_campaign_id"), Field("campaign_name"),
        Field("contact_id"), OfContact("display_name"), OfContact("first_name"), OfContact("last_name"), OfContact("email"),
        new("phone_numbers", (i, _) => Numbers(i)), OfContact("company"), OfContact("title"),
        Field("read"), Field("important"), Field("notes"), Time("archived_at"), new("tags", (i, _) => Joined(i, "tags")),
        OfPart("call", "duration", "call_duration"), OfPart("call", "recording_url"),
        OfPart("call", "caller_number"), OfPart("call", "dialed_number"), OfPart("call", "target_number"),
        new("message", (i, _) => Message(i)),
        Field("referrer_type"), Field("referrer_source"), Field("influencing_campaign"), Field("page_url"), Field("external_source"),
        Field("external_app_id"), Field("external_id"), Field("conversation_id"), Field("visitor_id"), Field("wpc_id"), Time("created_at"),
    ];

    private static CsvColumn Field(string name) => new(name, (i, _) => Text(i, name));

    private static CsvColumn OfContact(string name) => new(name, (i, _) => Text(i.GetProperty("contact"), name));

    private static CsvColumn OfPart(string part, string field, string? name = null) =>
        new(name ?? field, (i, _) => i.TryGetProperty(part, out var of) ? Text(of, field) : null);

    // Without an offset, which spreadsheets do not read.
    private static CsvColumn Time(string name) => new(name, (i, zone) =>
        i.TryGetProperty(name, out var value) && UtcTime.TryParse(JsonFields.TextOf(value), out var time)
            ? zone.ToLocal(time).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
            : null);

    private static string? Numbers(JsonElement interaction) => string.Join(
        "; ", interaction.GetProperty("contact").GetProperty("phone_numbers").EnumerateArray().Select(n => Text(n, "phone_number")));

    private static string? Joined(JsonElement interaction, string name) =>
        string.Join("; ", interaction.GetProperty(name).EnumerateArray().Select(v => v.GetString()));

    private static string? Message(JsonElement interaction)
    {
        foreach (var part in Parts)
        {
            if (interaction.TryGetProperty(part, out var of))
                return Text(of, "message") ?? Text(of, "full_message") ?? Text(of, "summary");
        }

        return null;
    }

    private static string? Text(JsonElement of, string name) => !of.TryGetProperty(name, out var value) ? null : value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Null => null,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => value.GetRawText(),
    };
}

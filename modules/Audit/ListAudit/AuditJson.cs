using System.Text.Json;
using Lips.Kernel;

namespace Lips.Audit.ListAudit;

/// <summary>An entry as it is served.</summary>
internal static class AuditJson
{
    /// <summary>Writes the entry, with those of its advertisers that the caller may see.</summary>
    public static void Write(Utf8JsonWriter json, Entry entry, Caller caller)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, entry.Id);
        json.WriteString("at"u8, UtcTime.Format(entry.At));
        Number("token_id", entry.TokenId);
        json.WriteString("action"u8, entry.Action);
        var (count, isWhole) = WriteAdvertisers(json, entry, caller);
        Number("contact_interaction_id", entry.InteractionId);
        // The ends of a batch may be another advertiser's.
        Number("first_contact_interaction_id", isWhole ? entry.FirstInteractionId : null);
        Number("last_contact_interaction_id", isWhole ? entry.LastInteractionId : null);
        json.WriteNumber("count"u8, count);
        json.WriteStartArray("fields"u8);
        foreach (var field in entry.Fields)
            json.WriteStringValue(field);
        json.WriteEndArray();
        Number("subject_token_id", entry.SubjectTokenId);
        json.WriteString("address"u8, entry.Address is { } address ? Convert.ToHexStringLower(address) : null);
        json.WriteEndObject();

        void Number(string name, long? value)
        {
            if (value is { } number)
                json.WriteNumber(name, number);
            else
                json.WriteNull(name);
        }
    }

    /// <summary>Writes the advertisers that the caller may see.</summary>
    /// <returns>How many of their things have changed, and whether they are all of the entry's.</returns>
    private static (int Count, bool IsWhole) WriteAdvertisers(Utf8JsonWriter json, Entry entry, Caller caller)
    {
        json.WriteStartArray("global_master_advertiser_ids"u8);
        var (count, isWhole) = (entry.Count, true);
        if (entry.Advertiser is { } only)
            json.WriteStringValue(GlobalId.FromValue(only).ToString());
        if (entry is { Advertisers: { } several, Counts: { } counts })
        {
            count = 0;
            foreach (var (value, ofOne) in several.Zip(counts))
            {
                var advertiser = GlobalId.FromValue(value);
                if (!caller.MaySee(advertiser))
                {
                    isWhole = false;
                    continue;
                }

                count += ofOne;
                json.WriteStringValue(advertiser.ToString());
            }
        }

        json.WriteEndArray();
        return (count, isWhole);
    }
}

using System.Text.Json;
using Lips.Kernel;
using Npgsql;

namespace Lips.Audit.ListAudit;

/// <summary>An entry as it is served.</summary>
internal static class AuditJson
{
    /// <summary>Writes the row.</summary>
    /// <returns>The entry's place.</returns>
    public static AuditCursor Write(Utf8JsonWriter json, NpgsqlDataReader row, Caller caller)
    {
        var place = new AuditCursor(row.GetDateTime(1), row.GetInt64(0));
        json.WriteStartObject();
        json.WriteNumber("id"u8, place.Id);
        json.WriteString("at"u8, UtcTime.Format(place.At));
        Number("token_id", 2);
        json.WriteString("action"u8, row.GetString(3));
        var (count, isWhole) = WriteAdvertisers(json, row, caller);
        Number("contact_interaction_id", 8);
        // The ends of a batch may be another advertiser's.
        Number("first_contact_interaction_id", 9, isWhole);
        Number("last_contact_interaction_id", 10, isWhole);
        json.WriteNumber("count"u8, count);
        json.WriteStartArray("fields"u8);
        foreach (var field in row.GetFieldValue<string[]>(11))
            json.WriteStringValue(field);
        json.WriteEndArray();
        Number("subject_token_id", 12);
        json.WriteString("address"u8, row.IsDBNull(13) ? null : Convert.ToHexStringLower(row.GetFieldValue<byte[]>(13)));
        json.WriteEndObject();
        return place;

        void Number(string name, int column, bool isShown = true)
        {
            if (row.IsDBNull(column) || !isShown)
                json.WriteNull(name);
            else
                json.WriteNumber(name, row.GetInt64(column));
        }
    }

    /// <summary>Writes the advertisers that the caller may see.</summary>
    /// <returns>How many of their things have changed, and whether they are all of the row's.</returns>
    private static (int Count, bool IsWhole) WriteAdvertisers(Utf8JsonWriter json, NpgsqlDataReader row, Caller caller)
    {
        json.WriteStartArray("global_master_advertiser_ids"u8);
        var (count, isWhole) = (row.GetInt32(7), true);
        if (!row.IsDBNull(4))
            json.WriteStringValue(GlobalId.FromValue(row.GetInt64(4)).ToString());
        if (!row.IsDBNull(5))
        {
            count = 0;
            var counts = row.GetFieldValue<int[]>(6);
            foreach (var (place, value) in row.GetFieldValue<long[]>(5).Index())
            {
                var advertiser = GlobalId.FromValue(value);
                if (!caller.MaySee(advertiser))
                {
                    isWhole = false;
                    continue;
                }

                count += counts[place];
                json.WriteStringValue(advertiser.ToString());
            }
        }

        json.WriteEndArray();
        return (count, isWhole);
    }
}

using System.Text;
using System.Text.Json;
using Lips.Counters.Contracts;
using Lips.Interactions.Record;
using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Interactions.Migrations;

/// <summary>
/// Brings stored numbers to the form in which numbers are read now, one advertiser a transaction. What they were read from is not kept, so
/// they are read from what is. Contacts are never merged: of several that have come to the same number, the first keeps it as what
/// identifies it, the others go on showing it.
/// </summary>
/// <remarks>Not twice for an advertiser, because digits that were read from another country's number could then be taken for a number at
/// home.</remarks>
internal static class ReadPhonesAgain
{
    public static readonly DataMigration Migration = new("0005_phones_read", RunAsync);

    private static async Task RunAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        var writes = new AdvertiserWrites(database);
        foreach (var advertiser in await ToReadAsync(database, cancellation))
        {
            await writes.RunAsync(
                [advertiser],
                async (write, token) =>
                {
                    write.Last.Timeout = 0;
                    await ReadAsync(write, advertiser, token);
                    write.Last.Add("DELETE FROM interactions.phones_to_read WHERE advertiser = $1", advertiser.Value);
                    return true;
                },
                cancellation);
        }

        await using var drop = database.CreateCommand("DROP TABLE IF EXISTS interactions.phones_to_read");
        await drop.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<List<GlobalId>> ToReadAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        var advertisers = new List<GlobalId>();
        // The table is gone when only the note in the history is missing.
        await using var find = database.CreateCommand("SELECT to_regclass('interactions.phones_to_read') IS NOT NULL");
        if (await find.ExecuteScalarAsync(cancellation) is not true)
            return advertisers;
        await using var command = database.CreateCommand("SELECT advertiser FROM interactions.phones_to_read ORDER BY advertiser");
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            advertisers.Add(GlobalId.FromValue(row.GetInt64(0)));
        return advertisers;
    }

    private static async Task ReadAsync(AdvertiserWrite write, GlobalId advertiser, CancellationToken cancellation)
    {
        var changes = await ChangesAsync(write.Connection, advertiser, cancellation);
        if (changes.Count == 0)
            return;
        write.Last.Add(
            """
            DELETE FROM interactions.contact_phones p USING unnest($2, $3) AS o(number, extension)
            WHERE p.advertiser = $1 AND p.number = o.number AND p.extension = o.extension
            """,
            advertiser.Value, changes.Select(c => c.Before.Number).ToArray(), changes.Select(c => c.Before.Extension).ToArray());
        var kept = changes.Where(c => c.SharedBy is not null).ToList();
        write.Last.Add(
            """
            INSERT INTO interactions.contact_phones (advertiser, number, extension, shared_by, contact_id)
            SELECT $1, n.* FROM unnest($2, $3, $4, $5) AS n
            """,
            advertiser.Value, kept.Select(c => c.After.Number).ToArray(), kept.Select(c => c.After.Extension).ToArray(),
            kept.Select(c => c.SharedBy!.Value).ToArray(), kept.Select(c => c.Contact).ToArray());

        // Of the others only the row beside the contact has changed.
        var shown = changes.Where(c => c.Before != c.After).ToLookup(c => c.Contact);
        if (shown.Count == 0)
            return;
        var contacts = await ContactsAsync(write.Connection, advertiser, shown, cancellation);
        write.Last.Add(
            """
            UPDATE interactions.contacts c SET phone_numbers = n.phone_numbers
            FROM unnest($2, $3) AS n(id, phone_numbers) WHERE c.advertiser = $1 AND c.id = n.id
            """,
            advertiser.Value, contacts.Select(c => c.Id).ToArray(), contacts.Select(c => c.PhoneNumbers).ToArray());
        // What a client sees of a contact it sees in each of its interactions: they have changed as well. Index, of both:
        // interactions_by_contact.
        write.Last.Add(
            """
            UPDATE interactions.interactions i SET contact = interactions.contact_answer(c)
            FROM interactions.contacts c WHERE c.advertiser = $1 AND c.id = ANY($2) AND i.advertiser = c.advertiser AND i.contact_id = c.id
            """,
            advertiser.Value, contacts.Select(c => c.Id).ToArray());
        write.Last.Add(
            """
            UPDATE interactions.interaction_versions v SET version = $3
            FROM interactions.interactions i
            WHERE i.advertiser = $1 AND i.contact_id = ANY($2) AND v.advertiser = i.advertiser AND v.interaction_id = i.id
            """,
            advertiser.Value, contacts.Select(c => c.Id).ToArray(), write.NextVersion(advertiser));
        write.Changed(advertiser);
    }

    /// <summary>The numbers that are written otherwise now, or are shared now.</summary>
    private static async Task<List<Change>> ChangesAsync(NpgsqlConnection connection, GlobalId advertiser, CancellationToken cancellation)
    {
        var changes = new List<Change>();
        var owners = new Dictionary<PhoneNumber, long>();
        var sharers = new HashSet<(PhoneNumber, long)>();
        await using var command = new NpgsqlCommand(
            """
            SELECT number, extension, contact_id FROM interactions.contact_phones
            WHERE advertiser = $1 ORDER BY contact_id, number, extension
            """,
            connection)
        {
            CommandTimeout = 0,
            Parameters = { new NpgsqlParameter<long> { TypedValue = advertiser.Value } },
        };
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            var (before, contact) = (new PhoneNumber(row.GetString(0), row.GetString(1)), row.GetInt64(2));
            var after = PhoneNumber.Parse(before.ToString(), advertiser.Platform, out var identifies) ?? before;
            if (identifies && owners.TryAdd(after, contact))
            {
                if (before != after)
                    changes.Add(new Change(contact, before, after, 0));
            }
            else
            {
                // A contact has a number once.
                var isNew = (!identifies || owners[after] != contact) && sharers.Add((after, contact));
                changes.Add(new Change(contact, before, after, isNew ? contact : null));
            }
        }

        return changes;
    }

    private static async Task<List<(long Id, string PhoneNumbers)>> ContactsAsync(
        NpgsqlConnection connection, GlobalId advertiser, ILookup<long, Change> changes, CancellationToken cancellation)
    {
        var contacts = new List<(long, string)>(changes.Count);
        await using var command = new NpgsqlCommand(
            "SELECT id, phone_numbers FROM interactions.contacts WHERE advertiser = $1 AND id = ANY($2)", connection)
        {
            CommandTimeout = 0,
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = advertiser.Value },
                new NpgsqlParameter<long[]> { TypedValue = [.. changes.Select(c => c.Key)] },
            },
        };
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            var id = row.GetInt64(0);
            var numbers = changes[id].ToDictionary(c => c.Before.ToString(), c => c.After.ToString(), StringComparer.Ordinal);
            contacts.Add((id, Rewritten(row.GetString(1), numbers)));
        }

        return contacts;
    }

    /// <summary>The JSON array that is served, with other numbers, each once.</summary>
    private static string Rewritten(string phones, Dictionary<string, string> changes)
    {
        using var before = JsonDocument.Parse(phones);
        var written = new HashSet<string>(StringComparer.Ordinal);
        return Encoding.UTF8.GetString(JsonScratch.Write(json =>
        {
            json.WriteStartArray();
            foreach (var phone in before.RootElement.EnumerateArray())
            {
                var number = phone.GetProperty("phone_number"u8).GetString()!;
                number = changes.GetValueOrDefault(number, number);
                if (!written.Add(number))
                    continue;
                json.WriteStartObject();
                json.WriteString("phone_type"u8, phone.GetProperty("phone_type"u8).GetString());
                json.WriteString("phone_number"u8, number);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }));
    }

    /// <summary>
    /// A number of a contact as it was and as it is; whose it is alone or shared (0, or the contact); null when the contact has it already.
    /// </summary>
    private sealed record Change(long Contact, PhoneNumber Before, PhoneNumber After, long? SharedBy);
}

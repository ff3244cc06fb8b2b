using Lips.Interactions.Record;
using Npgsql;

namespace Lips.Interactions.Ingest;

/// <summary>
/// What the database holds of a batch's records: their external ids, their keys, their contacts; and new ids for the rest.
/// </summary>
internal sealed class IngestLookup
{
    private readonly Dictionary<(long Advertiser, string App, string Id), long> externals = [];
    private readonly Dictionary<(long Advertiser, long Token, string Key), (byte[] Hash, long Id)> keys = [];
    private Queue<long> interactionIds = [];
    private Queue<long> contactIds = [];

    public ContactBook Contacts { get; } = new();

    public long NextInteractionId() => interactionIds.Dequeue();

    public long NextContactId() => contactIds.Dequeue();

    /// <summary>What became of a record that is there already; null when it is new.</summary>
    public IngestOutcome? Stored(InteractionInput input)
    {
        if (input.ExternalId is not null)
            return externals.TryGetValue((input.Advertiser.Value, input.ExternalAppId!, input.ExternalId), out var id)
                ? new IngestOutcome(IngestResult.Duplicate, id) : null;
        if (input.Key is { } key && keys.TryGetValue((input.Advertiser.Value, key.TokenId, key.Key), out var earlier))
            return new IngestOutcome(
                earlier.Hash.AsSpan().SequenceEqual(key.BodyHash) ? IngestResult.Duplicate : IngestResult.KeyOfAnotherBody, earlier.Id);
        return null;
    }

    /// <summary>Notes that a record of this batch takes an id, so that the same again later in the batch is a duplicate.</summary>
    public void Remember(InteractionInput input, long id)
    {
        if (input.ExternalId is not null)
            externals.Add((input.Advertiser.Value, input.ExternalAppId!, input.ExternalId), id);
        else if (input.Key is { } key)
            keys.Add((input.Advertiser.Value, key.TokenId, key.Key), (key.BodyHash, id));
    }

    /// <summary>Reads it all in one round trip.</summary>
    public static async Task<IngestLookup> ReadAsync(
        NpgsqlConnection connection, IReadOnlyList<InteractionInput> inputs, CancellationToken cancellation)
    {
        var lookup = new IngestLookup();
        await using var batch = new NpgsqlBatch(connection);
        lookup.AddStatements(batch, inputs);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);

        while (await reader.ReadAsync(cancellation))
            lookup.externals[(reader.GetInt64(0), reader.GetString(1), reader.GetString(2))] = reader.GetInt64(3);
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            lookup.keys[(reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2))] = ((byte[])reader[3], reader.GetInt64(4));
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            lookup.Contacts.Know(ReadContact(reader));
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            lookup.Contacts.KnowNumber(
                lookup.Contacts.Know(ReadContact(reader)), new PhoneNumber(reader.GetString(11), reader.GetString(12)));
        await reader.NextResultAsync(cancellation);
        await reader.ReadAsync(cancellation);
        lookup.interactionIds = new Queue<long>((long[])reader[0]);
        lookup.contactIds = new Queue<long>((long[])reader[1]);
        return lookup;
    }

    private void AddStatements(NpgsqlBatch batch, IReadOnlyList<InteractionInput> inputs)
    {
        var external = inputs.Where(i => i.ExternalId is not null).ToList();
        // Index: interactions_external_key.
        batch.Add(
            """
            SELECT i.advertiser, i.external_app_id, i.external_id, i.id
            FROM unnest($1, $2, $3) AS g(advertiser, app, id)
            JOIN interactions.interactions i ON i.advertiser = g.advertiser AND i.external_id = g.id AND i.external_app_id = g.app
            """,
            external.Select(i => i.Advertiser.Value).ToArray(), external.Select(i => i.ExternalAppId)
                .ToArray(), external.Select(i => i.ExternalId).ToArray());

        var keyed = inputs.Where(i => i.ExternalId is null && i.Key is not null).ToList();
        // Index: idempotency_keys_pkey.
        batch.Add(
            """
            SELECT k.advertiser, k.token_id, k.key, k.body_hash, k.interaction_id
            FROM unnest($1, $2, $3) AS g(advertiser, token_id, key)
            JOIN interactions.idempotency_keys k USING (advertiser, token_id, key)
            """,
            keyed.Select(i => i.Advertiser.Value).ToArray(), keyed.Select(i => i.Key!.TokenId).ToArray(), keyed.Select(i => i.Key!.Key)
                .ToArray());

        var emails = inputs.Where(i => i.Contact.EmailKey is not null).Select(i => (i.Advertiser.Value, Email: i.Contact.EmailKey!))
            .Distinct().ToList();
        // Index: contacts_email_key.
        batch.Add(
            $"SELECT {ContactColumns} FROM unnest($1, $2) AS g(advertiser, email) "
                + "JOIN interactions.contacts c ON c.advertiser = g.advertiser AND c.email_key = g.email",
            emails.Select(e => e.Value).ToArray(), emails.Select(e => e.Email).ToArray());

        var phones = inputs
            .SelectMany(i => i.Contact.Phones.Where(p => p.Identifies), (i, p) => (i.Advertiser.Value, p.Number)).Distinct().ToList();
        // Indexes: contact_phones_pkey, contacts_pkey.
        batch.Add(
            $"""
            SELECT {ContactColumns}, p.number, p.extension
            FROM unnest($1, $2, $3) AS g(advertiser, number, extension)
            JOIN interactions.contact_phones p
                ON p.advertiser = g.advertiser AND p.number = g.number AND p.extension = g.extension AND p.shared_by = 0
            JOIN interactions.contacts c ON c.advertiser = p.advertiser AND c.id = p.contact_id
            """,
            phones.Select(p => p.Value).ToArray(), phones.Select(p => p.Number.Number).ToArray(), phones.Select(p => p.Number.Extension)
                .ToArray());

        // Ids of records that turn out to be there already are lost: gaps cost nothing, another round trip would.
        batch.Add(
            "SELECT array_agg(nextval('interactions.interaction_ids')), array_agg(nextval('interactions.contact_ids')) FROM "
            + "generate_series(1, $1)", inputs.Count);
    }

    private const string ContactColumns =
        "c.advertiser, c.id, c.created_at, c.first_name, c.last_name, c.display_name, c.email, c.email_key, c.company, c.title, "
            + "c.phone_numbers";

    private static StoredContact ReadContact(NpgsqlDataReader reader) => new()
    {
        Advertiser = reader.GetInt64(0),
        Id = reader.GetInt64(1),
        CreatedAt = reader.GetDateTime(2),
        FirstName = reader.TextOrNull(3),
        LastName = reader.TextOrNull(4),
        DisplayName = reader.TextOrNull(5),
        Email = reader.TextOrNull(6),
        EmailKey = reader.TextOrNull(7),
        Company = reader.TextOrNull(8),
        Title = reader.TextOrNull(9),
        PhoneNumbers = reader.GetString(10),
    };
}

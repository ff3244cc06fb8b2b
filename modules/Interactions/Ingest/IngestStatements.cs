using Lips.Counters.Contracts;
using Lips.Interactions.Record;
using Lips.Kernel;

namespace Lips.Interactions.Ingest;

/// <summary>The statements that write a batch: one a table, its rows as one array a column.</summary>
internal sealed class IngestStatements(AdvertiserWrite write, AnswerWriter answers)
{
    public void Contacts(ContactBook book)
    {
        if (book.Added.Count > 0)
        {
            write.Last.Add(
                """
                INSERT INTO interactions.contacts
                    (advertiser, id, created_at, first_name, last_name, display_name, email, email_key, company, title, phone_numbers)
                SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                """,
                ContactColumns(book.Added));
        }

        var changed = book.Changed.ToList();
        if (changed.Count > 0)
        {
            // created_at is given to the update too, and left alone: one list of columns serves both statements.
            write.Last.Add(
                """
                UPDATE interactions.contacts c
                SET first_name = n.first_name, last_name = n.last_name, display_name = n.display_name, email = n.email, email_key = n.email_key,
                    company = n.company, title = n.title, phone_numbers = n.phone_numbers
                FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                    AS n(advertiser, id, created_at, first_name, last_name, display_name, email, email_key, company, title, phone_numbers)
                WHERE c.advertiser = n.advertiser AND c.id = n.id
                """,
                ContactColumns(changed));
            // What a client sees of a contact it sees in each of its interactions: they have changed as well. Index, of both: interactions_by_contact.
            write.Last.Add(
                """
                UPDATE interactions.interactions i SET contact = n.contact
                FROM unnest($1, $2, $3) AS n(advertiser, contact_id, contact)
                WHERE i.advertiser = n.advertiser AND i.contact_id = n.contact_id
                """,
                Column(changed, c => c.Advertiser), Column(changed, c => c.Id), Column(changed, answers.Contact));
            write.Last.Add(
                """
                UPDATE interactions.interaction_versions v
                SET version = n.version
                FROM unnest($1, $2, $3) AS n(advertiser, contact_id, version)
                JOIN interactions.interactions i ON i.advertiser = n.advertiser AND i.contact_id = n.contact_id
                WHERE v.advertiser = i.advertiser AND v.interaction_id = i.id
                """,
                Column(changed, c => c.Advertiser), Column(changed, c => c.Id), Column(changed, c => write.NextVersion(GlobalId.FromValue(c.Advertiser))));
        }

        if (book.AddedNumbers.Count > 0)
        {
            write.Last.Add(
                "INSERT INTO interactions.contact_phones (advertiser, number, extension, contact_id) SELECT * FROM unnest($1, $2, $3, $4)",
                book.AddedNumbers.Select(n => n.Owner.Advertiser).ToArray(),
                book.AddedNumbers.Select(n => n.Number.Number).ToArray(),
                book.AddedNumbers.Select(n => n.Number.Extension).ToArray(),
                book.AddedNumbers.Select(n => n.Owner.Id).ToArray());
        }
    }

    public void Interactions(IReadOnlyList<NewInteraction> rows, DateTime now)
    {
        if (rows.Count == 0)
            return;
        // A contact is written once, however many of its interactions are new.
        var contacts = rows.Select(r => r.Contact).Distinct().ToDictionary(c => c, answers.Contact);
        write.Last.Add(
            """
            INSERT INTO interactions.interactions
                (advertiser, id, contact_id, campaign, occurred_at, archived_at, kind, channel, important, read, call_duration, booking_id,
                 contact_external_source, wpc_id, conversation_id, external_app_id, external_id, notes, body, contact)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
            """,
            Column(rows, r => r.Input.Advertiser.Value),
            Column(rows, r => r.Id),
            Column(rows, r => r.Contact.Id),
            Column(rows, r => r.Input.Campaign?.Value),
            Column(rows, r => r.Input.OccurredAt),
            Column(rows, r => r.Input.ArchivedAt),
            Column(rows, r => (short)r.Input.Kind),
            Column(rows, r => (short)r.Input.Channel),
            Column(rows, r => r.Input.Important),
            Column(rows, r => r.Input.Read),
            Column(rows, r => r.Input.CallDuration),
            Column(rows, r => r.Input.BookingId),
            Column(rows, r => r.Input.ContactExternalSource),
            Column(rows, r => r.Input.WpcId),
            Column(rows, r => r.Input.ConversationId),
            Column(rows, r => r.Input.ExternalAppId),
            Column(rows, r => r.Input.ExternalId),
            Column(rows, r => r.Input.Notes),
            Column(rows, r => answers.Body(r.Id, r.Contact.Id, r.Input, now)),
            Column(rows, r => contacts[r.Contact]));

        write.Last.Add(
            "INSERT INTO interactions.interaction_versions (advertiser, interaction_id, version) SELECT * FROM unnest($1, $2, $3)",
            Column(rows, r => r.Input.Advertiser.Value),
            Column(rows, r => r.Id),
            Column(rows, r => write.NextVersion(r.Input.Advertiser)));

        // A campaign's first interaction of an advertiser; of the rest there is nothing to add. Under the advertiser's lock nobody else adds it at this moment.
        var campaigns = rows.Where(r => r.Input.Campaign is not null).Select(r => (r.Input.Advertiser, Campaign: r.Input.Campaign!.Value)).Distinct().ToList();
        if (campaigns.Count > 0)
        {
            write.Last.Add(
                "INSERT INTO interactions.campaign_advertisers (advertiser, campaign) SELECT * FROM unnest($1, $2) ON CONFLICT ON CONSTRAINT campaign_advertisers_pkey DO NOTHING",
                Column(campaigns, c => c.Advertiser.Value), Column(campaigns, c => c.Campaign.Value));
        }

        var tags = rows.SelectMany(r => r.Input.Tags, (r, tag) => (r.Id, r.Input, Tag: tag)).ToList();
        if (tags.Count > 0)
        {
            write.Last.Add(
                "INSERT INTO interactions.interaction_tags (advertiser, tag, occurred_at, interaction_id) SELECT * FROM unnest($1, $2, $3, $4)",
                Column(tags, t => t.Input.Advertiser.Value), Column(tags, t => t.Tag), Column(tags, t => t.Input.OccurredAt), Column(tags, t => t.Id));
        }

        var keyed = rows.Where(r => r.Input.ExternalId is null && r.Input.Key is not null).ToList();
        if (keyed.Count > 0)
        {
            write.Last.Add(
                """
                INSERT INTO interactions.idempotency_keys (advertiser, token_id, key, body_hash, interaction_id, created_at)
                SELECT g.*, $6 FROM unnest($1, $2, $3, $4, $5) AS g
                """,
                Column(keyed, r => r.Input.Advertiser.Value), Column(keyed, r => r.Input.Key!.TokenId), Column(keyed, r => r.Input.Key!.Key),
                Column(keyed, r => r.Input.Key!.BodyHash), Column(keyed, r => r.Id), now);
        }
    }

    private static object[] ContactColumns(IReadOnlyList<StoredContact> contacts) =>
    [
        Column(contacts, c => c.Advertiser),
        Column(contacts, c => c.Id),
        Column(contacts, c => c.CreatedAt),
        Column(contacts, c => c.FirstName),
        Column(contacts, c => c.LastName),
        Column(contacts, c => c.DisplayName),
        Column(contacts, c => c.Email),
        Column(contacts, c => c.EmailKey),
        Column(contacts, c => c.Company),
        Column(contacts, c => c.Title),
        Column(contacts, c => c.PhoneNumbers),
    ];

    private static TColumn[] Column<TRow, TColumn>(IReadOnlyList<TRow> rows, Func<TRow, TColumn> value)
    {
        var column = new TColumn[rows.Count];
        for (var i = 0; i < column.Length; i++)
            column[i] = value(rows[i]);
        return column;
    }
}

using System.Text;
using Lips.Counters.Contracts;
using Lips.Interactions.Record;
using Lips.Kernel;

namespace Lips.Interactions.Ingest;

/// <summary>What a batch writes, one statement a table.</summary>
internal sealed class IngestStatements(AdvertiserWrite write)
{
    public void Contacts(ContactBook book)
    {
        new NewRows<StoredContact>("interactions.contacts", book.Added)
            .With("advertiser", c => c.Advertiser)
            .With("id", c => c.Id)
            .With("created_at", c => c.CreatedAt)
            .With("first_name", c => c.FirstName)
            .With("last_name", c => c.LastName)
            .With("display_name", c => c.DisplayName)
            .With("email", c => c.Email)
            .With("email_key", c => c.EmailKey)
            .With("company", c => c.Company)
            .With("title", c => c.Title)
            .With("phone_numbers", c => c.PhoneNumbers)
            .Insert(write);

        var changed = book.Changed.ToList();
        if (changed.Count > 0)
            Change(changed);

        new NewRows<(StoredContact Contact, ContactPhone Phone)>("interactions.contact_phones", book.AddedNumbers)
            .With("advertiser", n => n.Contact.Advertiser)
            .With("number", n => n.Phone.Number.Number)
            .With("extension", n => n.Phone.Number.Extension)
            .With("shared_by", n => n.Phone.Identifies ? 0 : n.Contact.Id)
            .With("contact_id", n => n.Contact.Id)
            .Insert(write);
    }

    public async Task InteractionsAsync(IReadOnlyList<NewInteraction> rows, DateTime now, CancellationToken cancellation)
    {
        // A contact is written once, however many of its interactions are new.
        var contacts = rows.Select(r => r.Contact).Distinct().ToDictionary(c => c, AnswerWriter.Contact);
        await new NewRows<NewInteraction>("interactions.interactions", rows)
            .With("advertiser", r => r.Input.Advertiser.Value)
            .With("id", r => r.Id)
            .With("contact_id", r => r.Contact.Id)
            .With("campaign", r => r.Input.Campaign?.Value)
            .With("occurred_at", r => r.Input.OccurredAt)
            .With("archived_at", r => r.Input.ArchivedAt)
            .With("kind", r => (short)r.Input.Kind)
            .With("channel", r => (short)r.Input.Channel)
            .With("important", r => r.Input.Important)
            .With("read", r => r.Input.Read)
            .With("call_duration", r => r.Input.CallDuration)
            .With("booking_id", r => r.Input.BookingId)
            .With("contact_external_source", r => r.Input.ContactExternalSource)
            .With("wpc_id", r => r.Input.WpcId)
            .With("conversation_id", r => r.Input.ConversationId)
            .With("external_app_id", r => r.Input.ExternalAppId)
            .With("external_id", r => r.Input.ExternalId)
            .With("notes", r => r.Input.Notes)
            .With("read_at", r => r.Input.Read ? now : (DateTime?)null)
            .With("important_at", r => r.Input.Important ? now : (DateTime?)null)
            .WithText("body", r => AnswerWriter.Body(r, now))
            .WithText("contact", r => contacts[r.Contact])
            .InsertOrCopyAsync(write, cancellation);

        new NewRows<NewInteraction>("interactions.interaction_versions", rows)
            .With("advertiser", r => r.Input.Advertiser.Value)
            .With("interaction_id", r => r.Id)
            .With("version", r => write.NextVersion(r.Input.Advertiser))
            .Insert(write);

        new NewRows<(NewInteraction Row, string Tag)>(
            "interactions.interaction_tags", [.. rows.SelectMany(r => r.Input.Tags, (r, tag) => (r, tag))])
            .With("advertiser", t => t.Row.Input.Advertiser.Value)
            .With("tag", t => t.Tag)
            .With("occurred_at", t => t.Row.Input.OccurredAt)
            .With("interaction_id", t => t.Row.Id)
            .Insert(write);

        new NewRows<(NewInteraction Row, IdempotencyKey Key)>(
                "interactions.idempotency_keys",
                    [.. rows.Where(r => r.Input is { ExternalId: null, Key: not null }).Select(r => (r, r.Input.Key!))])
            .With("advertiser", k => k.Row.Input.Advertiser.Value)
            .With("token_id", k => k.Key.TokenId)
            .With("key", k => k.Key.Key)
            .With("body_hash", k => k.Key.BodyHash)
            .With("interaction_id", k => k.Row.Id)
            .With("created_at", _ => now)
            .Insert(write);

        // A campaign's first interaction of an advertiser; of the rest there is nothing to add. Under the advertiser's lock nobody else
        // adds it at this moment.
        var campaigns = rows.Where(r => r.Input.Campaign is not null).Select(r => (r.Input.Advertiser, Campaign: r.Input.Campaign!.Value))
            .Distinct().ToList();
        if (campaigns.Count > 0)
        {
            write.Last.Add(
                "INSERT INTO interactions.campaign_advertisers (advertiser, campaign) SELECT * FROM unnest($1, $2) ON CONFLICT ON "
                    + "CONSTRAINT campaign_advertisers_pkey DO NOTHING",
                Column(campaigns, c => c.Advertiser.Value), Column(campaigns, c => c.Campaign.Value));
        }
    }

    private void Change(List<StoredContact> contacts)
    {
        write.Last.Add(
            """
            UPDATE interactions.contacts c
            SET first_name = n.first_name, last_name = n.last_name, display_name = n.display_name, email = n.email, email_key = n.email_key,
                company = n.company, title = n.title, phone_numbers = n.phone_numbers
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                AS n(advertiser, id, first_name, last_name, display_name, email, email_key, company, title, phone_numbers)
            WHERE c.advertiser = n.advertiser AND c.id = n.id
            """,
            Column(contacts, c => c.Advertiser), Column(contacts, c => c.Id), Column(contacts, c => c.FirstName),
                Column(contacts, c => c.LastName),
            Column(contacts, c => c.DisplayName), Column(contacts, c => c.Email), Column(contacts, c => c.EmailKey),
                Column(contacts, c => c.Company),
            Column(contacts, c => c.Title), Column(contacts, c => c.PhoneNumbers));
        // What a client sees of a contact it sees in each of its interactions: they have changed as well. Index, of both:
        // interactions_by_contact.
        write.Last.Add(
            """
            UPDATE interactions.interactions i SET contact = n.contact
            FROM unnest($1, $2, $3) AS n(advertiser, contact_id, contact)
            WHERE i.advertiser = n.advertiser AND i.contact_id = n.contact_id
            """,
            Column(contacts, c => c.Advertiser), Column(contacts, c => c.Id),
                Column(contacts, c => Encoding.UTF8.GetString(AnswerWriter.Contact(c))));
        write.Last.Add(
            """
            UPDATE interactions.interaction_versions v
            SET version = n.version
            FROM unnest($1, $2, $3) AS n(advertiser, contact_id, version)
            JOIN interactions.interactions i ON i.advertiser = n.advertiser AND i.contact_id = n.contact_id
            WHERE v.advertiser = i.advertiser AND v.interaction_id = i.id
            """,
            Column(contacts, c => c.Advertiser), Column(contacts, c => c.Id),
                Column(contacts, c => write.NextVersion(GlobalId.FromValue(c.Advertiser))));
    }

    private static TColumn[] Column<TRow, TColumn>(IReadOnlyList<TRow> rows, Func<TRow, TColumn> value)
    {
        var column = new TColumn[rows.Count];
        for (var i = 0; i < column.Length; i++)
            column[i] = value(rows[i]);
        return column;
    }
}

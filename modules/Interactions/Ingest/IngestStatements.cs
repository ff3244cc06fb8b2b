using System.Text;
using Lips.Counters.Contracts;
using Lips.Interactions.Record;
using Lips.Kernel;

namespace Lips.Interactions.Ingest;

/// <summary>The statements that write a batch: one a table, its rows as one array a column.</summary>
internal sealed class IngestStatements(AdvertiserWrite write)
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
            // What a client sees of a contact it sees in each of its interactions: they have changed as well.
            write.Last.Add(
                """
                UPDATE interactions.interaction_versions v
                SET version = n.version
                FROM unnest($1, $2, $3) AS n(advertiser, contact_id, version)
                JOIN interactions.interactions i ON i.advertiser = n.advertiser AND i.contact_id = n.contact_id
                WHERE v.advertiser = i.advertiser AND v.interaction_id = i.id
                """,
                changed.Select(c => c.Advertiser).ToArray(),
                changed.Select(c => c.Id).ToArray(),
                changed.Select(c => write.NextVersion(GlobalId.FromValue(c.Advertiser))).ToArray());
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

    public void Interactions(IReadOnlyList<(long Id, long ContactId, InteractionInput Input)> rows, DateTime now)
    {
        if (rows.Count == 0)
            return;
        write.Last.Add(
            """
            INSERT INTO interactions.interactions
                (advertiser, id, contact_id, campaign, occurred_at, created_at, archived_at, kind, channel, important, read, call_duration, booking_id,
                 campaign_name, sub_type, referrer_type, referrer_source, influencing_campaign, external_source, contact_external_source, page_url,
                 wpc_id, visitor_id, conversation_id, external_app_id, external_id, tags, notes, part)
            SELECT advertiser, id, contact_id, campaign, occurred_at, created_at, archived_at, kind, channel, important, read, call_duration, booking_id,
                campaign_name, sub_type, referrer_type, referrer_source, influencing_campaign, external_source, contact_external_source, page_url,
                wpc_id, visitor_id, conversation_id, external_app_id, external_id, tags::text[], notes, part
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
                $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29)
                AS n(advertiser, id, contact_id, campaign, occurred_at, created_at, archived_at, kind, channel, important, read, call_duration, booking_id,
                    campaign_name, sub_type, referrer_type, referrer_source, influencing_campaign, external_source, contact_external_source, page_url,
                    wpc_id, visitor_id, conversation_id, external_app_id, external_id, tags, notes, part)
            """,
            Column(rows, r => r.Input.Advertiser.Value),
            Column(rows, r => r.Id),
            Column(rows, r => r.ContactId),
            Column(rows, r => r.Input.Campaign?.Value),
            Column(rows, r => r.Input.OccurredAt),
            Column(rows, r => r.Input.CreatedAt ?? now),
            Column(rows, r => r.Input.ArchivedAt),
            Column(rows, r => (short)r.Input.Kind),
            Column(rows, r => (short)r.Input.Channel),
            Column(rows, r => r.Input.Important),
            Column(rows, r => r.Input.Read),
            Column(rows, r => r.Input.CallDuration),
            Column(rows, r => r.Input.BookingId),
            Column(rows, r => r.Input.CampaignName),
            Column(rows, r => r.Input.SubType),
            Column(rows, r => r.Input.ReferrerType),
            Column(rows, r => r.Input.ReferrerSource),
            Column(rows, r => r.Input.InfluencingCampaign),
            Column(rows, r => r.Input.ExternalSource),
            Column(rows, r => r.Input.ContactExternalSource),
            Column(rows, r => r.Input.PageUrl),
            Column(rows, r => r.Input.WpcId),
            Column(rows, r => r.Input.VisitorId),
            Column(rows, r => r.Input.ConversationId),
            Column(rows, r => r.Input.ExternalAppId),
            Column(rows, r => r.Input.ExternalId),
            Column(rows, r => ArrayLiteral(r.Input.Tags)),
            Column(rows, r => r.Input.Notes),
            Column(rows, r => r.Input.Part));

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

    // An array of arrays would have to be rectangular, so each row's tags travel as PostgreSQL's own text form of an array.
    private static string ArrayLiteral(IReadOnlyList<string> tags)
    {
        if (tags.Count == 0)
            return "{}";
        var literal = new StringBuilder("{");
        foreach (var tag in tags)
        {
            literal.Append(literal.Length > 1 ? ",\"" : "\"");
            literal.Append(tag.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal));
            literal.Append('"');
        }

        return literal.Append('}').ToString();
    }
}

using System.Globalization;

namespace Lips.Bench.Rows;

/// <summary>The SQL of the floors.</summary>
internal static class Statements
{
    /// <summary>
    /// A copy of what counting needs, with the best index for it: counted by an index-only scan in the order of the index.
    /// </summary>
    public const string MakeCovered =
        """
        DROP SCHEMA IF EXISTS bench CASCADE;
        CREATE SCHEMA bench;
        CREATE TABLE bench.covered AS SELECT advertiser, kind, channel, read, archived_at FROM interactions.interactions;
        CREATE INDEX covered_by_advertiser ON bench.covered (advertiser) INCLUDE (kind, channel, read) WHERE archived_at IS NULL
        """;

    /// <summary>
    /// The tables of the floors of a page, from the product's rows of some advertisers ($1): ordinary normalized ones, and one with
    /// ready-made JSON. They keep the order of the product's table, which is that of time for each advertiser, and its room for updates.
    /// Unlogged ones read like any other and are made sooner; the statements of a step run side by side.
    /// </summary>
    public static readonly string[][] MakePages =
    [
        ["DROP SCHEMA IF EXISTS bench CASCADE"],
        ["CREATE SCHEMA bench"],
        [
            """
            CREATE UNLOGGED TABLE bench.interactions WITH (fillfactor = 90) AS
            SELECT i.id, i.contact_id, b.campaign_name, i.advertiser, i.campaign, b.sub_type, b.referrer_type, b.referrer_source,
                b.influencing_campaign, i.notes,
                b.created_at, i.occurred_at, i.channel, i.kind, b.external_source, b.page_url, i.important, i.read, i.archived_at,
                ARRAY(SELECT json_array_elements_text(b.tags)) AS tags, i.wpc_id, b.visitor_id, i.conversation_id, i.external_id,
                    i.external_app_id, coalesce(b.call, b.form, b.chat, b.booking, b.lsa, b.fpd)::text AS part
            FROM interactions.interactions i
            CROSS JOIN LATERAL json_to_record(i.body::json) AS b(campaign_name text, sub_type text, referrer_type text,
                referrer_source text, influencing_campaign text,
                created_at timestamptz, external_source text, page_url text, tags json, visitor_id text, call json, form json, chat json,
                    booking json, lsa json, fpd json)
            WHERE i.advertiser = ANY($1)
            """,
            """
            CREATE UNLOGGED TABLE bench.contacts AS
            SELECT advertiser, id, created_at, first_name, last_name, display_name, email, company, title FROM interactions.contacts
                WHERE advertiser = ANY($1)
            """,
            """
            CREATE UNLOGGED TABLE bench.phone_numbers AS
            SELECT c.advertiser, c.id AS contact_id, n->>'phone_type' AS phone_type, n->>'phone_number' AS phone_number
            FROM interactions.contacts c CROSS JOIN json_array_elements(c.phone_numbers::json) n WHERE c.advertiser = ANY($1)
            """,
            """
            CREATE UNLOGGED TABLE bench.pages WITH (fillfactor = 90) AS
            SELECT advertiser, id, occurred_at, archived_at, campaign, channel, kind, important, read, convert_to(
                concat(left(body, -1), ',"notes":', coalesce(to_json(notes)::text, 'null'), ',"important":', important::text, ',"read":',
                    read::text, ',"archived_at":null,"contact":', contact, '}'),
                'UTF8') AS body
            FROM interactions.interactions WHERE advertiser = ANY($1) AND archived_at IS NULL
            """,
        ],
        [
            "ALTER TABLE bench.contacts ADD PRIMARY KEY (advertiser, id)",
            "CREATE INDEX phone_numbers_by_contact ON bench.phone_numbers (advertiser, contact_id)",
            "ALTER TABLE bench.interactions ADD PRIMARY KEY (advertiser, id)",
            "CREATE INDEX interactions_by_time ON bench.interactions (advertiser, occurred_at, id) WHERE archived_at IS NULL",
            """
            CREATE INDEX interactions_by_filter ON bench.interactions (advertiser, kind, channel, occurred_at, id) WHERE archived_at IS NULL
            """,
            "ALTER TABLE bench.pages ADD PRIMARY KEY (advertiser, id)",
            "CREATE INDEX pages_by_time ON bench.pages (advertiser, occurred_at, id) WHERE archived_at IS NULL",
        ],
        [
            "VACUUM ANALYZE bench.interactions",
            "VACUUM ANALYZE bench.contacts",
            "VACUUM ANALYZE bench.phone_numbers",
            "VACUUM ANALYZE bench.pages",
        ],
    ];

    /// <summary>Marks an interaction (the advertiser, its id, read or not) in both, as the product does in its own.</summary>
    public const string UpdatePages =
        """
        WITH obvious AS (UPDATE bench.interactions SET read = $3 WHERE advertiser = $1 AND id = $2)
        UPDATE bench.pages SET read = $3, body = convert_to(replace(convert_from(body, 'UTF8'), concat('"read":', (NOT $3)::text),
            concat('"read":', $3::text)), 'UTF8')
        WHERE advertiser = $1 AND id = $2
        """;

    /// <summary>Removes the floors' tables.</summary>
    public const string Drop = "DROP SCHEMA bench CASCADE";

    /// <summary>Totals, unread and channel of an advertiser, counted.</summary>
    public static string Count(string table, long advertiser) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        SELECT count(*), count(*) FILTER (WHERE kind = 2), count(*) FILTER (WHERE kind BETWEEN 7
            AND 13), count(*) FILTER (WHERE kind BETWEEN 3 AND 6),
        count(*) FILTER (WHERE kind = 1), count(*) FILTER (WHERE kind = 15),
        count(*) FILTER (WHERE NOT read), count(*) FILTER (WHERE NOT read AND kind = 2), count(*) FILTER (WHERE NOT read AND kind BETWEEN 7
            AND 13),
        count(*) FILTER (WHERE NOT read AND kind BETWEEN 3 AND 6), count(*) FILTER (WHERE NOT read
            AND kind = 1), count(*) FILTER (WHERE NOT read AND kind = 15),
        count(*) FILTER (WHERE channel = 0), count(*) FILTER (WHERE channel = 1), count(*) FILTER (WHERE channel = 2),
        count(*) FILTER (WHERE channel = 3), count(*) FILTER (WHERE channel = 4), count(*) FILTER (WHERE channel = 5)
        FROM {table} WHERE advertiser = {advertiser} AND archived_at IS NULL
        """).ReplaceLineEndings(" ");
}

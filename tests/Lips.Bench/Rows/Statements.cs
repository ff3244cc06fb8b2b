using System.Globalization;

namespace Lips.Bench.Rows;

/// <summary>The SQL of the floors.</summary>
internal static class Statements
{
    /// <summary>A copy of what counting needs, with the best index for it: counted by an index-only scan in the order of the index.</summary>
    public const string MakeCovered =
        """
        DROP SCHEMA IF EXISTS bench CASCADE;
        CREATE SCHEMA bench;
        CREATE TABLE bench.covered AS SELECT advertiser, kind, channel, read, archived_at FROM interactions.interactions;
        CREATE INDEX covered_by_advertiser ON bench.covered (advertiser) INCLUDE (kind, channel, read) WHERE archived_at IS NULL
        """;

    /// <summary>
    /// The tables of the floors of a page, from the product's rows of some advertisers ($1): ordinary normalized ones, and one with ready-made JSON. They keep the
    /// order of the product's table, which is that of time for each advertiser. Unlogged ones read like any other and are made sooner.
    /// </summary>
    public static readonly string[] MakePages =
    [
        "DROP SCHEMA IF EXISTS bench CASCADE",
        "CREATE SCHEMA bench",
        """
        CREATE UNLOGGED TABLE bench.interactions AS
        SELECT id, contact_id, campaign_name, advertiser, campaign, sub_type, referrer_type, referrer_source, influencing_campaign, notes,
            created_at, occurred_at, channel, kind, external_source, page_url, important, read, archived_at, tags,
            wpc_id, visitor_id, conversation_id, external_id, external_app_id, part
        FROM interactions.interactions WHERE advertiser = ANY($1)
        """,
        """
        CREATE UNLOGGED TABLE bench.contacts AS
        SELECT advertiser, id, created_at, first_name, last_name, display_name, email, company, title FROM interactions.contacts WHERE advertiser = ANY($1)
        """,
        """
        CREATE UNLOGGED TABLE bench.phone_numbers AS
        SELECT c.advertiser, c.id AS contact_id, n->>'phone_type' AS phone_type, n->>'phone_number' AS phone_number
        FROM interactions.contacts c CROSS JOIN json_array_elements(c.phone_numbers::json) n WHERE c.advertiser = ANY($1)
        """,
        """
        CREATE UNLOGGED TABLE bench.pages AS
        SELECT i.advertiser, i.id, i.occurred_at, i.archived_at, i.campaign, i.channel, i.kind, i.important, i.read, convert_to(json.body, 'UTF8') AS body
        FROM bench.interactions i
        JOIN interactions.contacts c ON c.advertiser = i.advertiser AND c.id = i.contact_id
        CROSS JOIN LATERAL (
            SELECT row_to_json(r)::text AS body FROM (
                SELECT i.id, i.contact_id, i.campaign_name, 'USA_' || i.advertiser % 1000000000000 AS global_master_advertiser_id,
                    'USA_' || i.campaign % 1000000000000 AS global_master_campaign_id, i.advertiser % 1000000000000 AS master_advertiser_id,
                    i.campaign % 1000000000000 AS master_campaign_id, 1 AS platform_id, 'USA' AS platform, i.sub_type, i.referrer_type, i.referrer_source,
                    i.influencing_campaign, i.notes, to_char(i.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at, t.text AS occurred_at, t.text AS occured_at,
                    'search' AS channel, 'FormEvent' AS event_type, i.external_source, i.page_url, i.important, i.read, i.archived_at, i.tags, i.wpc_id, i.visitor_id,
                    i.conversation_id, i.external_id, i.external_app_id,
                    (SELECT row_to_json(p) FROM (
                        SELECT c.id, c.first_name, c.last_name, c.first_name || ' ' || c.last_name AS display_name, c.email, c.company, c.title,
                            c.phone_numbers::json AS phone_numbers, to_char(c.created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at) p) AS contact,
                    i.part::json AS form
                FROM (SELECT to_char(i.occurred_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS text) t) r
        ) json
        """,
        "ALTER TABLE bench.contacts ADD PRIMARY KEY (advertiser, id)",
        "CREATE INDEX phone_numbers_by_contact ON bench.phone_numbers (advertiser, contact_id)",
        "ALTER TABLE bench.interactions ADD PRIMARY KEY (advertiser, id)",
        "CREATE INDEX interactions_by_time ON bench.interactions (advertiser, occurred_at, id) WHERE archived_at IS NULL",
        "CREATE INDEX pages_by_time ON bench.pages (advertiser, occurred_at, id) WHERE archived_at IS NULL",
        "VACUUM ANALYZE bench.interactions",
        "VACUUM ANALYZE bench.contacts",
        "VACUUM ANALYZE bench.phone_numbers",
        "VACUUM ANALYZE bench.pages",
    ];

    /// <summary>Removes the floors' tables.</summary>
    public const string Drop = "DROP SCHEMA bench CASCADE";

    /// <summary>Totals, unread and channel of an advertiser, counted.</summary>
    public static string Count(string table, long advertiser) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        SELECT count(*), count(*) FILTER (WHERE kind = 2), count(*) FILTER (WHERE kind BETWEEN 7 AND 13), count(*) FILTER (WHERE kind BETWEEN 3 AND 6),
        count(*) FILTER (WHERE kind = 1), count(*) FILTER (WHERE kind = 15),
        count(*) FILTER (WHERE NOT read), count(*) FILTER (WHERE NOT read AND kind = 2), count(*) FILTER (WHERE NOT read AND kind BETWEEN 7 AND 13),
        count(*) FILTER (WHERE NOT read AND kind BETWEEN 3 AND 6), count(*) FILTER (WHERE NOT read AND kind = 1), count(*) FILTER (WHERE NOT read AND kind = 15),
        count(*) FILTER (WHERE channel = 0), count(*) FILTER (WHERE channel = 1), count(*) FILTER (WHERE channel = 2),
        count(*) FILTER (WHERE channel = 3), count(*) FILTER (WHERE channel = 4), count(*) FILTER (WHERE channel = 5)
        FROM {table} WHERE advertiser = {advertiser} AND archived_at IS NULL
        """).ReplaceLineEndings(" ");
}

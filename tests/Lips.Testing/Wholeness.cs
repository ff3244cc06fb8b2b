using Lips.Counters.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Lips.Testing;

/// <summary>Whether a node's data is whole, asked behind the service's back.</summary>
public static class Wholeness
{
    // Each line is something half done: a write that left one of its parts behind.
    private const string HalfDone =
        """
        SELECT 'stamp missing or above the version: ' || i.id FROM interactions.interactions i
        LEFT JOIN interactions.interaction_versions v ON v.advertiser = i.advertiser AND v.interaction_id = i.id
        LEFT JOIN counters.advertisers a ON a.advertiser = i.advertiser
        WHERE v.version IS NULL OR a.version IS NULL OR v.version NOT BETWEEN 1 AND a.version
        UNION ALL
        SELECT 'stamp without interaction: ' || v.interaction_id FROM interactions.interaction_versions v
        WHERE NOT EXISTS (SELECT FROM interactions.interactions i WHERE i.advertiser = v.advertiser AND i.id = v.interaction_id)
        UNION ALL
        SELECT 'other tags: ' || i.id FROM interactions.interactions i
        WHERE ARRAY(SELECT json_array_elements_text(i.body::json -> 'tags') ORDER BY 1)
            <> ARRAY(SELECT t.tag FROM interactions.interaction_tags t WHERE t.advertiser = i.advertiser AND t.interaction_id = i.id
                ORDER BY 1)
        UNION ALL
        SELECT 'tag without interaction: ' || t.interaction_id FROM interactions.interaction_tags t
        WHERE NOT EXISTS (SELECT FROM interactions.interactions i WHERE i.advertiser = t.advertiser AND i.id = t.interaction_id)
        UNION ALL
        SELECT 'campaign without its advertiser: ' || i.id FROM interactions.interactions i
        WHERE i.campaign IS NOT NULL AND NOT EXISTS (SELECT FROM interactions.campaign_advertisers g WHERE g.advertiser = i.advertiser
            AND g.campaign = i.campaign)
        UNION ALL
        SELECT 'campaign without interaction: ' || g.campaign FROM interactions.campaign_advertisers g
        WHERE NOT EXISTS (SELECT FROM interactions.interactions i WHERE i.advertiser = g.advertiser AND i.campaign = g.campaign)
        UNION ALL
        SELECT 'interaction without contact: ' || i.id FROM interactions.interactions i
        WHERE NOT EXISTS (SELECT FROM interactions.contacts c WHERE c.advertiser = i.advertiser AND c.id = i.contact_id)
        UNION ALL
        SELECT 'contact without interaction: ' || c.id FROM interactions.contacts c
        WHERE NOT EXISTS (SELECT FROM interactions.interactions i WHERE i.advertiser = c.advertiser AND i.contact_id = c.id)
        UNION ALL
        SELECT 'contact serves other numbers than it owns: ' || c.id FROM interactions.contacts c
        WHERE (SELECT count(*) FROM json_array_elements(c.phone_numbers::json))
            <> (SELECT count(*) FROM interactions.contact_phones p WHERE p.advertiser = c.advertiser AND p.contact_id = c.id)
        UNION ALL
        SELECT 'answer other than columns: ' || i.id FROM interactions.interactions i
        WHERE NOT i.body::jsonb @> interactions.answer_of_columns(i)
        UNION ALL
        SELECT 'answer with another contact: ' || i.id FROM interactions.interactions i
            JOIN interactions.contacts c ON c.advertiser = i.advertiser AND c.id = i.contact_id
        WHERE i.contact::jsonb <> interactions.contact_answer(c)::jsonb
        UNION ALL
        SELECT 'number without contact: ' || p.number FROM interactions.contact_phones p
        WHERE NOT EXISTS (SELECT FROM interactions.contacts c WHERE c.advertiser = p.advertiser AND c.id = p.contact_id)
        UNION ALL
        SELECT 'key without interaction: ' || k.key FROM interactions.idempotency_keys k
        WHERE NOT EXISTS (SELECT FROM interactions.interactions i WHERE i.advertiser = k.advertiser AND i.id = k.interaction_id)
        UNION ALL
        SELECT 'cell above the version: ' || c.day FROM counters.cells c LEFT JOIN counters.advertisers a USING (advertiser)
        WHERE a.version IS NULL OR c.version > a.version
        UNION ALL
        SELECT 'run above the version: ' || r.run FROM counters.runs r LEFT JOIN counters.advertisers a USING (advertiser)
        WHERE a.version IS NULL OR r.first_version > a.version
        UNION ALL
        SELECT 'version without a run: ' || a.advertiser FROM counters.advertisers a
        WHERE a.version > 0 AND NOT EXISTS (SELECT FROM counters.runs r WHERE r.advertiser = a.advertiser AND r.run = a.run)
        """;

    /// <summary>Fails where cells and a recount differ, or where a write has left one of its parts behind.</summary>
    public static async Task AssertWholeAsync(this LipsNode node)
    {
        Assert.Empty(await node.DifferencesAsync());
        Assert.Empty(await TestPostgres.ColumnAsync<string>(node.ConnectionString, HalfDone));
    }

    /// <summary>The cells that differ from a recount, a line each.</summary>
    public static async Task<IReadOnlyList<string>> DifferencesAsync(this LipsNode node)
    {
        var verification = node.Services.GetRequiredService<CellVerification>();
        var lines = new List<string>();
        foreach (var advertiser in await verification.AdvertisersAsync(CancellationToken.None))
            lines.AddRange(await verification.VerifyAsync(advertiser, CancellationToken.None));
        return lines;
    }
}

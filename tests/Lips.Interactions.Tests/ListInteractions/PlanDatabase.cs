using Lips.Kernel.Database;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Interactions.Tests.ListInteractions;

/// <summary>
/// 100,000 interactions, 70,297 of them USA_1's and some 3,300 of each of USA_2 to USA_10, made by the database itself and analyzed. What
/// is taken modulo different primes is independent.
/// </summary>
public sealed class PlanDatabase : IAsyncLifetime
{
    private const string Rows =
        """
        INSERT INTO interactions.interactions
            (advertiser, id, contact_id, campaign, occurred_at, archived_at, kind, channel, important, read, call_duration, booking_id,
                wpc_id, notes,
             conversation_id, external_app_id, external_id, body, contact)
        SELECT CASE WHEN n % 101 < 71 THEN 1000000000001 ELSE 1000000000002 + n % 9 END, n, n % 20011, CASE
            WHEN n % 7 > 0 THEN 1000000000001 + n % 41 END,
            time, CASE WHEN n % 11 = 0 THEN time END, kind, n % 47 % 6, n % 53 = 0, n % 3 = 0,
            CASE WHEN kind = 2 THEN n * 37 % 907 END, CASE WHEN kind = 1 THEN 'booking-' || n END, CASE
                WHEN n % 43 > 10 THEN 'wpc-' || n % 100 END,
            CASE WHEN n % 23 = 0 THEN 'Note' || n || 'x, called back' END,
            CASE WHEN n % 13 < 4 THEN 'conversation-' || n % 4999 END, CASE WHEN n % 2 = 0 THEN 'app-' || n % 5 END, CASE
                WHEN n % 2 = 0 THEN 'external-' || n END,
            '{"text":"' || repeat('x', 800) || '"}', '{"id":' || n % 20011 || ',"name":"' || repeat('y', 200) || '"}'
        FROM (SELECT n, timestamptz '2024-01-01Z' + n * interval '5 minutes' AS time, n % 17 % 15 + 1 AS kind
        FROM generate_series(1, 100000::bigint) n) g;

        INSERT INTO interactions.contacts (advertiser, id, created_at, first_name, email, phone_numbers)
        SELECT advertiser, contact_id, timestamptz '2024-01-01Z', 'Person' || contact_id || 'x', 'p@mail.example',
            '[{"phone_type":"","phone_number":"+198936' || lpad(contact_id::text, 5, '0') || '"}]'
        FROM (SELECT DISTINCT advertiser, contact_id FROM interactions.interactions) c;

        INSERT INTO interactions.contact_phones (advertiser, number, extension, contact_id)
        SELECT advertiser, '+198936' || lpad(id::text, 5, '0'), '', id FROM interactions.contacts;

        INSERT INTO interactions.interaction_tags (advertiser, tag, occurred_at, interaction_id)
        SELECT advertiser, tag, occurred_at, id FROM interactions.interactions, unnest(ARRAY['common', 'tag-' || id % 29]) AS tag
        WHERE id % 19 < 3;

        INSERT INTO interactions.campaign_advertisers (advertiser, campaign)
        SELECT DISTINCT advertiser, campaign FROM interactions.interactions WHERE campaign IS NOT NULL
        UNION SELECT 1000000001000 + n % 1000, 1000000001000 + n FROM generate_series(1, 20000::bigint) n;

        ANALYZE interactions.campaign_advertisers, interactions.interactions, interactions.contacts, interactions.contact_phones,
            interactions.interaction_tags;
        """;

    private NpgsqlDataSource? database;

    /// <summary>The pool, as the product opens it.</summary>
    public NpgsqlDataSource Database => database!;

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        var connectionString = await TestPostgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(connectionString, Rows);
        // These tests PREPARE and EXECUTE in SQL, under one name for all. Were the driver to prepare an EXECUTE as well, it would expect
        // the columns of the statement that had the name before.
        database = LipsDatabase.Open(connectionString + ";Max Auto Prepare=0");
    }

    /// <inheritdoc />
    public async Task DisposeAsync() => await Database.DisposeAsync();
}

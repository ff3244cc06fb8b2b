using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Lips.Interactions.Tests.Ingest;

/// <summary>The race of the first issue: exactly-once and contact matching hold whatever comes when, where and how.</summary>
public sealed class RaceTests(TwoNodes nodes, ITestOutputHelper output) : IClassFixture<TwoNodes>
{
    private const int Senders = 32;
    private const int Count = 10_000;
    private const int Advertisers = 20;
    private const int SharedPeople = 400;

    // A record in this many goes alone, the others in bulk.
    private const int Single = 100;

    [Fact]
    public async Task Many_senders_of_the_same_records_make_each_one_once()
    {
        var lines = Enumerable.Range(0, Count).Select(i => RecordOf(i).ToJsonString()).ToArray();
        var started = DateTime.UtcNow;

        var reports = await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendAsync(lines, sender))));

        output.WriteLine($"{Senders} × {Count} records in {(DateTime.UtcNow - started).TotalSeconds:0.0} s");
        Assert.Equal(Count, reports.Sum(r => r.Created));
        Assert.Equal((long)Senders * Count, reports.Sum(r => r.Created + r.Duplicates));
        Assert.Equal(Count, await nodes.ScalarAsync<long>("SELECT count(*) FROM interactions.interactions"));
        Assert.Equal(
            Count, await nodes.ScalarAsync<long>("SELECT count(DISTINCT (advertiser, external_id)) FROM interactions.interactions"));
        await nodes.AssertNothingIsLeftOverAsync();
        await nodes.First.AssertWholeAsync();
        await AssertContactsAsync();
        Assert.DoesNotContain(
            nodes.LogLines,
            line => line.StartsWith("Error", StringComparison.Ordinal) || line.StartsWith("Warning", StringComparison.Ordinal));
    }

    private async Task<(long Created, long Duplicates)> SendAsync(string[] lines, int sender)
    {
        var random = new Random(sender);
        var order = Enumerable.Range(0, Count).ToArray();
        random.Shuffle(order);
        long created = 0, duplicates = 0;
        for (var i = 0; i < order.Length;)
        {
            if (random.Next(Single) == 0)
            {
                var answer = await nodes.Client(sender)
                    .SendAsync(HttpMethod.Post, Records.One, $$"""{"contact_interaction": {{lines[order[i++]]}} }""");
                Assert.True(answer.Status is 200 or 201, answer.Body);
                (created, duplicates) = answer.Status == 201 ? (created + 1, duplicates) : (created, duplicates + 1);
                continue;
            }

            // Many small ones and a few large ones, as senders are; the largest spans three batches.
            var size = (int)Math.Pow(10, 1.5 + (random.NextDouble() * 2.2));
            var slice = order.AsSpan(i, Math.Min(size, order.Length - i)).ToArray();
            i += slice.Length;
            var report = (await nodes.Client(sender + i).BulkAsync(slice.Select(n => (object)lines[n]))).Is(200);
            Assert.True((int)report.Json["rejected"]! == 0, report.Body);
            created += (long)report.Json["created"]!;
            duplicates += (long)report.Json["duplicates"]!;
        }

        return (created, duplicates);
    }

    /// <summary>
    /// Half of the records have a person of their own, the other half shares <see cref="SharedPeople"/> an advertiser knows them by e-mail,
    /// by number or by both, so that contacts are found, filled, and must not be merged.
    /// </summary>
    private static JsonObject RecordOf(int i)
    {
        var record = Records.Call($"USA_{(i % Advertisers) + 1}").External("race", Text(i)).With("tags", new JsonArray("race"));
        if (i / Advertisers % 2 == 0)
            return record.From($"own-{i}@example.com", $"9893{i:000000}", "Own");
        var person = PersonOf(i);
        return (i / Advertisers / 2 % 4) switch
        {
            0 => record.From($"Shared-{person}@example.com", firstName: Text(i)),
            1 => record.From(phone: $"2123{person:000000}"),
            _ => record.From($"shared-{person}@EXAMPLE.com", $"(212) 3{person:00-0000}", Text(i)),
        };
    }

    private static int PersonOf(int i) =>
        (i / Advertisers / 8 % (SharedPeople / Advertisers)) + (i % Advertisers * (SharedPeople / Advertisers));

    private async Task AssertContactsAsync()
    {
        // Who has a person of his own has a contact of his own, with all that the record said.
        Assert.Equal(Count / 2, await nodes.ScalarAsync<long>(
            """
            SELECT count(*) FROM interactions.interactions i JOIN interactions.contacts c ON c.advertiser = i.advertiser
                AND c.id = i.contact_id
            WHERE c.email = 'own-' || i.external_id || '@example.com' AND c.phone_numbers LIKE '%+19893' || lpad(i.external_id, 6,
                '0') || '"%' AND c.first_name = 'Own'
            """));
        // A shared person has the one contact of his e-mail, and at most one more, of his number,
        // that came before the two were known to be one.
        Assert.Equal(
            SharedPeople, await nodes.ScalarAsync<long>("SELECT count(*) FROM interactions.contacts WHERE email_key LIKE 'shared-%'"));
        Assert.Equal(SharedPeople, await nodes.ScalarAsync<long>(
            "SELECT count(DISTINCT (advertiser, email_key)) FROM interactions.contacts WHERE email_key LIKE 'shared-%'"));
        Assert.Equal(0, await nodes.ScalarAsync<long>(
            "SELECT count(*) FROM interactions.contacts c WHERE email_key IS NULL AND NOT EXISTS (SELECT FROM interactions.contact_phones "
                + "p WHERE p.advertiser = c.advertiser AND p.contact_id = c.id)"));
        Assert.Equal((Count / 2) + SharedPeople, await nodes.ScalarAsync<long>("SELECT count(*) FROM interactions.contact_phones"));
        // What a contact serves is what it owns.
        Assert.Equal(0, await nodes.ScalarAsync<long>(
            """
            SELECT count(*) FROM interactions.contacts c
            WHERE (SELECT count(*) FROM json_array_elements(c.phone_numbers::json)) <> (SELECT count(*) FROM interactions.contact_phones p
                WHERE p.advertiser = c.advertiser AND p.contact_id = c.id)
            """));
        Assert.Equal(0, await nodes.ScalarAsync<long>(
            "SELECT count(*) FROM interactions.contacts c WHERE NOT EXISTS (SELECT FROM interactions.interactions i WHERE i.advertiser = "
                + "c.advertiser AND i.contact_id = c.id)"));

        var contacts = (await TestPostgres.ColumnAsync<string>(
            nodes.Database,
            """
            SELECT json_build_object('external', i.external_id, 'contact', i.contact_id, 'email', c.email_key,
                'owner', (SELECT p.contact_id FROM interactions.contact_phones p WHERE p.advertiser = i.advertiser
                    AND p.contact_id = i.contact_id))::text
            FROM interactions.interactions i JOIN interactions.contacts c ON c.advertiser = i.advertiser AND c.id = i.contact_id
            """)).Select(row => JsonSerializer.Deserialize<JsonElement>(row))
                .ToDictionary(row => row.GetProperty("external").GetString()!, StringComparer.Ordinal);
        for (var i = 0; i < Count; i++)
        {
            if (i / Advertisers % 2 == 0)
                continue;
            var row = contacts[Text(i)];
            if (i / Advertisers / 2 % 4 == 1)
                Assert.True(
                    row.GetProperty("owner").ValueKind == JsonValueKind.Number, $"{row} came with a number that its contact does not own.");
            else
                Assert.True(
                    row.GetProperty("email").GetString() == $"shared-{PersonOf(i)}@example.com", $"{row} came with another e-mail.");
        }
    }

    private static string Text(int i) => i.ToString(CultureInfo.InvariantCulture);
}

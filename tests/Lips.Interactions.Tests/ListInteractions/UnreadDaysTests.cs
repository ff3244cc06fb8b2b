using System.Globalization;
using Lips.Interactions.Filter;
using Lips.Interactions.Listing;
using Lips.Kernel;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Interactions.Tests.ListInteractions;

/// <summary>
/// A list of the unread reads the days that have any, and no others: of 40 days with 50 interactions each two days have one unread.
/// </summary>
public sealed class UnreadDaysTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private const string Query = "/contact_interactions?global_master_advertiser_id=USA_1&read=false";

    private readonly HttpClient client = fixture.Client;

    [Fact]
    public async Task Few_unread_among_many_are_found_by_page_and_by_cursor()
    {
        var lines = Enumerable.Range(0, 40 * 50).Select(n => (object)Make.Interaction(
            "USA_1", "call", ("read", n is not (3 * 50 or (31 * 50) + 7)),
            ("occurred_at", new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(n / 50).AddMinutes(n % 50)
                .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))));
        (await client.BulkAsync(lines)).Is(200);
        var unread = await fixture.ScalarAsync<long[]>(
            "SELECT ARRAY(SELECT id FROM interactions.interactions WHERE NOT read ORDER BY occurred_at DESC)");
        Assert.Equal(2, unread.Length);

        foreach (var page in new[] { "&per_page=10", "&limit=10", "&limit=10&time_zone=America/New_York&start_date=2025-12-01" })
            Assert.Equal(unread, (await client.GetAnswerAsync(Query + page)).Is(200).Ids);
        Assert.Equal([unread[1]], (await client.GetAnswerAsync(Query + "&per_page=1&page=2")).Is(200).Ids);
        var first = (await client.GetAnswerAsync(Query + "&limit=1")).Is(200);
        Assert.Equal([unread[0]], first.Ids);
        Assert.Equal([unread[1]], (await client.GetAnswerAsync($"{Query}&limit=1&after={(string)first.Json["next"]!}")).Is(200).Ids);

        // Read by others, it is gone from the list; one that becomes unread on another day is there.
        (await client.UpdateAsync(unread[0], new { read = true })).Is(200);
        var other = await fixture.ScalarAsync<long>("SELECT max(id) FROM interactions.interactions");
        (await client.UpdateAsync(other, new { read = false })).Is(200);
        Assert.Equal([other, unread[1]], (await client.GetAnswerAsync(Query + "&limit=10")).Is(200).Ids);
    }

    [Fact]
    public async Task The_statement_reads_the_named_days_alone()
    {
        Assert.True(QueryReader.TryParse(
            new Microsoft.AspNetCore.Http.QueryString("?global_master_advertiser_id=USA_2&read=false"), out var query));
        var filter = InteractionFilter.Read(query);
        (await client.BulkAsync(Enumerable.Range(0, 2_000).Select(n => (object)Make.Interaction(
            "USA_2", "call", ("read", true), ("occurred_at", $"2026-02-{1 + (n / 100):00}T00:{n % 60:00}:00Z"))))).Is(200);
        var day = new DateTime(2026, 2, 7, 0, 0, 0, DateTimeKind.Utc);
        var slice = new ListSlice(filter, new ListOrder(SortBy.OccurredAt, Descending: true), 25)
        {
            Days = [new TimeRange(day, day.AddDays(1))],
        };
        await using var connection = new NpgsqlConnection(fixture.Node.ConnectionString);
        await connection.OpenAsync();
        await Plan.ExecuteAsync(connection, "ANALYZE interactions.interactions");
        await using var one = ListSql.Command(slice);
        await using var all = ListSql.Command(slice with { Days = null });

        var (few, many) = (await Plan.CustomAsync(connection, one, analyze: true), await Plan.CustomAsync(connection, all, analyze: true));

        Assert.True(few.Blocks * 5 < many.Blocks, $"{few.Blocks} blocks of one day, {many.Blocks} of all:\n{few}\n{many}");
    }
}

using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests;

/// <summary>Pages that start in a day that the counters name hold what a walk over the whole list holds.</summary>
public sealed class DeepPageTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Fact]
    public async Task All_pages_together_are_the_list_in_its_order_however_deep_and_for_several_advertisers()
    {
        var random = new Random(5);
        foreach (var advertiser in new[] { "USA_1", "USA_2" })
            (await client.BulkAsync(Enumerable.Range(0, 1_600).Select(_ => New(advertiser, random)))).Is(200);

        foreach (var query in new[]
        {
            "global_master_advertiser_id=USA_1",
            "global_master_advertiser_id=USA_1&sort_dir=asc",
            "global_master_advertiser_id=USA_1,USA_2",
            "global_master_advertiser_id=USA_1,USA_2&sort_dir=asc&event_type[]=call&event_type[]=form&event_type[]=lsa",
            "global_master_advertiser_id=USA_2&start_date=2026-01-03&end_date=2026-01-20",
            "global_master_advertiser_id=USA_1,USA_2&channel[]=search&channel[]=none",
        })
        {
            var pages = new List<long>();
            var total = 1L;
            for (var page = 1; page <= total; page++)
            {
                var answer = (await client.GetAnswerAsync($"/contact_interactions?{query}&per_page=150&page={page}")).Is(200);
                total = (long)answer.Json["total_pages"]!;
                pages.AddRange(answer.Ids);
            }

            Assert.True(total > 4, $"{query} has too few pages to be deep: {total}");
            Assert.Equal(await WalkAsync(query), pages);
        }
    }

    /// <summary>The same list by SQL: the filters of this test, nothing of the product.</summary>
    private async Task<List<long>> WalkAsync(string query)
    {
        var advertisers = query.Contains("USA_1,USA_2", StringComparison.Ordinal) ? "1000000000001, 1000000000002" : query.Contains("USA_2", StringComparison.Ordinal) ? "1000000000002" : "1000000000001";
        var conditions = (query.Contains("event_type", StringComparison.Ordinal) ? " AND (kind = 2 OR kind = 15 OR kind = 10)" : "")
            + (query.Contains("start_date", StringComparison.Ordinal) ? " AND occurred_at >= '2026-01-03Z' AND occurred_at < '2026-01-21Z'" : "")
            + (query.Contains("channel", StringComparison.Ordinal) ? " AND wpc_id IS NOT NULL AND channel IN (0, 1)" : "");
        var direction = query.Contains("asc", StringComparison.Ordinal) ? "ASC" : "DESC";
        var ids = await fixture.ScalarAsync<long[]>(
            $"SELECT array_agg(id ORDER BY occurred_at {direction}, id {direction}) FROM interactions.interactions WHERE advertiser IN ({advertisers}) AND archived_at IS NULL{conditions}");
        return [.. ids];
    }

    private static JsonObject New(string advertiser, Random random) => new()
    {
        ["global_master_advertiser_id"] = advertiser,
        ["event_type"] = random.Next(4) switch { 0 => "call", 1 => "form", 2 => "lsa", _ => "chat" },
        ["sub_type"] = "FormPost",
        ["channel"] = random.Next(3) switch { 0 => "search", 1 => "social", _ => null },
        // Few instants, so that many interactions share one and the id decides.
        ["occurred_at"] = $"2026-01-{random.Next(1, 29):00}T{random.Next(0, 24):00}:00:00Z",
        ["wpc_id"] = random.Next(8) == 0 ? null : "1",
        ["archived_at"] = random.Next(10) == 0 ? "2026-02-01T00:00:00Z" : null,
    };
}

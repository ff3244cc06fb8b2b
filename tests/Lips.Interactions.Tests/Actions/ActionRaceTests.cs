using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Actions;

/// <summary>Actions of two nodes beside every other writer: nothing is lost, counted twice or deadlocked.</summary>
public sealed class ActionRaceTests(TwoNodes nodes) : IClassFixture<TwoNodes>
{
    [Fact]
    public async Task Actions_among_other_changes_leave_counters_and_record_whole()
    {
        var ids = new List<long>();
        for (var i = 0; i < 60; i++)
            ids.Add(await nodes.Client(0).NewAsync($"USA_{1 + (i % 3)}", "call", ("occurred_at", $"2026-01-{1 + (i % 20):00}T00:00:00Z")));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(ActAsync));

        await nodes.First.AssertWholeAsync();
        await nodes.AssertNothingIsLeftOverAsync();
        // Every change of the flag is in the trail once, by itself or as one of several: all began unread.
        Assert.Equal(
            await nodes.ScalarAsync<long[]>("SELECT ARRAY(SELECT id FROM interactions.interactions WHERE read ORDER BY id)"),
            await nodes.ScalarAsync<long[]>(
                """
                SELECT ARRAY(
                    SELECT interaction_id FROM (
                        SELECT interaction_id FROM audit.entries WHERE interaction_id IS NOT NULL AND 'read' = ANY(fields)
                        UNION ALL
                        SELECT interaction_id FROM audit.entry_interactions WHERE 'read' = ANY(fields)
                    ) e
                    GROUP BY interaction_id HAVING count(*) % 2 = 1 ORDER BY interaction_id)
                """));

        async Task ActAsync(int worker)
        {
            var random = new Random(worker);
            for (var round = 0; round < 12; round++)
            {
                var client = nodes.Client(random.Next(2));
                var some = ids.OrderBy(_ => random.Next()).Take(random.Next(1, 30)).ToArray();
                var answer = random.Next(6) switch
                {
                    0 => await client.PostAsync("/contact_interactions/actions", new { action = new { type = "archive", ids = some } }),
                    1 => await client.PostAsync("/contact_interactions/actions", new { action = new { type = "unarchive", ids = some } }),
                    2 => await client.UpdateAsync(some[0], new { read = random.Next(2) == 0 }),
                    3 => await ReadAllAsync(client),
                    _ => await client.PostAsync("/contact_interactions/actions", new
                    {
                        action = new
                        {
                            type = "update",
                            set = new { read = random.Next(2) == 0, important = random.Next(2) == 0 },
                            ids = some,
                        },
                    }),
                };
                answer.Is(200);
            }
        }

        static async Task<Answer> ReadAllAsync(HttpClient client)
        {
            const string query = "/contact_interactions?global_master_advertiser_id=USA_1,USA_2&read=false&limit=5";
            var list = (await client.GetAnswerAsync(query)).Is(200);
            return list.Json["previous"] is not { } until ? list : await client.PostAsync("/contact_interactions/actions", new
            {
                action = new
                {
                    type = "update",
                    set = new { read = true },
                    filter = new { global_master_advertiser_id = "USA_1,USA_2", read = false },
                    until = (string)until!,
                },
            });
        }
    }
}

using System.Text.Json.Nodes;
using Lips.Counters.Contracts;
using Lips.Kernel;
using Lips.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Lips.Counters.Tests.Contracts;

/// <summary>Three nodes on one database, changed and read at once.</summary>
public sealed class LiveTests : IAsyncLifetime
{
    private static readonly string[] Types = ["call", "form", "chat", "booking", "lsa", "fpd"];
    private static readonly string?[] Channels = ["search", "display", "social", "chat", "other", null];

    private LipsNode[] nodes = [];

    public async Task InitializeAsync()
    {
        var database = await TestPostgres.NewDatabaseAsync();
        nodes = [await LipsNode.StartAsync(database), await LipsNode.StartAsync(database), await LipsNode.StartAsync(database)];
    }

    public async Task DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
    }

    [Fact]
    public async Task Cells_equal_a_recount_and_a_read_sees_every_change_acknowledged_before_it_on_either_node()
    {
        // Each worker has an advertiser of its own, of which it knows the exact numbers, and all of them share one.
        await Task.WhenAll(Enumerable.Range(1, 6).Select(worker => WorkAsync(worker, steps: 60)));

        Assert.Empty(await nodes[0].DifferencesAsync());
        Assert.Equal(0L, await ScalarAsync("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"));
        Assert.True(await ScalarAsync("SELECT count(*) FROM counters.cells") > 50);
    }

    [Fact]
    public async Task Cells_changed_by_hand_are_found_and_mended_and_nodes_that_hold_them_see_it()
    {
        var random = new Random(1);
        for (var i = 0; i < 20; i++)
            await nodes[0].Client.IngestAsync(New("USA_1", random));
        Assert.Empty(await nodes[0].DifferencesAsync());
        await TestPostgres.ExecuteAsync(
            nodes[0].ConnectionString,
            "UPDATE interactions.interactions SET read = true; UPDATE counters.cells SET archived_total = 3 WHERE kind = 2");
        Assert.NotEmpty(await nodes[0].DifferencesAsync());
        Assert.Equal(20, await UnreadAsync());

        var mended = await nodes[1].Services.GetRequiredService<CellVerification>().RebuildAsync(One, CancellationToken.None);

        Assert.True(mended > 0);
        Assert.Empty(await nodes[0].DifferencesAsync());
        Assert.Equal(0, await UnreadAsync());

        async Task<int> UnreadAsync() =>
            (int)(await nodes[0].Client.GetAnswerAsync("/contact_interactions/totals?global_master_advertiser_id=USA_1"))
                .Is(200).Json["unread"]!["events"]!;
    }

    [Fact]
    public async Task A_poll_that_finds_nothing_new_is_answered_with_304_on_either_node_and_any_visible_change_ends_that()
    {
        var id = (long)(await nodes[0].Client.IngestAsync(New("USA_2", new Random(2))))["id"]!;
        foreach (var address in new[]
        {
            "/contact_interactions/totals?global_master_advertiser_id=USA_2", "/contact_interactions?global_master_advertiser_id=USA_2",
        })
        {
            var first = (await nodes[0].Client.GetAnswerAsync(address)).Is(200);
            var tag = first.Headers.ETag!.ToString();
            Assert.StartsWith("W/", tag, StringComparison.Ordinal);

            var again = await nodes[1].Client.SendAsync(HttpMethod.Get, address, (HttpContent?)null, ("If-None-Match", tag));
            Assert.Equal("", again.Is(304).Body);
            Assert.Equal(tag, again.Headers.ETag!.ToString());
            (await nodes[0].Client.SendAsync(HttpMethod.Get, address + "&archived=true", (HttpContent?)null, ("If-None-Match", tag)))
                .Is(200);

            await nodes[1].Client.UpdateAsync(id, new { notes = address });
            (await nodes[0].Client.SendAsync(HttpMethod.Get, address, (HttpContent?)null, ("If-None-Match", tag))).Is(200);
        }
    }

    [Fact]
    public async Task An_advertiser_that_came_in_by_hand_is_found_and_counted()
    {
        await nodes[0].Client.IngestAsync(New("USA_3", new Random(3)));
        await TestPostgres.ExecuteAsync(
            nodes[0].ConnectionString,
            """
            INSERT INTO interactions.interactions
            SELECT (jsonb_populate_record(i, '{"advertiser": 1000000000004, "id": 987654321}')).* FROM interactions.interactions i
            WHERE advertiser = 1000000000003
            """);
        try
        {
            Assert.True(GlobalId.TryParse("USA_4", out var byHand));
            Assert.Contains(
                byHand, await nodes[1].Services.GetRequiredService<CellVerification>().AdvertisersAsync(CancellationToken.None));
            Assert.Single(await nodes[0].DifferencesAsync());

            Assert.Equal(1, await nodes[1].Services.GetRequiredService<CellVerification>().RebuildAsync(byHand, CancellationToken.None));

            Assert.Empty(await nodes[0].DifferencesAsync());
            Assert.Equal(1, (int)(await nodes[0].Client.GetAnswerAsync("/contact_interactions/totals?global_master_advertiser_id=USA_4"))
                .Is(200).Json["totals"]!["events"]!);
        }
        finally
        {
            await TestPostgres.ExecuteAsync(nodes[0].ConnectionString, "DELETE FROM interactions.interactions WHERE id = 987654321");
            await nodes[0].Services.GetRequiredService<CellVerification>()
                .RebuildAsync(GlobalId.FromValue(1_000_000_000_004), CancellationToken.None);
        }
    }

    private async Task WorkAsync(int worker, int steps)
    {
        var random = new Random(worker);
        var own = $"USA_{100 + worker}";
        var states = new Dictionary<long, (bool Read, bool Archived)>();
        for (var step = 0; step < steps; step++)
        {
            var writer = nodes[random.Next(nodes.Length)].Client;
            await writer.IngestAsync(New("USA_100", random));
            if (states.Count == 0 || random.Next(3) == 0)
            {
                var lines = Enumerable.Range(0, random.Next(1, 6)).Select(_ => New(own, random)).ToList();
                foreach (var line in lines)
                    states.Add((long)(await writer.IngestAsync(line))["id"]!, (false, false));
            }
            else
            {
                var id = states.Keys.ElementAt(random.Next(states.Count));
                states[id] = await ChangeAsync(writer, id, states[id], random.Next(4));
            }

            var totals = (await nodes[random.Next(nodes.Length)].Client
                .GetAnswerAsync($"/contact_interactions/totals?global_master_advertiser_id={own}")).Is(200).Json;
            Assert.Equal(states.Values.Count(s => !s.Archived), (int)totals["totals"]!["events"]!);
            Assert.Equal(states.Values.Count(s => !s.Archived && !s.Read), (int)totals["unread"]!["events"]!);
            var list = (await nodes[random.Next(nodes.Length)].Client
                .GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_100&per_page=500")).Is(200);
            Assert.Equal((int)list.Json["totals"]!["events"]!, list.Ids.Count);
        }
    }

    private static async Task<(bool Read, bool Archived)> ChangeAsync(
        HttpClient client, long id, (bool Read, bool Archived) state, int change)
    {
        switch (change)
        {
            case 0:
                (await client.ArchiveAsync(id)).Is(200);
                return state with { Archived = true };
            case 1:
                (await client.UnarchiveAsync(id)).Is(200);
                return state with { Archived = false };
            default:
                (await client.UpdateAsync(id, new { read = change == 2, important = true })).Is(200);
                return state with { Read = change == 2 };
        }
    }

    private static JsonObject New(string advertiser, Random random) => new()
    {
        ["global_master_advertiser_id"] = advertiser,
        ["event_type"] = Types[random.Next(Types.Length)],
        ["channel"] = Channels[random.Next(Channels.Length)],
        ["occurred_at"] = $"2026-0{random.Next(1, 7)}-1{random.Next(10)}T1{random.Next(10)}:00:00Z",
        ["global_master_campaign_id"] = random.Next(3) == 0 ? null : $"USA_{random.Next(1, 4)}",
        ["wpc_id"] = random.Next(2) == 0 ? null : "1",
    };

    private static GlobalId One => GlobalId.TryParse("USA_1", out var id) ? id : default;

    private Task<long> ScalarAsync(string sql) => TestPostgres.ScalarAsync<long>(nodes[0].ConnectionString, sql);
}

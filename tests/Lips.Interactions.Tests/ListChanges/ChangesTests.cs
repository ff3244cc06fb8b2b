using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.ListChanges;

public sealed class ChangesTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Fact]
    public async Task A_follower_gets_every_interaction_once_and_again_when_it_changes()
    {
        const string advertiser = "USA_1";
        var first = await NewAsync(advertiser, "a@mail.example");
        var second = await NewAsync(advertiser, "b@mail.example");
        var (seen, next) = await FollowAsync(advertiser, null);
        Assert.Equal([first, second], seen);
        (seen, next) = await FollowAsync(advertiser, next);
        Assert.Empty(seen);

        await client.UpdateAsync(first, new { notes = "called" });
        (seen, next) = await FollowAsync(advertiser, next);
        Assert.Equal([first], seen);

        await client.ArchiveAsync(second);
        await client.ArchiveAsync(second);
        (seen, next) = await FollowAsync(advertiser, next);
        Assert.Equal([second], seen);

        // Another event of the first contact fills its name, which the first interaction shows too.
        var third = (long)(await client.IngestAsync(new
        {
            global_master_advertiser_id = advertiser,
            event_type = "form",
            occurred_at = "2026-01-03T00:00:00Z",
            contact = new { email = "a@mail.example", first_name = "Ada" },
        }))["id"]!;
        (seen, next) = await FollowAsync(advertiser, next);
        Assert.Equal([first, third], seen.Order());
        (seen, _) = await FollowAsync(advertiser, next);
        Assert.Empty(seen);
    }

    [Fact]
    public async Task Pages_of_one_bulk_transaction_hold_each_interaction_once()
    {
        (await client.BulkAsync(Enumerable.Range(0, 23).Select(i => New("USA_2", $"p{i}@mail.example")))).Is(200);

        var (seen, _) = await FollowAsync("USA_2", null, limit: 5);

        Assert.Equal(23, seen.Count);
        Assert.Equal(23, seen.Distinct().Count());
    }

    [Fact]
    public async Task Nothing_that_is_committed_while_a_follower_reads_is_skipped()
    {
        var writers = Enumerable.Range(0, 4).Select(async writer =>
        {
            for (var i = 0; i < 25; i++)
                await NewAsync("USA_3", $"w{writer}-{i}@mail.example");
        }).ToList();
        var (all, cursor) = (new HashSet<long>(), (string?)null);
        var done = Task.WhenAll(writers);
        for (var last = false; !last;)
        {
            last = done.IsCompleted;
            var (seen, next) = await FollowAsync("USA_3", cursor, limit: 3);
            all.UnionWith(seen);
            cursor = next;
        }

        await done;
        Assert.Equal(
            await fixture.ScalarAsync<long>("SELECT count(*) FROM interactions.interactions WHERE advertiser = 1000000000003"), all.Count);
        Assert.Equal(100, all.Count);
    }

    [Fact]
    public async Task A_cursor_of_another_history_of_the_database_is_gone()
    {
        await NewAsync("USA_4", "x@mail.example");
        var (_, next) = await FollowAsync("USA_4", null);
        await TestPostgres.ExecuteAsync(
            fixture.Node.ConnectionString,
            "SET lips.tells_holders = 'on'; UPDATE counters.advertisers SET version = 0 WHERE advertiser = 1000000000004");

        var answer = await client.GetAnswerAsync($"/contact_interactions/changes?global_master_advertiser_id=USA_4&since={next}");

        Assert.Equal("gone", (string?)answer.Is(410).Json["name"]);
    }

    [Theory]
    [InlineData("", "global_master_advertiser_id")]
    [InlineData("global_master_advertiser_id=USA_1,USA_2", "global_master_advertiser_id")]
    [InlineData("global_master_advertiser_id=USA_1&limit=501", "limit")]
    [InlineData("global_master_advertiser_id=USA_1&limit=0", "limit")]
    [InlineData("global_master_advertiser_id=USA_1&since=abc", "since")]
    [InlineData("global_master_advertiser_id=USA_1&since=%C3%A4", "since")]
    public async Task What_is_wrong_is_said(string query, string attribute) =>
        Assert.Equal([attribute], (await client.GetAnswerAsync("/contact_interactions/changes?" + query)).Is(422).Attributes);

    [Fact]
    public async Task A_cursor_of_another_advertiser_or_route_or_shape_is_422()
    {
        await NewAsync("USA_10", "x@mail.example");
        await NewAsync("USA_11", "x@mail.example");
        var (_, own) = await FollowAsync("USA_10", null);
        var (_, others) = await FollowAsync("USA_11", null);
        var (_, empty) = await FollowAsync("USA_12", null);
        (await client.SendAsync(HttpMethod.Put, $"/contact_interactions/{await client.NewAsync("USA_11")}",
            new { contact_interaction = new { read = true } })).Is(200);
        var ofAudit = (string)(await client.GetAnswerAsync("/audit?limit=1")).Is(200).Json["next"]!;
        var plain = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(own));

        foreach (var cursor in (string[])
        [
            others, empty, ofAudit, own[4..], own + "AAAA", "now" + own, "NaN", "0", plain, Of(plain.Replace(
                "changes", "list", StringComparison.Ordinal)), Of(plain[(plain.IndexOf(' ', StringComparison.Ordinal) + 1)..]),
            Of(plain.Replace("USA_10", "USA_010", StringComparison.Ordinal)), Of(plain + " 1"), Of("now"),
        ])
        {
            var answer = await client.GetAnswerAsync(
                $"/contact_interactions/changes?global_master_advertiser_id=USA_10&since={Uri.EscapeDataString(cursor)}");
            Assert.Equal(["since"], answer.Is(422).Attributes);
        }

        (await client.GetAnswerAsync($"/contact_interactions/changes?global_master_advertiser_id=USA_10&since={own}")).Is(200);
        Assert.Equal(["before"], (await client.GetAnswerAsync($"/audit?before={own}")).Is(422).Attributes);

        static string Of(string text) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes(text));
    }

    [Theory]
    [Each("now", "NOW")]
    public async Task Since_now_is_an_empty_list_and_a_cursor_behind_all_that_there_is(string now)
    {
        var advertiser = $"CAN_{(int)now[0]}";
        // Also where there is nothing yet.
        var (seen, beginning) = await FollowAsync(advertiser, now);
        Assert.Empty(seen);
        var first = await NewAsync(advertiser, "a@mail.example");
        var second = await NewAsync(advertiser, "b@mail.example");
        (seen, _) = await FollowAsync(advertiser, beginning);
        Assert.Equal([first, second], seen);

        (seen, var next) = await FollowAsync(advertiser, now);
        Assert.Empty(seen);
        await client.UpdateAsync(first, new { notes = "called" });
        (seen, next) = await FollowAsync(advertiser, next);
        Assert.Equal([first], seen);
        (seen, _) = await FollowAsync(advertiser, next);
        Assert.Empty(seen);
    }

    private async Task<(List<long> Ids, string Next)> FollowAsync(string advertiser, string? since, int limit = 100)
    {
        var ids = new List<long>();
        while (true)
        {
            var cursor = since is null ? "" : $"&since={since}";
            var answer = (await client.GetAnswerAsync(
                $"/contact_interactions/changes?global_master_advertiser_id={advertiser}&limit={limit}{cursor}")).Is(200);
            Assert.True(answer.Ids.Count <= limit, answer.Body);
            ids.AddRange(answer.Ids);
            since = (string)answer.Json["next"]!;
            if (!(bool)answer.Json["has_more"]!)
                return (ids, since);
        }
    }

    private static JsonObject New(string advertiser, string email) => new()
    {
        ["global_master_advertiser_id"] = advertiser,
        ["event_type"] = "call",
        ["occurred_at"] = "2026-01-02T00:00:00Z",
        ["contact"] = new JsonObject { ["email"] = email },
    };

    private async Task<long> NewAsync(string advertiser, string email) => (long)(await client.IngestAsync(New(advertiser, email)))["id"]!;
}

using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Actions;

/// <summary><c>POST /contact_interactions/actions</c> (contract section 11).</summary>
public sealed class ActionsTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private const string Actions = "/contact_interactions/actions";

    private readonly HttpClient client = fixture.Client;

    [Fact]
    public async Task Many_are_changed_by_their_ids_and_again_changes_nothing()
    {
        var ids = await BringInAsync("USA_1", 5);
        var archived = await client.NewAsync("USA_1", "call", ("archived_at", "2026-01-01T00:00:00Z"), ("read", true));
        long[] given = [.. ids, archived, 999_999, ids[0]];
        object action = new { type = "update", set = new { read = true, notes = "seen" }, ids = given };

        var first = await ActAsync(action);
        var again = await ActAsync(action);

        Assert.Equal("""{"matched":6,"changed_ids":""" + List([.. ids, archived]) + ""","not_found":[999999],"has_more":false}""", first);
        Assert.Equal("""{"matched":6,"changed_ids":[],"not_found":[999999],"has_more":false}""", again);
        Assert.Equal((5, 0), await EventsAndUnreadAsync("USA_1"));
        Assert.Equal("seen", (string)(await client.GetAnswerAsync($"/contact_interactions/{ids[3]}")).Is(200).Json["notes"]!);
    }

    [Fact]
    public async Task Archive_and_unarchive_are_each_others_undo()
    {
        var ids = await BringInAsync("USA_2", 3);

        Assert.Equal(List(ids), Changed(await ActAsync(new { type = "archive", ids })));
        Assert.Equal((0, 0), await EventsAndUnreadAsync("USA_2"));
        Assert.Equal(List(ids), Changed(await ActAsync(new { type = "unarchive", ids })));
        Assert.Equal((3, 3), await EventsAndUnreadAsync("USA_2"));
    }

    [Fact]
    public async Task A_filter_is_done_with_after_some_calls_and_what_came_in_later_stays()
    {
        (await client.BulkAsync(Enumerable.Range(0, 1_100).Select(n => (object)Make.Interaction(
            "USA_3", n % 11 == 0 ? "form" : "call", ("occurred_at", $"2026-01-{1 + (n % 28):00}T00:00:00Z"))))).Is(200);
        const string query = "global_master_advertiser_id=USA_3&event_type=call&read=false";
        var list = (await client.GetAnswerAsync($"/contact_interactions?{query}&limit=10")).Is(200);
        // Between the others by its time, and newer.
        var later = new[]
        {
            await client.NewAsync("USA_3", "call", ("occurred_at", "2026-01-15T12:00:00Z")),
            await client.NewAsync("USA_3", "call", ("occurred_at", "2026-02-15T12:00:00Z")),
        };
        var action = new
        {
            type = "update",
            set = new { read = true },
            filter = new { global_master_advertiser_id = new[] { "USA_3" }, event_type = "call", read = false },
            until = (string)list.Json["previous"]!,
        };

        var (changed, calls) = (0, 0);
        for (var hasMore = true; hasMore; calls++)
        {
            var answer = JsonNode.Parse(await ActAsync(action))!;
            changed += answer["changed_ids"]!.AsArray().Count;
            hasMore = (bool)answer["has_more"]!;
        }

        Assert.Equal((1_000, 2), (changed, calls));
        Assert.Equal(later.OrderDescending(), (await client.GetAnswerAsync($"/contact_interactions?{query}")).Is(200).Ids);
        Assert.Equal(100, (int)(await client.GetAnswerAsync(
            "/contact_interactions/totals?global_master_advertiser_id=USA_3")).Is(200).Json["unread"]!["form_events"]!);
    }

    [Fact]
    public async Task Until_is_a_row_of_the_list_itself()
    {
        var ids = new List<long>();
        for (var i = 0; i < 6; i++)
            ids.Add(await client.NewAsync("USA_4", "call", ("occurred_at", $"2026-01-0{9 - i}T00:00:00Z")));
        var list = (await client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_4&limit=3")).Is(200);

        var answer = await ActAsync(
            new { type = "archive", filter = new { global_master_advertiser_id = "USA_4" }, until = (string)list.Json["next"]! });

        Assert.Equal(List([.. ids.Skip(2)]), Changed(answer));
    }

    [Fact]
    public async Task The_trail_has_one_entry_an_advertiser_and_each_interaction_knows_its_own()
    {
        var (one, two, other) = (
            await client.NewAsync("USA_5", "call"), await client.NewAsync("USA_5", "call", ("read", true)),
            await client.NewAsync("USA_6", "call"));
        using var ada = await fixture.Node.NewCallerAsync(abilities: ["read", "write"]);

        (await ada.PostAsync(Actions, new
        {
            action = new { type = "update", set = new { read = true, important = true }, ids = new[] { one, two, other } },
        })).Is(200);

        foreach (var (advertiser, count) in new[] { ("USA_5", 2), ("USA_6", 1) })
        {
            var trail = (await client.GetAnswerAsync($"/audit?action=update&global_master_advertiser_id={advertiser}")).Is(200);
            var entry = Assert.Single(trail.Json["audit"]!.AsArray())!;
            Assert.Equal((count, """["read","important"]"""), ((int)entry["count"]!, entry["fields"]!.ToJsonString()));
        }

        Assert.Single((await client.GetAnswerAsync($"/audit?contact_interaction_id={two}&action=update")).Is(200).Json["audit"]!.AsArray());
        foreach (var (id, fields) in new[] { (one, """["read","important"]"""), (two, """["important"]""") })
        {
            var history = (await ada.GetAnswerAsync($"/contact_interactions/{id}/history")).Is(200).Json["history"]!.AsArray();
            Assert.Equal(
                ("update", fields, "test"),
                ((string)history[0]!["action"]!, history[0]!["fields"]!.ToJsonString(), (string)history[0]!["token"]!["name"]!));
        }
    }

    [Fact]
    public async Task Interactions_of_others_are_not_found_and_a_filter_for_others_is_403()
    {
        var (own, others) = (await client.NewAsync("USA_7", "call"), await client.NewAsync("USA_8", "call"));
        var list = (await client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_8&limit=1")).Is(200);
        using var some = await fixture.Node.NewCallerAsync(new[] { "USA_7" }, ["write"]);

        var answer = (await some.PostAsync(Actions, new { action = new { type = "archive", ids = new[] { own, others } } })).Is(200);
        var refused = await some.PostAsync(Actions, new
        {
            action = new
            {
                type = "archive",
                filter = new { global_master_advertiser_id = "USA_8" },
                until = (string)list.Json["previous"]!,
            },
        });

        Assert.Equal($"[{others}]", answer.Json["action"]!["not_found"]!.ToJsonString());
        Assert.Equal("advertiser", (string)refused.Is(403).Json["reason"]!);
        Assert.Equal((1, 1), await EventsAndUnreadAsync("USA_8"));
    }

    [Theory]
    [InlineData("{}", "type ids")]
    [InlineData("""{"type":"read","ids":[1]}""", "type")]
    [InlineData("""{"type":"update","ids":[1]}""", "set")]
    [InlineData("""{"type":"update","set":{},"ids":[1]}""", "set")]
    [InlineData("""{"type":"update","set":{"read":"yes"},"ids":[1]}""", "set.read")]
    [InlineData("""{"type":"archive","set":{"read":true},"ids":[1]}""", "set")]
    [InlineData("""{"type":"archive","ids":[]}""", "ids")]
    [InlineData("""{"type":"archive","ids":["1"]}""", "ids")]
    [InlineData("""{"type":"archive","ids":[1],"until":"x"}""", "until")]
    [InlineData("""{"type":"archive","filter":{"global_master_advertiser_id":"USA_1"}}""", "until")]
    [InlineData("""{"type":"archive","filter":{"global_master_advertiser_id":"USA_1"},"until":"x"}""", "until")]
    [InlineData("""{"type":"archive","filter":{"global_master_advertiser_id":"USA_1","colour":"red"},"until":"x"}""",
        "filter.colour until")]
    [InlineData("""{"type":"archive","filter":{"event_type":"x"},"until":"x"}""",
        "filter.global_master_advertiser_id filter.event_type until")]
    [InlineData("""{"type":"archive","filter":[1],"until":"x"}""", "filter")]
    [InlineData("""{"type":"archive","filter":{"tags":[[1]]},"until":"x"}""", "filter")]
    public async Task What_is_not_understood_is_422_and_changes_nothing(string action, string attributes)
    {
        var answer = await client.SendAsync(HttpMethod.Post, Actions, $$"""{"action":{{action}}}""");

        Assert.Equal(attributes, string.Join(' ', answer.Is(422).Attributes));
    }

    [Fact]
    public async Task A_cursor_of_another_list_is_422()
    {
        await client.NewAsync("USA_9", "call");
        var list = (await client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_9&limit=1")).Is(200);

        var answer = await client.PostAsync(Actions, new
        {
            action = new
            {
                type = "archive",
                filter = new { global_master_advertiser_id = "USA_9", read = false },
                until = (string)list.Json["previous"]!,
            },
        });

        Assert.Equal(["until"], answer.Is(422).Attributes);
    }

    [Fact]
    public async Task Five_hundred_ids_are_one_call_and_more_are_422()
    {
        (await client.PostAsync(Actions, new { action = new { type = "archive", ids = Enumerable.Range(1_000_000, 500) } })).Is(200);
        (await client.PostAsync(Actions, new { action = new { type = "archive", ids = Enumerable.Range(1_000_000, 501) } })).Is(422);
    }

    private async Task<string> ActAsync(object action) =>
        (await client.PostAsync(Actions, new { action })).Is(200).Json["action"]!.ToJsonString();

    private static string Changed(string answer) => JsonNode.Parse(answer)!["changed_ids"]!.ToJsonString();

    private static string List(IEnumerable<long> ids) => $"[{string.Join(',', ids.Order())}]";

    private async Task<(int Events, int Unread)> EventsAndUnreadAsync(string advertiser)
    {
        var totals = (await client.GetAnswerAsync($"/contact_interactions/totals?global_master_advertiser_id={advertiser}")).Is(200).Json;
        return ((int)totals["totals"]!["events"]!, (int)totals["unread"]!["events"]!);
    }

    private async Task<long[]> BringInAsync(string advertiser, int count)
    {
        var ids = new long[count];
        for (var i = 0; i < count; i++)
            ids[i] = await client.NewAsync(advertiser, "call");
        return ids;
    }
}

using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.ListAdvertisers;

/// <summary><c>GET /advertisers</c> (contract section 11).</summary>
public sealed class ListAdvertisersTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task Those_of_the_token_that_have_interactions_are_told_with_their_counts()
    {
        var client = fixture.Client;
        for (var i = 1; i <= 5; i++)
        {
            for (var n = 0; n < i; n++)
                await client.NewAsync($"USA_{i}", "call", ("read", n == 0));
        }

        await client.NewAsync("CAN_7", "call", ("archived_at", "2026-01-01T00:00:00Z"));
        using var some = await fixture.Node.NewCallerAsync(new[] { "USA_2", "USA_4", "USA_9", "CAN_7" });

        var all = new List<string>();
        for (string? next = ""; next is not null;)
        {
            var page = (await client.GetAnswerAsync($"/advertisers?limit=2{(next.Length == 0 ? "" : "&after=" + next)}")).Is(200).Json;
            all.AddRange(page["advertisers"]!.AsArray().Select(a => a!.ToJsonString()));
            next = (string?)page["next"];
            Assert.Equal(next is not null, (bool)page["has_more"]!);
        }

        Assert.Equal(
            [.. Enumerable.Range(1, 5).Select(i => Line($"USA_{i}", i, i - 1)), Line("CAN_7", 0, 0)], all);
        Assert.Equal(
            """{"advertisers":[""" + $"{Line("USA_2", 2, 1)},{Line("USA_4", 4, 3)},{Line("CAN_7", 0, 0)}"
                + """],"next":null,"has_more":false}""",
            (await some.GetAnswerAsync("/advertisers")).Is(200).Body);
        Assert.Equal(["after"], (await client.GetAnswerAsync("/advertisers?after=x")).Is(422).Attributes);

        static string Line(string id, int events, int unread) =>
            $$"""{"global_master_advertiser_id":"{{id}}","events":{{events}},"unread":{{unread}}}""";
    }
}

using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Filter;

public sealed class ChannelFilterTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private static readonly string?[] All = ["search", "display", "social", "chat", "other", null];

    private readonly HttpClient client = fixture.Client;

    [Fact]
    public async Task A_channel_finds_its_events_that_have_a_wpc_id()
    {
        var ids = new Dictionary<string, long>();
        foreach (var channel in All)
        {
            ids[channel ?? "none"] = await NewAsync("USA_1", channel, "w-1");
            await NewAsync("USA_1", channel, null);
        }

        foreach (var (channel, id) in ids)
        {
            Assert.Equal([id], await client.FoundAsync($"global_master_advertiser_id=USA_1&channel[]={channel}"));
            Assert.Equal([id], await client.FoundAsync($"global_master_advertiser_id=USA_1&channel={channel.ToUpperInvariant()}"));
        }

        Assert.Equal(
            [ids["search"], ids["none"]],
            await client.FoundAsync("global_master_advertiser_id=USA_1&channel[]=none&channel[]=search&channel[]=search"));
        Assert.Equal(
            ids.Values.Order(),
            await client.FoundAsync("global_master_advertiser_id=USA_1&" + string.Join('&', ids.Keys.Select(c => "channel[]=" + c))));
        Assert.Equal(12, (await client.FoundAsync("global_master_advertiser_id=USA_1")).Count);
    }

    [Fact]
    public async Task Channels_are_counted_without_regard_to_wpc_id_unless_they_are_filtered()
    {
        await NewAsync("USA_2", "search", "w-1");
        await NewAsync("USA_2", "search", null);
        await NewAsync("USA_2", null, null);
        await NewAsync("USA_2", "social", "w-2");

        Assert.Equal("""{"channels":4,"display":0,"search":2,"social":1,"chat":0,"other":0,"none":1}""", await ChannelsAsync(""));
        Assert.Equal(
            """{"channels":1,"display":0,"search":1,"social":0,"chat":0,"other":0,"none":0}""", await ChannelsAsync("&channel[]=search"));
        Assert.Equal(
            """{"channels":0,"display":0,"search":0,"social":0,"chat":0,"other":0,"none":0}""", await ChannelsAsync("&channel[]=none"));

        async Task<string> ChannelsAsync(string filter)
        {
            var counted = (await client.GetAnswerAsync("/contact_interactions/totals?global_master_advertiser_id=USA_2" + filter))
                .Is(200).Json["channel"]!;
            var listed = (await client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_2" + filter))
                .Is(200).Json["channel"]!;
            Assert.True(JsonNode.DeepEquals(counted, listed), listed.ToJsonString());
            return counted.ToJsonString();
        }
    }

    [Fact]
    public async Task None_is_served_as_null_and_another_channel_is_refused()
    {
        foreach (var (given, served) in new[] { ("none", null), (null, null), ("Display", "display"), ("SOCIAL", "social") })
            Assert.Equal(served, (string?)(await client.IngestAsync(Make.Interaction("USA_3", more: ("channel", given))))["channel"]);
        Assert.Equal(["channel"], (await client.GetAnswerAsync(
            "/contact_interactions?global_master_advertiser_id=USA_3&channel[]=radio&channel[]=chat")).Is(422).Attributes);
    }

    private Task<long> NewAsync(string advertiser, string? channel, string? wpcId) =>
        client.NewAsync(advertiser, more: [("channel", channel), ("wpc_id", wpcId)]);
}

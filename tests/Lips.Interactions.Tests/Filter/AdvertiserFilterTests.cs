using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Filter;

public sealed class AdvertiserFilterTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Fact]
    public async Task Several_advertisers_are_merged_in_the_order_of_the_list()
    {
        var third = await AtAsync("USA_1", 3);
        var first = await AtAsync("CAN_1", 1);
        var fourth = await AtAsync("CAN_1", 4);
        var second = await AtAsync("TEST_1", 2);
        await AtAsync("USA_11", 2);

        foreach (var sorting in (string[])["sort_dir=asc", "sort_by=occurred_at", "sort_by=occurred_at&sort_dir=ASC"])
            Assert.Equal(
                [first, second, third, fourth], (await AskAsync($"global_master_advertiser_id=USA_1,CAN_1,TEST_1&{sorting}")).Is(200).Ids);
        var page = (await AskAsync("global_master_advertiser_id=USA_1,CAN_1,TEST_1&per_page=3&page=2")).Is(200);
        Assert.Equal([first], page.Ids);
        Assert.Equal(4, (int)page.Json["totals"]!["events"]!);

        Task<long> AtAsync(string advertiser, int day) => client.NewAsync(advertiser, more: ("occurred_at", $"2021-09-0{day}"));
    }

    [Theory]
    [Each("global_master_advertiser_id=USA_21&global_master_advertiser_id=USA_22",
        "global_master_advertiser_id[]=USA_21&global_master_advertiser_id[]=USA_22",
        "global_master_advertiser_id%5B%5D=USA_21&global_master_advertiser_id=USA_22", "global_master_advertiser_id=USA_21,USA_22",
        "global_master_advertiser_id[]=USA_21%2CUSA_22,USA_21&global_master_advertiser_id=USA_22")]
    public async Task Several_are_written_in_any_of_the_forms(string query)
    {
        await client.PostAsync("/contact_interactions", new { contact_interaction = External("USA_21") });
        await client.PostAsync("/contact_interactions", new { contact_interaction = External("USA_22") });

        var answer = (await AskAsync(query)).Is(200);

        Assert.Equal(
            ["USA_21", "USA_22"],
            answer.Json["contact_interactions"]!.AsArray().Select(i => (string)i!["global_master_advertiser_id"]!).Order());
        Assert.Equal(2, (int)answer.Json["totals"]!["events"]!);

        static JsonObject External(string advertiser) =>
            Make.Interaction(advertiser, more: [("external_app_id", "a"), ("external_id", "1")]);
    }

    [Fact]
    public async Task A_hundred_advertisers_are_taken_each_once()
    {
        var hundred = string.Join(',', Enumerable.Range(1_000, 100).Select(n => $"GBR_{n}"));

        Assert.Empty((await AskAsync("global_master_advertiser_id=" + hundred)).Is(200).Ids);
        Assert.Empty((await AskAsync($"global_master_advertiser_id={hundred}&global_master_advertiser_id=GBR_1000")).Is(200).Ids);
    }

    [Theory]
    [Each("USA", "USA_", "USA_0", "USA_01", "USA_-1", "USA_1a", "USA_1000000000000", "usa_1", "NZL_1", "USA_1,", "USA_1 ", "1")]
    public async Task What_is_no_id_is_refused(string value)
    {
        var answer = await AskAsync(
            $"global_master_advertiser_id={Uri.EscapeDataString(value)}&global_master_campaign_id={Uri.EscapeDataString(value)}");

        Assert.Equal(["global_master_advertiser_id", "global_master_campaign_id"], answer.Is(422).Attributes);
    }

    [Theory]
    [Each("", "global_master_campaign_id=USA_5", "Global_Master_Advertiser_Id=USA_5")]
    public async Task An_advertiser_is_required(string query) =>
        Assert.Equal(["global_master_advertiser_id"], (await AskAsync(query)).Is(422).Attributes.Distinct());

    [Fact]
    public async Task Campaigns_narrow_what_is_found()
    {
        var five = await client.NewAsync("USA_31", more: ("global_master_campaign_id", "USA_5"));
        var six = await client.NewAsync("USA_31", more: ("global_master_campaign_id", "USA_6"));
        var canadian = await client.NewAsync("USA_31", more: ("global_master_campaign_id", "CAN_5"));
        await client.NewAsync("USA_31");
        await client.NewAsync("USA_32", more: ("global_master_campaign_id", "USA_5"));

        Assert.Equal([five], await client.FoundAsync("global_master_advertiser_id=USA_31&global_master_campaign_id=USA_5"));
        Assert.Equal([five, six], await client.FoundAsync("global_master_advertiser_id=USA_31&global_master_campaign_id=USA_5,USA_6"));
        Assert.Equal([six, canadian], await client.FoundAsync(
            "global_master_advertiser_id=USA_31&global_master_campaign_id[]=CAN_5&global_master_campaign_id[]=USA_6"));
        Assert.Empty(await client.FoundAsync("global_master_advertiser_id=USA_31&global_master_campaign_id=USA_31"));
    }

    private Task<Answer> AskAsync(string query) => client.GetAnswerAsync("/contact_interactions?" + query);
}

using System.Globalization;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Partners;

/// <summary>A partner may name a campaign and no advertiser.</summary>
public sealed class PartnerCampaignTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task A_campaign_alone_finds_its_interactions_of_every_advertiser_in_the_order_of_the_list()
    {
        var first = await NewAsync("USA_1", "USA_5", 1);
        var third = await NewAsync("USA_1", "USA_5", 3);
        var second = await NewAsync("CAN_1", "USA_5", 2);
        var other = await NewAsync("USA_2", "USA_6", 4);
        await NewAsync("USA_1", "USA_7", 5);
        await fixture.Client.NewAsync("USA_1");
        using var partner = await fixture.Node.NewPartnerAsync();

        Assert.Equal([third, second, first], await ListedAsync(partner, "global_master_campaign_id=USA_5"));
        Assert.Equal([other, third, second, first], await ListedAsync(partner, "global_master_campaign_id=USA_5,USA_6"));
        Assert.Equal(
            [other, third, second, first], await ListedAsync(partner, "global_master_campaign_id[]=USA_6&global_master_campaign_id=USA_5"));
        Assert.Equal([second], await ListedAsync(partner, "global_master_campaign_id=USA_5&global_master_advertiser_id=CAN_1"));
        Assert.Equal([third, first], await ListedAsync(partner, "global_master_campaign_id=USA_5,USA_6&global_master_advertiser_id=USA_1"));
        Assert.Equal([third, second], await ListedAsync(partner, "global_master_campaign_id=USA_5&per_page=2"));
        Assert.Equal([first], await ListedAsync(partner, "global_master_campaign_id=USA_5&per_page=2&page=2"));
    }

    [Fact]
    public async Task Of_a_campaign_a_token_sees_only_its_own_advertisers()
    {
        var mine = await NewAsync("USA_11", "USA_15", 1);
        await NewAsync("USA_12", "USA_15", 2);
        using var partner = await fixture.Node.NewPartnerAsync(advertisers: new[] { "USA_11", "USA_13" });
        using var stranger = await fixture.Node.NewPartnerAsync(advertisers: new[] { "USA_13" });

        var answer = (await partner.GetAnswerAsync("/contact_interactions?global_master_campaign_id=USA_15&per_page=1")).Is(200);
        Assert.Equal([mine], answer.Ids);
        Assert.Equal(1, (int)answer.Json["total_pages"]!);
        Assert.Equal(
            """{"contact_interactions":[],"page":1,"total_pages":1,"per_page":25}""",
            (await stranger.GetAnswerAsync("/contact_interactions?global_master_campaign_id=USA_15")).Is(200).Body);
        (await partner.GetAnswerAsync("/contact_interactions?global_master_campaign_id=USA_15&global_master_advertiser_id=USA_12")).Is(403);
        (await partner.GetAnswerAsync("/contact_interactions?global_master_campaign_id=USA_15&global_master_advertiser_id=USA_11,USA_12"))
            .Is(403);
    }

    [Theory]
    [Each("", "&page=3", "&event_params[phone_numbers]=+19893640001")]
    public async Task A_campaign_that_nobody_has_is_an_empty_list(string more)
    {
        using var partner = await fixture.Node.NewPartnerAsync();
        var address = "/contact_interactions?global_master_campaign_id=USA_404" + more;

        var answer = (await partner.GetAnswerAsync(address)).Is(200);

        Assert.Empty(answer.Ids);
        Assert.Equal(1, (int)answer.Json["total_pages"]!);
        (await partner.SendAsync(HttpMethod.Get, address, null, ("If-None-Match", answer.Headers.ETag!.ToString()))).Is(304);
    }

    [Fact]
    public async Task A_campaign_of_more_than_a_hundred_advertisers_is_refused_until_some_are_named()
    {
        var lines = Enumerable.Range(1, 101)
            .Select(n => Make.Interaction($"AUS_{n}", more: ("global_master_campaign_id", n <= 100 ? "AUS_5" : "AUS_6"))).ToList();
        (await fixture.Client.BulkAsync(lines)).Is(200);
        using var partner = await fixture.Node.NewPartnerAsync();
        using var restricted = await fixture.Node.NewPartnerAsync(advertisers: new[] { "AUS_1", "AUS_101" });

        Assert.Equal(100, (await ListedAsync(partner, "global_master_campaign_id=AUS_5&per_page=500")).Count);
        Assert.Equal(
            ["global_master_campaign_id"],
            (await partner.GetAnswerAsync("/contact_interactions?global_master_campaign_id=AUS_5,AUS_6")).Is(422).Attributes);
        Assert.Equal(
            2, (await ListedAsync(partner, "global_master_campaign_id=AUS_5,AUS_6&global_master_advertiser_id=AUS_1,AUS_101")).Count);
        Assert.Equal(2, (await ListedAsync(restricted, "global_master_campaign_id=AUS_5,AUS_6")).Count);
    }

    [Fact]
    public async Task A_campaign_is_noted_once_for_an_advertiser_however_its_interactions_come()
    {
        var lines = Enumerable.Range(0, 20)
            .Select(n => Make.Interaction("GBR_1", more: ("global_master_campaign_id", $"GBR_{(n % 2) + 1}"))).ToList();

        await NewAsync("GBR_1", "GBR_1", 1);
        (await fixture.Client.BulkAsync(lines)).Is(200);
        (await fixture.Client.BulkAsync(lines)).Is(200);
        await NewAsync("GBR_1", "GBR_2", 1);

        Assert.Equal("1,2", await fixture.ScalarAsync<string>(
            "SELECT string_agg((campaign % 1000)::text, "
                + "',' ORDER BY campaign) FROM interactions.campaign_advertisers WHERE advertiser = 6000000000001"));
    }

    [Fact]
    public async Task The_tag_of_a_campaigns_list_changes_when_another_advertiser_takes_it_up()
    {
        await NewAsync("TEST_1", "TEST_5", 1);
        using var partner = await fixture.Node.NewPartnerAsync();
        const string address = "/contact_interactions?global_master_campaign_id=TEST_5";
        var tag = (await partner.GetAnswerAsync(address)).Is(200).Headers.ETag!.ToString();

        await NewAsync("TEST_2", "TEST_6", 1);
        (await partner.SendAsync(HttpMethod.Get, address, null, ("If-None-Match", tag))).Is(304);
        var id = await NewAsync("TEST_2", "TEST_5", 2);

        var answer = (await partner.SendAsync(HttpMethod.Get, address, null, ("If-None-Match", tag))).Is(200);
        Assert.Equal(id, answer.Ids[0]);
        Assert.Equal(2, answer.Ids.Count);
    }

    private static async Task<IReadOnlyList<long>> ListedAsync(HttpClient partner, string query) =>
        (await partner.GetAnswerAsync("/contact_interactions?" + query)).Is(200).Ids;

    private Task<long> NewAsync(string advertiser, string campaign, int day) => fixture.Client.NewAsync(
        advertiser, more: [
            ("global_master_campaign_id", campaign), ("occurred_at", string.Create(CultureInfo.InvariantCulture, $"2021-09-0{day}")),
        ]);
}

using Lips.Interactions.Tests.Seeds;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Partners;

public sealed class PartnerFilterTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    // The full API's own, those of its examples and of contract section 4 included.
    public static TheoryData<string> OthersFilters() =>
        [.. Seed.Full.Parameters.Concat(["tags[]", "contact_id", "conversation_id", "q"]).Except(Seed.Partner.Parameters)];

    [Fact]
    public void The_filters_are_those_of_the_document() => Assert.Equal(
        ["event_params[phone_numbers]", "global_master_advertiser_id", "global_master_campaign_id", "per_page", "page"],
        Seed.Partner.Parameters);

    [Theory]
    [MemberData(nameof(OthersFilters))]
    public async Task A_filter_of_the_full_profile_is_ignored_and_refused_when_strict(string name)
    {
        using var partner = await fixture.Node.NewPartnerAsync();
        await fixture.Client.NewAsync("GBR_1", more: ("occurred_at", "2021-09-01"));
        await fixture.Client.NewAsync("GBR_1", more: [("occurred_at", "2021-09-02"), ("important", true)]);
        await fixture.Client.NewAsync("GBR_1", more: ("archived_at", "2021-09-03"));
        const string list = "/contact_interactions?global_master_advertiser_id=GBR_1&per_page=500";
        var plain = (await partner.GetAnswerAsync(list)).Is(200).Body;

        foreach (var value in (string[])["", "none-has-this", "true", "1", "asc", "important"])
            Assert.Equal(plain, (await partner.GetAnswerAsync($"{list}&{name}={value}")).Is(200).Body);
        var strict = await partner.SendAsync(HttpMethod.Get, $"{list}&{name}=1", null, ("Prefer", "handling=strict"));
        Assert.Equal([name.Replace("[]", "", StringComparison.Ordinal)], strict.Is(422).Attributes);
    }

    [Fact]
    public async Task Its_own_filters_are_taken_when_strict()
    {
        var id = await fixture.Client
            .NewAsync("USA_1", "CallEvent", ("global_master_campaign_id", "USA_5"), ("contact", Contact("+19893640001")));
        await fixture.Client.NewAsync("USA_1", "CallEvent", ("global_master_campaign_id", "USA_6"), ("contact", Contact("+19893640001")));
        await fixture.Client.NewAsync("USA_1", "CallEvent", ("global_master_campaign_id", "USA_5"), ("contact", Contact("+19893640002")));
        using var partner = await fixture.Node.NewPartnerAsync();

        var answer = (await partner.SendAsync(
            HttpMethod.Get,
            "/contact_interactions?global_master_advertiser_id=USA_1&global_master_campaign_id[]=USA_5"
                + "&event_params[phone_numbers]=+19893640001&per_page=5&page=1",
            null,
            ("Prefer", "handling=strict"))).Is(200);

        Assert.Equal([id], answer.Ids);
        Assert.Equal(["handling=strict"], answer.Headers.GetValues("Preference-Applied"));
    }

    [Theory]
    [InlineData("USA_100", "=+19893643647")]
    [InlineData("USA_101", "=%2B19893643647")]
    [InlineData("USA_102", "[]=(989)%20364-3647")]
    [InlineData("USA_103", "=9893643647")]
    [InlineData("USA_104", "=1-989-364-3647")]
    public async Task A_number_is_found_however_it_is_written_and_whatever_names_the_advertiser(string campaign, string asked)
    {
        var id = await fixture.Client
            .NewAsync("USA_2", "CallEvent", ("global_master_campaign_id", campaign), ("contact", Contact("+19893643647 x241")));
        await fixture.Client.NewAsync("USA_2", "CallEvent", ("global_master_campaign_id", campaign), ("contact", Contact("+19893643648")));
        using var partner = await fixture.Node.NewPartnerAsync();

        Assert.Contains(id, await partner.FoundAsync($"global_master_advertiser_id=USA_2&event_params[phone_numbers]{asked}"));
        Assert.Equal([id], await partner.FoundAsync($"global_master_campaign_id={campaign}&event_params[phone_numbers]{asked}"));
        Assert.Equal([id], await partner.FoundAsync($"global_master_campaign_id={campaign}&event_params[phone_numbers]{asked}+x241"));
        Assert.Empty(await partner.FoundAsync($"global_master_campaign_id={campaign}&event_params[phone_numbers]{asked}+x242"));
    }

    [Fact]
    public async Task A_number_of_a_campaigns_advertisers_is_read_by_each_ones_own_country()
    {
        var american = await fixture.Client
            .NewAsync("USA_10", "CallEvent", ("global_master_campaign_id", "USA_200"), ("contact", Contact("+12079460000")));
        var british = await fixture.Client
            .NewAsync("GBR_10", "CallEvent", ("global_master_campaign_id", "USA_200"), ("contact", Contact("+442079460000")));
        await fixture.Client.NewAsync(
            "GBR_10", "CallEvent", ("global_master_campaign_id", "USA_200"), ("contact", Contact("+12079460001")));
        using var partner = await fixture.Node.NewPartnerAsync();

        Assert.Equal(
            [american, british], await partner.FoundAsync("global_master_campaign_id=USA_200&event_params[phone_numbers]=2079460000"));
        Assert.Equal([british], await partner.FoundAsync("global_master_campaign_id=USA_200&event_params[phone_numbers]=+442079460000"));
    }

    [Theory]
    [InlineData("", "global_master_advertiser_id global_master_campaign_id")]
    [InlineData("per_page=501&page=0", "global_master_advertiser_id global_master_campaign_id page per_page")]
    [InlineData("global_master_campaign_id=", "global_master_campaign_id")]
    [InlineData("global_master_advertiser_id=", "global_master_advertiser_id")]
    [InlineData("global_master_advertiser_id=usa_1&global_master_campaign_id=x", "global_master_advertiser_id global_master_campaign_id")]
    [InlineData("global_master_advertiser_id=USA_1&global_master_campaign_id=x", "global_master_campaign_id")]
    [InlineData("global_master_campaign_id=USA_5&event_params[phone_numbers]=abc", "event_params[phone_numbers]")]
    public async Task All_that_is_wrong_is_said_at_once(string query, string attributes)
    {
        using var partner = await fixture.Node.NewPartnerAsync();

        Assert.Equal(
            attributes.Split(' '),
            (await partner.GetAnswerAsync("/contact_interactions?" + query)).Is(422).Attributes.Order(StringComparer.Ordinal));
    }

    private static object Contact(string number) => new { phone_numbers = new[] { new { phone_type = "work", phone_number = number } } };
}

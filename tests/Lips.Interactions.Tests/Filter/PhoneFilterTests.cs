using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Filter;

public sealed class PhoneFilterTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Theory]
    [InlineData("USA_1", "(989) 364-3647")]
    [InlineData("USA_2", "+1 989.364.3647")]
    [InlineData("CAN_1", "1-989-364-3647")]
    [InlineData("TEST_1", "9893643647")]
    [InlineData("AUS_1", "0011 1 989 364 3647")]
    [InlineData("GBR_1", "00 1 989 364 3647")]
    public async Task A_number_is_found_however_it_is_written(string advertiser, string sent)
    {
        var id = await NewAsync(advertiser, sent);
        await NewAsync(advertiser, "+19893643648");

        foreach (var asked in (string[])[
            "=+19893643647", "=%2B19893643647", "=%2b1%20(989)%20364-3647", "[]=+1.989.364.3647", "=%2B1+989+364+3647",
        ])
            Assert.Equal([id], await FoundAsync(advertiser, asked));
    }

    [Theory]
    [InlineData("USA_3", "+19893643647", "(989) 364-3647")]
    [InlineData("CAN_3", "+16135550123", "613 555 0123")]
    [InlineData("TEST_3", "+19893643647", "989 364 3647")]
    [InlineData("AUS_3", "+61291234567", "(02) 9123 4567")]
    [InlineData("AUS_4", "+61412345678", "0412 345 678")]
    [InlineData("AUS_5", "+611300123456", "1300 123 456")]
    [InlineData("GBR_3", "+442079460000", "020 7946 0000")]
    [InlineData("GBR_4", "+447700900123", "07700 900123")]
    [InlineData("GBR_5", "+442079460000", "+44 (0)20 7946 0000")]
    public async Task A_national_number_belongs_to_the_country_of_the_advertiser(string advertiser, string served, string national)
    {
        var sent = await client.IngestAsync(Make.Interaction(advertiser, more: ("contact", Contact(national))));

        Assert.Equal(served, (string?)sent["contact"]!["phone_numbers"]![0]!["phone_number"]);
        Assert.Equal([(long)sent["id"]!], await FoundAsync(advertiser, "=" + Uri.EscapeDataString(national)));
        Assert.Equal([(long)sent["id"]!], await FoundAsync(advertiser, "=" + served));
    }

    [Fact]
    public async Task A_number_that_fits_no_rule_is_found_by_its_digits()
    {
        var id = await NewAsync("USA_6", "+1243325");
        await NewAsync("USA_6", "1243326");

        // The seed writes the plus as it is, and a query string makes a space of it.
        foreach (var asked in (string[])["=+1243325", "=%2B1243325", "=1243325", "=124-33-25", "=%201243325"])
            Assert.Equal([id], (await RawHttp.GetAsync(
                fixture.Node.Address,
                $"/contact_interactions?global_master_advertiser_id=USA_6&event_params[phone_numbers]{asked}")).Is(200).Ids);
        Assert.Equal([id], (await RawHttp.GetAsync(
            fixture.Node.Address,
            "/contact_interactions?global_master_advertiser_id=USA_6&event_params%5Bphone_numbers%5D=+1243325")).Is(200).Ids);
    }

    [Fact]
    public async Task Without_an_extension_any_is_found_and_with_one_only_that()
    {
        var none = await NewAsync("USA_7", "+19893643647");
        var x241 = await NewAsync("USA_7", "+19893643647 x241");
        var x242 = await NewAsync("USA_7", "989-364-3647 ext. 242");

        Assert.Equal([none, x241, x242], await FoundAsync("USA_7", "=+19893643647"));
        Assert.Equal([x241], await FoundAsync("USA_7", "=+19893643647+x241"));
        Assert.Equal([x242], await FoundAsync("USA_7", "=(989)3643647%20Ext%20242"));
        Assert.Empty(await FoundAsync("USA_7", "=+19893643647+x24"));
    }

    [Fact]
    public async Task A_number_is_found_in_every_syntax_and_script()
    {
        var id = await NewAsync("USA_11", "tel:+1-212-555-0150;ext=7");
        await NewAsync("USA_11", "+12125550151 x7");

        string[] writings =
        [
            "tel:+1-212-555-0150;ext=7", "tel:+12125550150", "212-555-0150,,7", "+1 212 555 0150 #7", " 212 555 0150 x7",
            "\u0662\u0661\u0662\u0665\u0665\u0665\u0660\u0661\u0665\u0660",
        ];
        foreach (var asked in writings)
            Assert.Equal([id], await FoundAsync("USA_11", "=" + Uri.EscapeDataString(asked)));
        Assert.Equal([id], await FoundAsync("USA_11", "=+12125550150;ext=7"));
    }

    [Fact]
    public async Task Any_of_several_numbers_finds_any_number_of_a_contact_and_each_interaction_once()
    {
        var both = await client.NewAsync("USA_8", more: ("contact", Contact("+19893640001", "+19893640002")));
        var again = await client.NewAsync("USA_8", "FormEvent", ("sub_type", "FormPost"), ("contact", Contact("+19893640001")));
        var other = await NewAsync("USA_8", "+19893640003");
        await NewAsync("USA_9", "+19893640001");

        Assert.Equal([both, again], await FoundAsync("USA_8", "=+19893640002"));
        Assert.Equal([both, again], await FoundAsync("USA_8", "[]=+19893640001&event_params[phone_numbers][]=+19893640002"));
        Assert.Equal([both, again, other], await FoundAsync("USA_8", "=+19893640003&event_params[phone_numbers]=+19893640002"));
        Assert.Equal([again], await FoundAsync("USA_8", "=+19893640001&event_type[]=form"));
    }

    [Fact]
    public async Task Of_several_advertisers_each_reads_the_number_by_its_own_country()
    {
        var american = await NewAsync("USA_10", "+12079460000");
        var british = await NewAsync("GBR_10", "+442079460000");
        await NewAsync("GBR_10", "+12079460001");

        Assert.Equal([american, british], await FoundAsync("USA_10,GBR_10", "=2079460000"));
        Assert.Equal([british], await FoundAsync("USA_10,GBR_10", "=+442079460000"));
    }

    [Theory]
    [Each("", "abc", "%2B", "11111111111111111111111111111111111111111111111111111111111111111")]
    public async Task What_is_no_number_is_refused(string value) => Assert.Equal(
        ["event_params[phone_numbers]"],
        (await client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_1&event_params[phone_numbers]=+19893643647"
            + $"&event_params[phone_numbers]={value}")).Is(422).Attributes);

    private static object Contact(params string[] numbers) =>
        new { phone_numbers = numbers.Select(n => new { phone_type = "work", phone_number = n }) };

    private Task<long> NewAsync(string advertiser, string number) => client.NewAsync(advertiser, more: ("contact", Contact(number)));

    private Task<IReadOnlyList<long>> FoundAsync(string advertiser, string asked) =>
        client.FoundAsync($"global_master_advertiser_id={advertiser}&event_params[phone_numbers]{asked}");
}

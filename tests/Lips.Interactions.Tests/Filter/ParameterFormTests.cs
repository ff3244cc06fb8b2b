using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Filter;

/// <summary>
/// A known parameter in a form that is not read is an error: an answer is never silently wider than the question (contract section 1).
/// </summary>
public sealed class ParameterFormTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private const string Index = "/contact_interactions";
    private const string Totals = "/contact_interactions/totals";
    private const string Stream = "/contact_interactions/totals/stream";
    private const string Changes = "/contact_interactions/changes";

    private static readonly string[] Filters =
    [
        "global_master_advertiser_id", "global_master_campaign_id", "start_date", "end_date", "event_type", "channel", "call_duration",
            "archived", "booking_id", "external_id",
        "external_app_id", "contact_id", "conversation_id", "tags", "event_params[phone_numbers]", "q",
    ];

    private static readonly (string Path, string[] Names)[] Routes =
    [
        (Index, [.. Filters, "page", "per_page", "sort_by", "sort_dir"]), (Totals, Filters), (Stream, Filters),
            (Changes, ["global_master_advertiser_id", "since", "limit"]),
    ];

    private readonly HttpClient client = fixture.Client;

    [Theory]
    [Each("{0}[x]", "{0}[gte]", "{0}[][]", "{0}[0][x]", "{0}[", "{0}.in", "amp;{0}", "amp;{0}[]", "{0}%255B%255D", "%20{0}", "{U}")]
    public async Task Every_parameter_of_every_route_in_another_form_is_422(string form)
    {
        foreach (var (path, names) in Routes)
        {
            foreach (var name in names)
            {
                var given = form.Replace("{0}", name, StringComparison.Ordinal)
                    .Replace("{U}", name.ToUpperInvariant(), StringComparison.Ordinal);
                var answer = await RawHttp.GetAsync(fixture.Node.Address, $"{path}?global_master_advertiser_id=USA_1&{given}=1");
                Assert.True(answer.Is(422).Attributes.SequenceEqual([name]), $"{path} {given}: {answer.Body}");
            }
        }
    }

    [Theory]
    [InlineData(Index)]
    [InlineData(Totals)]
    [InlineData(Stream)]
    public async Task A_filter_whose_values_are_blank_is_422_and_not_left_out(string path)
    {
        foreach (var name in Filters)
        {
            foreach (var blank in (string[])["", "%20", "+%09", "%C2%A0"])
            {
                var advertiser = name == "global_master_advertiser_id" ? "" : "global_master_advertiser_id=USA_1&";
                Assert.Equal(
                    [name], (await RawHttp.GetAsync(fixture.Node.Address, $"{path}?{advertiser}{name}={blank}")).Is(422).Attributes);
            }
        }
    }

    [Theory]
    [Each("maybe", "yes", "on", "2", "-1", "00", "t", "nil", "true,false")]
    public async Task A_boolean_that_is_none_is_422(string value)
    {
        foreach (var path in (string[])[Index, Totals, Stream])
            Assert.Equal(["archived"], (await client.GetAnswerAsync($"{path}?global_master_advertiser_id=USA_1&archived={value}")).Is(422)
                .Attributes);
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("TRUE", true)]
    [InlineData("tRuE", true)]
    [InlineData("0", false)]
    [InlineData("FALSE", false)]
    [InlineData("False", false)]
    public async Task A_boolean_means_the_same_however_it_is_written(string value, bool isArchived)
    {
        var id = await client.NewAsync($"USA_{100 + value[0] + value.Length}", more: ("archived_at", isArchived ? "2022-01-01" : null));

        foreach (var form in (string[])["archived", "archived[]", "archived%5B0%5D"])
        {
            var query = $"?global_master_advertiser_id=USA_{100 + value[0] + value.Length}&{form}={value}";
            Assert.Contains(id, (await client.GetAnswerAsync(Index + query)).Is(200).Ids);
            Assert.Equal(1, (int)(await client.GetAnswerAsync(Totals + query)).Is(200)
                .Json["totals"]!["events"]! / (int)(await client.GetAnswerAsync(Index + query)).Json["totals"]!["events"]!);
        }
    }

    [Fact]
    public async Task Each_parameter_that_takes_several_values_takes_them_with_places()
    {
        var one = await client.NewAsync("USA_50", "FormEvent", ("channel", "search"), ("wpc_id", "w"), ("tags", new[] { "a" }),
            ("global_master_campaign_id", "USA_7"), ("sub_type", "Facebook"));
        var two = await client.NewAsync(
            "USA_51", "CallEvent", ("channel", "social"), ("wpc_id", "w"), ("tags", new[] { "b" }), ("global_master_campaign_id", "USA_8"));
        await client.NewAsync(
            "USA_50", "ChatEvent", ("channel", "chat"), ("wpc_id", "w"), ("tags", new[] { "c" }), ("global_master_campaign_id", "USA_9"));
        const string both = "global_master_advertiser_id[0]=USA_50&global_master_advertiser_id[1]=USA_51";

        foreach (var query in (string[])
        [
            "event_type[0]=facebook&event_type[1]=call", "channel[0]=search&channel[1]=social", "tags[5]=a&tags[6]=b",
                "tags%5B0%5D=a&tags[]=b",
            "global_master_campaign_id%5b0%5d=USA_7&global_master_campaign_id%5b1%5d=USA_8", "global_master_campaign_id[0]=USA_7,USA_8",
        ])
            Assert.Equal([one, two], await client.FoundAsync($"{both}&{query}"));
    }

    [Fact]
    public async Task A_page_that_was_asked_for_with_a_place_is_not_in_the_links_twice()
    {
        await client.NewAsync("USA_60");
        await client.NewAsync("USA_60");

        var link = string.Concat((await client.GetAnswerAsync(
            "/contact_interactions?global_master_advertiser_id=USA_60&per_page=1&page%5B0%5D=1")).Is(200).Headers.GetValues("Link"));

        Assert.Contains(
            "</contact_interactions?global_master_advertiser_id=USA_60&per_page=1&page=2>; rel=\"next\"", link, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_partners_may_not_filter_by_is_ignored_in_any_form_and_422_when_strict()
    {
        using var partner = await fixture.Node.NewPartnerAsync();
        await client.NewAsync("USA_70");
        const string list = "/contact_interactions?global_master_advertiser_id=USA_70";
        var plain = (await partner.GetAnswerAsync(list)).Is(200).Body;

        foreach (var name in (string[])["event_type[x]", "start_date[gte]", "Archived", "amp;channel"])
        {
            Assert.Equal(plain, (await partner.GetAnswerAsync($"{list}&{name}=1")).Is(200).Body);
            Assert.Equal([name], (await partner.SendAsync(HttpMethod.Get, $"{list}&{name}=1", null, ("Prefer", "handling=strict"))).Is(422)
                .Attributes);
        }

        foreach (var name in (string[])["page[x]", "Per_Page", "event_params[phone_numbers][x]"])
            (await partner.GetAnswerAsync($"{list}&{name}=1")).Is(422);
    }

    [Fact]
    public async Task More_than_100_advertisers_are_422_however_they_are_given()
    {
        var ids = Enumerable.Range(1, 101).Select(i => $"USA_{i}").ToList();
        foreach (var query in (string[])
        [
            $"global_master_advertiser_id={string.Join(',', ids)}",
                string.Join('&', ids.Select(id => $"global_master_advertiser_id[]={id}")),
            string.Join('&', ids.Select((id, i) => $"global_master_advertiser_id[{i}]={id}")),
        ])
        {
            foreach (var path in (string[])[Index, Totals, Stream])
                Assert.Equal(
                    ["global_master_advertiser_id"], (await RawHttp.GetAsync(fixture.Node.Address, $"{path}?{query}")).Is(422).Attributes);
        }
    }
}

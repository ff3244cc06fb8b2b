using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Errors;

public sealed class QueryErrorTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private static readonly string[] Singles =
        ["start_date", "end_date", "per_page", "page", "sort_by", "sort_dir", "call_duration", "archived", "booking_id", "external_id",
         "external_app_id", "contact_id", "conversation_id", "q"];

    private readonly Uri node = fixture.Node.Address;

    [Theory]
    [Each("%", "%1", "%zz", "a%2", "%+1", "%ff", "%c3", "%c3%28", "%c0%80", "%ed%a0%80", "%f4%90%80%80")]
    public async Task A_query_string_that_cannot_be_decoded_is_400(string broken)
    {
        foreach (var path in (string[])["/contact_interactions", "/contact_interactions/totals"])
        {
            (await RawHttp.GetAsync(node, $"{path}?global_master_advertiser_id=USA_1&booking_id={broken}")).IsError(400, "bad_request");
            (await RawHttp.GetAsync(node, $"{path}?global_master_advertiser_id=USA_1&unknown={broken}")).IsError(400, "bad_request");
            (await RawHttp.GetAsync(node, $"{path}?{broken}=1&global_master_advertiser_id=USA_1")).IsError(400, "bad_request");
        }
    }

    [Fact]
    public async Task Every_bad_value_has_its_line_in_one_answer()
    {
        var answer = await RawHttp.GetAsync(
            node,
            "/contact_interactions?start_date=x&end_date=x&per_page=0&page=0&sort_by=x&sort_dir=x&event_type[]=x&event_type[]=call"
                + "&event_type[]=y&channel[]=x&call_duration=x"
            + "&q=x&contact_id=x&tags[]=&event_params[phone_numbers]=x&global_master_campaign_id=x&booking_id=&external_id=%00"
            + "&external_app_id=&conversation_id=" + new string('x', 256));

        Assert.Equal(
            ["booking_id", "call_duration", "channel", "contact_id", "conversation_id", "end_date", "event_params[phone_numbers]",
             "event_type", "event_type", "external_app_id", "external_id", "global_master_advertiser_id", "global_master_campaign_id",
             "page", "per_page", "q", "sort_by", "sort_dir", "start_date", "tags"],
            answer.Is(422).Attributes.Order(StringComparer.Ordinal));
        Assert.Equal("application/json; charset=utf-8", answer.Header("Content-Type"));
        foreach (var line in answer.Json.AsArray())
        {
            Assert.Equal(["attribute", "message"], line!.AsObject().Select(p => p.Key));
            Assert.NotEqual("", (string?)line["message"]);
        }
    }

    [Theory]
    [Each("&", "[]=1&")]
    public async Task A_single_valued_parameter_may_be_given_once(string brackets)
    {
        foreach (var name in Singles)
        {
            var query = $"global_master_advertiser_id=USA_1&{name}{(brackets == "&" ? "=1&" : brackets)}{name}=1";
            Assert.Equal([name], (await RawHttp.GetAsync(node, "/contact_interactions?" + query)).Is(422).Attributes);
        }
    }

    [Fact]
    public async Task A_NUL_in_any_parameter_is_422()
    {
        foreach (var name in Singles.Concat(
            ["tags[]", "event_type[]", "channel", "event_params[phone_numbers]", "global_master_campaign_id"]))
        {
            var answer = await RawHttp.GetAsync(node, $"/contact_interactions?global_master_advertiser_id=USA_1&{name}=a%00b");
            Assert.Equal([name.Replace("[]", "", StringComparison.Ordinal)], answer.Is(422).Attributes);
        }
    }

    [Fact]
    public async Task An_unknown_parameter_is_ignored_unless_the_client_wants_strictness()
    {
        const string query = "?global_master_advertiser_id=USA_1&colour=red&colour=blue&tag[]=x&event_params[email]=a";
        (await AskAsync("/contact_interactions" + query)).Is(200);
        (await AskAsync("/contact_interactions" + query, ("Prefer", "handling=lenient"))).Is(200);

        var strict = await AskAsync("/contact_interactions" + query, ("Prefer", "respond-async, handling=strict; foo=\"bar\", wait=5"));
        Assert.Equal(["colour", "tag", "event_params[email]"], strict.Is(422).Attributes);
        Assert.Equal("handling=strict", strict.Header("Preference-Applied"));
        Assert.Equal(["per_page", "page"], (await AskAsync(
            "/contact_interactions/totals?global_master_advertiser_id=USA_1&per_page=5&page=2",
            ("prefer", "Handling=\"Strict\""))).Is(422).Attributes);

        const string known = "?global_master_advertiser_id[]=USA_1&global_master_campaign_id=USA_1&start_date=2021-01-01"
            + "&end_date=2021-01-01&event_type[]=call&channel[]=chat&call_duration=1"
            + "&archived=true&booking_id=1&external_id=1&external_app_id=1&contact_id=1&conversation_id=1&tags[]=1"
            + "&event_params[phone_numbers]=1&q=ab";
        (await AskAsync(
            "/contact_interactions" + known + "&per_page=1&page=1&sort_by=important&sort_dir=asc", ("Prefer", "handling=strict"))).Is(200);
        (await AskAsync("/contact_interactions/totals" + known, ("Prefer", "handling=strict"))).Is(200);
    }

    [Fact]
    public async Task What_a_client_sent_is_repeated_short_and_as_print()
    {
        var message = (string)(await RawHttp.GetAsync(
            node, "/contact_interactions?global_master_advertiser_id=%1b[31m" + new string('x', 500))).Is(422).Json[0]!["message"]!;

        Assert.True(message.Length < 150, message);
        Assert.DoesNotContain(message, char.IsControl);
    }

    [Theory]
    [Each("2147483648", "9223372036854775807")]
    public async Task A_contact_id_may_be_any_number_that_the_database_holds(string id) =>
        Assert.Empty((await AskAsync("/contact_interactions?global_master_advertiser_id=USA_1&contact_id=" + id)).Is(200).Ids);

    [Theory]
    [Each("9223372036854775808", "-1", "1.1", "%20 1")]
    public async Task A_contact_id_that_is_no_whole_number_is_refused(string id) =>
        Assert.Equal(["contact_id"], (await AskAsync(
            "/contact_interactions?global_master_advertiser_id=USA_1&contact_id=" + Uri.EscapeDataString(id))).Is(422).Attributes);

    private Task<RawAnswer> AskAsync(string target, params (string, string)[] headers) =>
        RawHttp.SendAsync(node, "GET", target, [("Authorization", "token " + LipsNode.AdminToken), .. headers]);
}

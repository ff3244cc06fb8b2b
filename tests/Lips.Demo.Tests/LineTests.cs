using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lips.Demo.Tests;

public partial class LineTests
{
    private static readonly string[] Parts = ["call", "booking", "lsa", "form", "chat", "fpd"];

    // Sections 4 and 7 of the contract.
    private static readonly Dictionary<string, string[]> Documented = new(StringComparer.Ordinal)
    {
        [""] =
        [
            "global_master_advertiser_id", "global_master_campaign_id", "campaign_name", "event_type", "sub_type", "referrer_type",
            "referrer_source", "influencing_campaign", "notes", "created_at", "occurred_at", "channel", "external_source",
            "contact_external_source", "page_url", "important", "read", "archived_at", "tags", "wpc_id", "visitor_id", "conversation_id",
            "external_id", "external_app_id", "contact", "call", "booking", "lsa", "form", "chat", "fpd",
        ],
        ["contact"] = ["first_name", "last_name", "display_name", "email", "company", "title", "phone_numbers", "created_at"],
        ["contact.phone_numbers"] = ["phone_type", "phone_number"],
        ["call"] = ["recording_url", "duration", "target_number", "caller_number", "dialed_number"],
        ["booking"] = ["booking_id", "extra_fields"],
        ["lsa"] = ["charged", "customer_name", "lead_type", "lead_price"],
        ["form"] = ["referring_url", "full_message", "message", "extra_fields"],
        ["chat"] = ["lead_type", "provider", "referring_url", "transcript"],
        ["chat.transcript"] = ["id", "timestamp", "from", "message"],
        ["fpd"] = ["extra_fields"],
    };

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void There_are_as_many_as_promised_and_each_is_under_64_KiB(string advertiser)
    {
        var lines = DemoLines.Split(DemoLines.Bytes(advertiser, DemoLines.Count(advertiser))).ToList();
        Assert.Equal(DemoLines.Count(advertiser), lines.Count);
        Assert.All(lines, line => Assert.InRange(line.Length, 2, 64 * 1024));
    }

    [Fact]
    public void The_promise_is_the_documented_one() => Assert.Equal(
        [("TEST_1", 5_000), ("TEST_2", 500), ("USA_1", 50_000)],
        DemoData.Advertisers.Select(advertiser => (advertiser.Id, advertiser.Count)).Order());

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void Keys_are_documented_ones_and_each_is_used(string advertiser)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in DemoLines.Of(advertiser))
            Collect(line, "", used);

        var documented = Documented.SelectMany(entry => entry.Value.Select(key => $"{entry.Key}.{key}".TrimStart('.')));
        Assert.Equal(documented.Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void The_one_part_is_that_of_the_event_type(string advertiser) => Assert.All(DemoLines.Of(advertiser), line =>
    {
        var part = Assert.Single(Parts, part => line.TryGetProperty(part, out _));
        Assert.Equal(part, line.Text("event_type")![..^"Event".Length].ToLowerInvariant());
    });

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void External_ids_are_unique_under_one_app(string advertiser)
    {
        var lines = DemoLines.Of(advertiser);
        Assert.Equal(lines.Count, lines.Select(line => line.Text("external_id")).Distinct(StringComparer.Ordinal).Count());
        Assert.All(lines, line => Assert.Equal("lips-demo", line.Text("external_app_id")));
    }

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void Ids_belong_to_the_advertisers_platform(string advertiser) => Assert.All(DemoLines.Of(advertiser), line =>
    {
        Assert.Equal(advertiser, line.Text("global_master_advertiser_id"));
        var campaign = line.Text("global_master_campaign_id");
        Assert.True(campaign is null || Regex.IsMatch(campaign, $"^{advertiser.Split('_')[0]}_[0-9]{{7}}$"), campaign);
        Assert.Equal(campaign is null, line.Text("campaign_name") is null);
    });

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void Nothing_in_it_can_be_somebodys(string advertiser) => Assert.All(DemoLines.Of(advertiser), line =>
    {
        var text = line.GetRawText();
        foreach (Match host in Hosts().Matches(text))
            Assert.Matches("(^|\\.)(example|example\\.(com|net|org))$", host.Groups["host"].Value);
        foreach (Match number in Numbers().Matches(text))
            Assert.Matches("^\\+1[2-9][0-9]{2}55501[0-9]{2}$", number.Value);
    });

    private static void Collect(JsonElement element, string path, HashSet<string> used)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var entry in element.EnumerateArray())
                Collect(entry, path, used);
        }
        else if (element.ValueKind == JsonValueKind.Object && !path.EndsWith("extra_fields", StringComparison.Ordinal))
        {
            foreach (var property in element.EnumerateObject())
            {
                var inner = $"{path}.{property.Name}".TrimStart('.');
                used.Add(inner);
                Collect(property.Value, inner, used);
            }
        }
    }

    [GeneratedRegex("(@|https?://)(?<host>[^/\"?\\\\ ]+)")]
    private static partial Regex Hosts();

    [GeneratedRegex("\\+[0-9]+")]
    private static partial Regex Numbers();
}

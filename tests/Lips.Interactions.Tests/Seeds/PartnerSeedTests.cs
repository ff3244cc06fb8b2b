using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Seeds;

/// <summary>
/// Replays every curl command of the partners' seed and takes its fields from its tables and its example. The host, the tokens, the ids and
/// the advertiser are the test's own; what is repaired besides is listed in <see cref="RepairsOfAnswer"/>, and the fence behind that
/// answer, which is missing, is the end of the text.
/// </summary>
public sealed class PartnerSeedTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private const string IndexOfAdvertiser = "/contact_interactions?global_master_advertiser_id=USA_1";

    private static readonly Repair[] RepairsOfAnswer =
    [
        new("A comma trails behind the first contact.", "            },\n        },", "            }\n        },", 1),
    ];

    // Where the example contradicts the table (contract section 1).
    private static readonly Dictionary<(string Table, string Field), string> Types = new()
    {
        [("Contact", "phone_numbers")] = "ARRAY",
        [("Interaction", "contact_id")] = "INTEGER",
    };

    private readonly HttpClient admin = fixture.Client;

    public static IEnumerable<object[]> Commands() => Seed.Partner.Curls.Select((command, i) => new object[] { i + 1, command });

    [Fact]
    public void The_seed_is_the_one_that_was_handed_over()
    {
        Assert.Equal("df79f5bf966bfd40", Seed.Partner.Hash);
        Assert.Equal(2, Seed.Partner.Curls.Count);
        Assert.Equal(Seed.Partner.Text.Split("curl ").Length - 1, Seed.Partner.Curls.Count);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_curl_line_gets_the_documented_answer(int number, string command)
    {
        var (secret, key) = await fixture.Node.NewKeyAsync();
        var line = CurlLine.Parse(
            command.Replace("1b01Secret", secret, StringComparison.Ordinal).Replace("SJNPPSecret", key, StringComparison.Ordinal));
        Assert.Equal("data-connect-lips.ganettdigital.com", line.Address.Host);
        var advertiser = $"USA_{number}0";

        await (line.Target switch
        {
            IndexOfAdvertiser => IndexAsync(line, advertiser),
            IndexOfAdvertiser + "&event_params[phone_numbers]=+1243325" => IndexByPhoneAsync(line, advertiser),
            _ => throw new InvalidOperationException($"What the seed documents for {line.Target} is not known here."),
        });
    }

    [Theory]
    [InlineData("CallEvent", "call")]
    [InlineData("FormEvent", "form")]
    [InlineData("ChatEvent", "chat")]
    [InlineData("BookingEvent", "booking")]
    [InlineData("FpdEvent", "fpd")]
    [InlineData("LsaEvent", "lsa")]
    public async Task The_documented_fields_are_served_and_no_others(string type, string shortType)
    {
        var id = await admin.NewAsync("USA_30", type, Known());

        foreach (var interaction in await ListedAndShownAsync("USA_30", id))
        {
            Assert.Equal(
                NamesOf("Interaction", Example()).Append("contact").Distinct().Order(StringComparer.Ordinal), NamesOf(interaction));
            Assert.Equal(NamesOf("Contact", Example()["contact"]!), NamesOf(interaction["contact"]!));
            HasTypes("Interaction", interaction, canBeNull: false);
            HasTypes("Contact", interaction["contact"]!, canBeNull: false);
            Assert.Equal(shortType, (string?)interaction["event_type"]);
        }
    }

    [Theory]
    [Each("CallEvent", "ChatEvent")]
    public async Task Every_documented_field_is_there_when_nothing_is_known(string type)
    {
        var id = await admin.NewAsync("USA_31", type);

        foreach (var interaction in await ListedAndShownAsync("USA_31", id))
        {
            HasTypes("Interaction", interaction, canBeNull: true);
            HasTypes("Contact", interaction["contact"]!, canBeNull: true);
            Assert.Empty(Documented.Differences(
                JsonNode.Parse("""
                    {"campaign_name":"","channel":null,"refer_type":"UNKNOWN","refer_source":"","influencing_campaign":null,
                     "display_name":null,"external_source":"",
                     "contact":{"first_name":null,"last_name":null,"email":null,"company":null,"title":null,"phone_numbers":[],
                      "contact_external_source":"","interaction_external_source":""}}
                    """),
                interaction));
        }
    }

    [Theory]
    [InlineData("""{"first_name":"A","last_name":"B","display_name":"C"}""", "C")]
    [InlineData("""{"first_name":"A","last_name":"B","email":"partner1@x.example"}""", "A B")]
    [InlineData(
        """{"email":"partner2@x.example","phone_numbers":[{"phone_type":"work","phone_number":"+19893640001"}]}""", "partner2@x.example")]
    [InlineData("""{"phone_numbers":[{"phone_type":"work","phone_number":"(989) 364-0002 x7"}]}""", "+19893640002 x7")]
    public async Task An_interaction_is_displayed_by_the_best_that_is_known_of_its_contact(string contact, string name)
    {
        var id = await admin.NewAsync("USA_32", more: ("contact", JsonNode.Parse(contact)));

        Assert.All(await ListedAndShownAsync("USA_32", id), interaction => Assert.Equal(name, (string?)interaction["display_name"]));
    }

    private static JsonNode Answer() =>
        JsonNode.Parse(Repair.All(
            Seed.Partner.Fences.Single(f => f.StartsWith("{\n    \"contact_interactions\"", StringComparison.Ordinal)), RepairsOfAnswer))!;

    private static JsonNode Example() => Answer()["contact_interactions"]![0]!;

    private static IEnumerable<string> NamesOf(JsonNode node) => node.AsObject().Select(field => field.Key).Order(StringComparer.Ordinal);

    private static IEnumerable<string> NamesOf(string table, JsonNode example) =>
        Seed.Partner.Table(table).Select(field => field.Name).Union(NamesOf(example)).Order(StringComparer.Ordinal);

    private static void HasTypes(string table, JsonNode container, bool canBeNull)
    {
        foreach (var field in Seed.Partner.Table(table))
        {
            Assert.True(
                container.AsObject().TryGetPropertyValue(field.Name, out var value),
                $"{table}.{field.Name} is missing: {container.ToJsonString()}");
            if (value is null)
                Assert.True(canBeNull && field.IsNullable, $"{table}.{field.Name} is null");
            else
                Documented.HasType(
                    value, field with { Name = $"{table}.{field.Name}", Type = Types.GetValueOrDefault((table, field.Name), field.Type) });
        }
    }

    private static (string Name, object? Value)[] Known() =>
    [
        ("global_master_campaign_id", "USA_567"), ("campaign_name", "Boats"), ("sub_type", "FormPost"), ("referrer_type", "PAID"),
        ("referrer_source", "www.google.com"),
        ("influencing_campaign", "Ships"), ("notes", "some notes"), ("channel", "search"), ("external_source", "capture"),
        ("contact_external_source", "fpd"),
        ("page_url", "https://www.example.com/"), ("important", true), ("read", true), ("tags", new[] { "vip" }), ("wpc_id", "w-1"),
        ("visitor_id", "v-1"),
        ("contact", new
        {
            first_name = "Tinisha",
            last_name = "Champlin",
            email = $"{Guid.NewGuid()}@kshlerin-anderson.example",
            company = "Anderson",
            title = "Dr.",
            phone_numbers = new[] { new { phone_type = "work", phone_number = "+19893643647 x241" } },
        }),
    ];

    private async Task IndexAsync(CurlLine line, string advertiser)
    {
        var expected = Answer();
        foreach (var interaction in expected["contact_interactions"]!.AsArray())
        {
            var sent = interaction!.DeepClone().AsObject();
            (sent["global_master_advertiser_id"], sent["event_type"]) = (advertiser, "call");
            interaction["id"] = (long)(await admin.IngestAsync(sent))["id"]!;
            var contact = await fixture.ScalarAsync<long>(string.Create(
                CultureInfo.InvariantCulture, $"SELECT contact_id FROM interactions.interactions WHERE id = {(long)interaction["id"]!}"));
            (interaction["contact_id"], interaction["contact"]!["id"]) = (contact, contact);
            // The table has these two besides: the other spelling, and the type, which the example leaves out.
            (interaction["occured_at"], interaction["event_type"]) = (interaction["occurred_at"]!.DeepClone(), "call");
        }

        var answer = (await ReplayAsync(line, advertiser)).Is(200);

        Assert.Empty(Documented.Differences(expected, answer.Json));
        Assert.Empty(Documented.Differences(answer.Json, expected));
        Assert.True(JsonNode.DeepEquals(expected, answer.Json), $"{expected.ToJsonString(JsonSerializerOptions.Web)}\n{answer.Body}");
    }

    private async Task IndexByPhoneAsync(CurlLine line, string advertiser)
    {
        var numbered = await admin.NewAsync(
            advertiser, more: ("contact", new { phone_numbers = new[] { new { phone_type = "home", phone_number = "+1243325" } } }));
        await admin.NewAsync(
            advertiser, more: ("contact", new { phone_numbers = new[] { new { phone_type = "home", phone_number = "+1243326" } } }));

        var answer = (await ReplayAsync(line, advertiser)).Is(200);

        Assert.Equal([numbered], answer.Ids);
    }

    private Task<RawAnswer> ReplayAsync(CurlLine line, string advertiser) => RawHttp.SendAsync(
        fixture.Node.Address, line.Method, line.Target.Replace("=USA_1", $"={advertiser}", StringComparison.Ordinal), line.Headers,
        line.Body);

    private async Task<JsonNode[]> ListedAndShownAsync(string advertiser, long id)
    {
        using var partner = await fixture.Node.NewPartnerAsync();
        var listed = (await partner.GetAnswerAsync($"/contact_interactions?global_master_advertiser_id={advertiser}"))
            .Is(200).Json["contact_interactions"]!.AsArray();
        return [listed.Single(i => (long)i!["id"]! == id)!, (await partner.GetAnswerAsync($"/contact_interactions/{id}")).Is(200).Json];
    }
}

using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Seeds;

/// <summary>
/// Takes the documented fields from the seed's tables and looks for each in the answers, with its type, also where all is unknown.
/// </summary>
public sealed partial class SeedFieldTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    // Where the tables contradict the examples or themselves (contract section 1).
    private static readonly Dictionary<(string Table, string Field), string> Types = new()
    {
        [("Contact", "phone_numbers")] = "ARRAY",
        [("Interaction", "platform")] = "STRING",
        [("Chat", "transcript")] = "ARRAY",
        [("Transcript", "id")] = "INTEGER",
        [("Transcript", "timestamp")] = "DATETIME",
        [("Transcript", "form")] = "STRING",
        [("Transcript", "message")] = "STRING",
    };

    private readonly HttpClient client = fixture.Client;

    public static TheoryData<string, string, string> Places() => new()
    {
        { "Contact", "CallEvent", "contact" },
        { "Interaction", "CallEvent", "" },
        { "Call", "CallEvent", "call" },
        { "Booking", "BookingEvent", "booking" },
        { "Lsa", "LsaEvent", "lsa" },
        { "Form", "FormEvent", "form" },
        { "Chat", "ChatEvent", "chat" },
        { "Transcript", "ChatEvent", "chat.transcript.0" },
    };

    [Fact]
    public void Every_table_of_fields_in_the_seed_is_looked_at()
    {
        var tables = TableTitle().Matches(Seed.Full.Text).Select(m => m.Groups[1].Value);

        Assert.Equal(
            Places().Select(place => (string)place[0]).Concat(["Totals", "Unread", "Channel"]).Order(StringComparer.Ordinal),
            tables.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_known_value_of_every_documented_field_is_served_with_its_type(string table, string type, string place)
    {
        var id = (long)(await client.IngestAsync(Full(type)))["id"]!;

        foreach (var interaction in await ListedAndShownAsync(id))
        {
            foreach (var field in FieldsOf(table))
                HasType(At(interaction, place), table, field with { IsNullable = false });
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Every_documented_field_is_there_when_nothing_is_known(string table, string type, string place)
    {
        var bare = Make.Interaction("USA_1", type);
        if (table == "Transcript")
            bare["chat"] = JsonNode.Parse("""{"transcript":[{}]}""");
        var id = (long)(await client.IngestAsync(bare))["id"]!;

        foreach (var interaction in await ListedAndShownAsync(id))
        {
            foreach (var field in FieldsOf(table))
                HasType(At(interaction, place), table, field);
        }
    }

    [Theory]
    [Each("Totals", "Unread", "Channel")]
    public async Task Every_documented_count_is_served(string table)
    {
        foreach (var address in (string[])["/contact_interactions", "/contact_interactions/totals"])
        {
            var counts = (await client.GetAnswerAsync(address + "?global_master_advertiser_id=USA_2"))
                .Is(200).Json[table.ToLowerInvariant()]!;
            foreach (var field in FieldsOf(table))
                HasType(counts, table, field);
        }
    }

    [Theory]
    [InlineData("CallEvent", "call")]
    [InlineData("FormEvent", "form")]
    [InlineData("ChatEvent", "chat")]
    [InlineData("BookingEvent", "booking")]
    [InlineData("FpdEvent", "fpd")]
    [InlineData("LsaEvent", "lsa")]
    public async Task Only_the_part_of_its_type_is_in_an_interaction(string type, string part)
    {
        var sent = Full(type);
        var answered = (await client.IngestAsync(sent)).AsObject();

        string[] parts = ["call", "form", "chat", "booking", "fpd", "lsa"];
        Assert.Equal([part], parts.Where(answered.ContainsKey));
        Assert.Empty(Documented.Differences(sent[part], answered[part]));
    }

    [Theory]
    [InlineData("CallEvent", "", "occurred_at", "occured_at")]
    [InlineData("CallEvent", "call", "recording_url", "call_recording_url")]
    [InlineData("CallEvent", "call", "duration", "call_duration")]
    [InlineData("ChatEvent", "chat.transcript.0", "from", "form")]
    public async Task What_the_seed_names_in_two_ways_is_taken_and_served_under_both(string type, string place, string name, string other)
    {
        foreach (var (sentName, dropped) in new[] { (name, other), (other, name) })
        {
            var sent = Full(type);
            var at = At(sent, place).AsObject();
            at[sentName] ??= at[dropped]!.DeepClone();
            at.Remove(dropped);

            var answered = At(await client.IngestAsync(sent), place);

            Assert.True(JsonNode.DeepEquals(at[sentName], answered[name]), answered.ToJsonString());
            Assert.True(JsonNode.DeepEquals(at[sentName], answered[other]), answered.ToJsonString());
        }
    }

    [Theory]
    [InlineData("USA_123", 1, "USA")]
    [InlineData("CAN_123", 2, "CAN")]
    [InlineData("AUS_123", 3, "AUS")]
    [InlineData("GBR_123", 6, "GBR")]
    [InlineData("TEST_123", 7, "TEST")]
    public async Task The_parts_of_an_id_are_served(string advertiser, int platformId, string platform)
    {
        var answered = await client.IngestAsync(Make.Interaction(advertiser, more: ("global_master_campaign_id", "USA_567")));

        Assert.Equal(advertiser, (string?)answered["global_master_advertiser_id"]);
        Assert.Equal(123, (long?)answered["master_advertiser_id"]);
        Assert.Equal(platformId, (int?)answered["platform_id"]);
        Assert.Equal(platform, (string?)answered["platform"]);
        Assert.Equal("USA_567", (string?)answered["global_master_campaign_id"]);
        Assert.Equal(567, (long?)answered["master_campaign_id"]);
    }

    [Theory]
    [InlineData("""{"first_name":"A","last_name":"B","display_name":"C"}""", "C")]
    [InlineData("""{"first_name":"A","last_name":"B","email":"display1@x.example"}""", "A B")]
    [InlineData("""{"last_name":"B","email":"display2@x.example"}""", "B")]
    [InlineData("""{"first_name":"A","email":"display4@x.example"}""", "A")]
    [InlineData("""{"first_name":" ","email":"five5@x.example","phone_numbers":[{"phone_number":"9893643001"}]}""", "five5@x.example")]
    [InlineData(
        """{"email":"display3@x.example","phone_numbers":[{"phone_type":"work","phone_number":"+19893640001"}]}""", "display3@x.example")]
    [InlineData("""{"phone_numbers":[{"phone_type":"work","phone_number":"(989) 364-0002 x7"}]}""", "+19893640002 x7")]
    [InlineData("{}", null)]
    public async Task A_contact_is_displayed_by_the_best_that_is_known_of_it(string contact, string? name)
    {
        var answered = await client.IngestAsync(Make.Interaction("USA_1", more: ("contact", JsonNode.Parse(contact))));

        Assert.Equal(name, (string?)answered["contact"]!["display_name"]);
    }

    /// <summary>The fields of a table; the second row of a name that is there twice is the one that was meant.</summary>
    private static IEnumerable<Field> FieldsOf(string table)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in Seed.Full.Table(table))
            yield return seen.Add(field.Name) ? field : field with
            {
                Name = field.Name == "platform_id"
                ? "platform"
                : throw new InvalidOperationException($"{table}.{field.Name} is there twice.")
            };
    }

    private static void HasType(JsonNode container, string table, Field field)
    {
        var fields = container.AsObject();
        Assert.True(fields.TryGetPropertyValue(field.Name, out var value), $"{table}.{field.Name} is missing: {container.ToJsonString()}");
        if (value is null)
        {
            // The one transcript field that cannot be made up when it is unknown.
            Assert.True(field.IsNullable || (table, field.Name) == ("Transcript", "timestamp"), $"{table}.{field.Name} is null");
            return;
        }

        Documented.HasType(
            value, field with { Name = $"{table}.{field.Name}", Type = Types.GetValueOrDefault((table, field.Name), field.Type) });
    }

    private static JsonNode At(JsonNode node, string place) => place.Split('.', StringSplitOptions.RemoveEmptyEntries)
        .Aggregate(
            node,
            (at, step) => char.IsDigit(step[0]) ? at[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)]! : at[step]!);

    private async Task<JsonNode[]> ListedAndShownAsync(long id)
    {
        var listed = (await client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_1&per_page=500"))
            .Is(200).Json["contact_interactions"]!.AsArray()
                .Concat((await client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_1&per_page=500&archived=true"))
                    .Is(200).Json["contact_interactions"]!.AsArray());
        var shown = (await client.GetAnswerAsync($"/contact_interactions/{id}")).Is(200).Json;
        return [listed.Single(i => (long)i!["id"]! == id)!, shown];
    }

    private static JsonObject Full(string type) => JsonNode.Parse($$$"""
        {
            "global_master_advertiser_id": "USA_1",
            "global_master_campaign_id": "USA_567",
            "event_type": "{{{type}}}",
            "campaign_name": "Boats",
            "sub_type": "FormPost",
            "referrer_type": "PAID",
            "referrer_source": "www.google.com",
            "influencing_campaign": "Ships",
            "notes": "some notes",
            "created_at": "2021-09-06T16:16:09.000Z",
            "occurred_at": "2021-09-06T16:16:08.000Z",
            "archived_at": "2021-09-07T16:16:08.000Z",
            "channel": "search",
            "external_source": "capture",
            "page_url": "https://www.example.com/",
            "contact": {
                "first_name": "Tinisha",
                "last_name": "Champlin",
                "email": "{{{type}}}.{{{Guid.NewGuid()}}}@kshlerin-anderson.example",
                "company": "Anderson",
                "title": "Dr.",
                "phone_numbers": [{ "phone_type": "work", "phone_number": "+19893643647 x241" }],
                "created_at": "2021-09-01T00:00:00.000Z"
            },
            "call": { "recording_url": "http://google.com/a.mp3", "duration": 5, "target_number": "+19893643641",
            "caller_number": "+19893643642", "dialed_number": "+19893643643" },
            "form": { "referring_url": "http://fifa.com/", "full_message": "Hello there", "message": "Hello",
            "extra_fields": { "size": 12.50, "nested": [{ "a": null }] } },
            "chat": { "lead_type": "Service", "provider": "Other", "referring_url": "http://fifa.com/",
                "transcript": [{ "id": 1, "timestamp": "2021-09-06T16:16:08.000Z", "from": "Visitor", "message": "Hi" }] },
            "booking": { "booking_id": "b-1", "extra_fields": { "seats": 2 } },
            "lsa": { "charged": 1, "customer_name": "Tinisha", "lead_type": "MESSAGE", "lead_price": 30 },
            "fpd": { "extra_fields": { "any": "thing" } }
        }
        """)!.AsObject();

    [GeneratedRegex(@"^\*\*(\w+)\*\*\s*$", RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TableTitle();
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Record;

/// <summary>What a token without <c>pii</c> sees (contract section 2). All that tells of a person has the word SECRET in it here.</summary>
public sealed class PiiTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private const string Contact =
        """
        {"first_name":"SECRET","last_name":"SECRET","display_name":"SECRET","email":"{type}-SECRET@x.example","company":"SECRET",
         "title":"SECRET","phone_numbers":[{"phone_type":"SECRET","phone_number":"+19893640001"}],"created_at":"2021-09-01T00:00:00.000Z"}
        """;

    // Of each part what is sent, and what is left of it.
    public static TheoryData<string, string, string> Parts() => new()
    {
        {
            "call",
            """{"recording_url":"http://SECRET","duration":7,"target_number":"SECRET","caller_number":"SECRET","dialed_number":"SECRET"}""",
            """{"recording_url":null,"call_recording_url":null,"duration":7,"call_duration":7,"target_number":"""
                + """null,"caller_number":null,"dialed_number":null}"""
        },
        {
            "form",
            """{"referring_url":"http://SECRET","subject":"SECRET","full_message":"SECRET","message":"SECRET","conversation_id":"c-1","extra_fields":{"SECRET":"SECRET"}}""",
            """{"referring_url":null,"subject":null,"full_message":null,"message":null,"conversation_id":"c-1","extra_fields":{}}"""
        },
        {
            "chat",
            """{"lead_type":"Sales","provider":"Apex","referring_url":"http://SECRET","summary":"SECRET","transcript":[{"id":1,"timestamp":"SECRET","from":"SECRET","message":"SECRET"}]}""",
            """{"lead_type":"Sales","provider":"Apex","referring_url":null,"summary":null,"transcript":[]}"""
        },
        {
            "booking",
            """{"booking_id":"b-1","extra_fields":{"SECRET":"SECRET"}}""",
            """{"booking_id":"b-1","extra_fields":{}}"""
        },
        {
            "lsa",
            """{"charged":1,"customer_name":"SECRET","lead_type":"MESSAGE","lead_price":30}""",
            """{"charged":1,"customer_name":null,"lead_type":"MESSAGE","lead_price":30}"""
        },
        {
            "fpd",
            """{"extra_fields":{"SECRET":["SECRET"]}}""",
            """{"extra_fields":{}}"""
        },
    };

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task Without_pii_all_that_tells_of_a_person_is_taken_out_and_nothing_else(string type, string part, string left)
    {
        var advertiser = $"USA_{type.Length}{(int)type[0]}";
        var sent = Make.Interaction(advertiser, type,
            ("contact", JsonNode.Parse(Contact.Replace("{type}", type, StringComparison.Ordinal))),
            (type, JsonNode.Parse(part)),
            ("notes", "SECRET"),
            ("page_url", "http://SECRET"),
            ("referrer_source", "www.google.com"),
            ("wpc_id", "w-1"),
            ("visitor_id", "v-1"),
            ("tags", new[] { "vip" }));
        using var caller = await fixture.Node.NewCallerAsync(abilities: ["read", "ingest"], pii: false);

        var full = await fixture.Client.IngestAsync(sent);
        var id = (long)full["id"]!;
        var listed = (await caller.GetAnswerAsync($"/contact_interactions?global_master_advertiser_id={advertiser}")).Is(200);
        var shown = (await caller.GetAnswerAsync($"/contact_interactions/{id}")).Is(200);

        var expected = full.DeepClone();
        (expected["notes"], expected["page_url"], expected[type]) = (null, null, JsonNode.Parse(left));
        foreach (var name in (string[])["first_name", "last_name", "display_name", "email", "company", "title"])
            expected["contact"]![name] = null;
        expected["contact"]!["phone_numbers"] = new JsonArray();
        Assert.Contains("SECRET", full.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", listed.Body + shown.Body, StringComparison.Ordinal);
        Assert.True(JsonNode.DeepEquals(expected, shown.Json), $"{expected.ToJsonString(JsonSerializerOptions.Web)}\n{shown.Body}");
        Assert.True(
            JsonNode.DeepEquals(expected, listed.Json["contact_interactions"]![0]),
            $"{expected.ToJsonString(JsonSerializerOptions.Web)}\n{listed.Body}");
    }

    [Fact]
    public async Task Without_pii_an_answer_to_what_one_brings_in_oneself_tells_no_more()
    {
        using var caller = await fixture.Node.NewCallerAsync(abilities: ["read", "ingest"], pii: false);
        var first = Make.Interaction(
            "USA_1",
            more: [("external_app_id", "a"), ("external_id", "1"), ("contact", new { email = "SECRET@x.example", first_name = "SECRET" })]);

        Assert.DoesNotContain(
            "SECRET",
            (await caller.PostAsync("/contact_interactions", new { contact_interaction = first })).Is(201).Body,
            StringComparison.Ordinal);
        Assert.DoesNotContain(
            "SECRET",
            (await caller.PostAsync("/contact_interactions", new { contact_interaction = first })).Is(200).Body,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_pii_a_filter_on_a_person_is_403()
    {
        using var caller = await fixture.Node.NewCallerAsync(pii: false);

        foreach (var path in (string[])["/contact_interactions", "/contact_interactions/totals"])
        {
            foreach (var form in (string[])["=+19893640001", "[]=9893640001", "=1&event_params%5Bphone_numbers%5D=2"])
            {
                var answer = await caller.GetAnswerAsync($"{path}?global_master_advertiser_id=USA_1&event_params[phone_numbers]{form}");
                Assert.Equal("""{"name":"not_authorized","message":"You are not permitted to perform this action.","reason":"pii"}""",
                    answer.Is(403).Body);
            }

            Assert.Equal("pii", (string?)(await caller.GetAnswerAsync($"{path}?global_master_advertiser_id=USA_1&q=ada")).Is(403)
                .Json["reason"]);
            (await caller.GetAnswerAsync($"{path}?global_master_advertiser_id=USA_1&tags[]=vip&contact_id=1")).Is(200);
        }
    }
}

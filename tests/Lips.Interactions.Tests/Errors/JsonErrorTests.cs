using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Errors;

public sealed class JsonErrorTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Theory]
    [Each("[]", "null", "1", "\"contact_interaction\"", "{}", """{"contact_interaction":null}""", """{"contact_interaction":[{}]}""",
        """{"contact_interaction":[]}""", """{"Contact_Interaction":{}}""",
        """{"global_master_advertiser_id":"USA_1","event_type":"call","occurred_at":"2021-09-06"}""")]
    public async Task JSON_without_the_object_that_is_asked_for_is_422(string body)
    {
        var id = await client.NewAsync("USA_1");

        Assert.Equal(["contact_interaction"], (await client.SendAsync(HttpMethod.Post, "/contact_interactions", body)).Is(422).Attributes);
        Assert.Equal(
            ["contact_interaction"], (await client.SendAsync(HttpMethod.Put, $"/contact_interactions/{id}", body)).Is(422).Attributes);
    }

    [Theory]
    [Each("\\u0000", "a\\u0000b", "\\ud800", "\\udc00\\ud800", "\\udc00x", "\\ud83dx", "\\ud83d\\ud83d")]
    public async Task A_NUL_or_half_a_surrogate_pair_in_a_string_is_422(string bad)
    {
        string[] texts =
        [
            "campaign_name", "sub_type", "referrer_type", "referrer_source", "influencing_campaign", "external_source", "page_url",
            "wpc_id", "visitor_id", "conversation_id", "notes", "contact_external_source", "channel", "global_master_campaign_id",
            "created_at", "archived_at",
        ];
        foreach (var name in texts)
            await IsRefusedAsync("call", $"\"{name}\":\"a{bad}\"", name);
        foreach (var name in (string[])["first_name", "last_name", "display_name", "email", "company", "title", "created_at"])
            await IsRefusedAsync("call", $"\"contact\":{{\"{name}\":\"a{bad}\"}}", "contact." + name);
        foreach (var name in (string[])["recording_url", "target_number", "caller_number", "dialed_number"])
            await IsRefusedAsync("call", $"\"call\":{{\"{name}\":\"a{bad}\"}}", "call." + name);
        foreach (var (type, attributes, attribute) in new[]
        {
            ("call", $"\"tags\":[\"ok\",\"a{bad}\"]", "tags"),
            ("call", $"\"external_app_id\":\"a\",\"external_id\":\"a{bad}\"", "external_id"),
            ("call", $"\"contact\":{{\"phone_numbers\":[{{\"phone_number\":\"1{bad}\"}}]}}", "contact.phone_numbers.phone_number"),
            ("call", $"\"contact\":{{\"phone_numbers\":[{{\"phone_type\":\"1{bad}\",\"phone_number\":\"1\"}}]}}",
                "contact.phone_numbers.phone_type"),
            ("call", $"\"contact\":{{\"phone_numbers\":[\"555{bad}\"]}}", "contact.phone_numbers"),
            ("form", $"\"form\":{{\"message\":\"{bad}\"}}", "form.message"),
            ("form", $"\"form\":{{\"extra_fields\":{{\"a\":[{{\"b\":\"{bad}\"}}]}}}}", "form.extra_fields"),
            ("form", $"\"form\":{{\"extra_fields\":{{\"a\":{{\"b\":{{\"{bad}\":1}}}}}}}}", "form.extra_fields"),
            ("fpd", $"\"fpd\":{{\"extra_fields\":{{\"a{bad}\":1}}}}", "fpd.extra_fields"),
            ("booking", $"\"booking\":{{\"booking_id\":\"{bad}\"}}", "booking.booking_id"),
            ("lsa", $"\"lsa\":{{\"customer_name\":\"{bad}\"}}", "lsa.customer_name"),
            ("chat", $"\"chat\":{{\"lead_type\":\"{bad}\"}}", "chat.lead_type"),
            ("chat", $"\"chat\":{{\"transcript\":[{{\"message\":\"{bad}\"}}]}}", "chat.transcript.message"),
            ("chat", $"\"chat\":{{\"transcript\":[{{\"form\":\"{bad}\"}}]}}", "chat.transcript.form"),
            ("chat", $"\"chat\":{{\"transcript\":[{{\"id\":\"{bad}\"}}]}}", "chat.transcript.id"),
        })
            await IsRefusedAsync(type, attributes, attribute);

        foreach (var name in (string[])["global_master_advertiser_id", "event_type", "occurred_at"])
            Assert.Contains(name, (await PostAsync($"\"{name}\":\"a{bad}\"")).Is(422).Attributes);
        var id = await client.NewAsync("USA_1");
        Assert.Equal(["notes"], (await client.SendAsync(
            HttpMethod.Put, $"/contact_interactions/{id}", $"{{\"contact_interaction\":{{\"notes\":\"{bad}\"}}}}")).Is(422).Attributes);
        Assert.Equal(["name"], (await client.SendAsync(
            HttpMethod.Post, "/tokens", $"{{\"token\":{{\"name\":\"{bad}\",\"advertisers\":\"all\"}}}}")).Is(422).Attributes);
    }

    [Theory]
    [Each("\\u0000", "\\ud800")]
    public async Task An_attribute_that_nobody_reads_may_have_any_name(string name) =>
        (await client.SendAsync(HttpMethod.Post, "/contact_interactions",
            $$$"""
            {"{{{name}}}": 1, "contact_interaction": {"{{{name}}}": {"{{{name}}}": "{{{name}}}"}, "global_master_advertiser_id": "USA_1",
             "event_type": "call", "occurred_at": "2021-09-06", "id": "x", "contact_id": false}}
            """)).Is(201);

    [Theory]
    [InlineData("call", "\"channel\":\"radio\"", "channel")]
    [InlineData("call", "\"channel\":\"\"", "channel")]
    [InlineData("call", "\"channel\":\"0\"", "channel")]
    [InlineData("call", "\"channel\":\"search \"", "channel")]
    [InlineData("call", "\"call\":{\"duration\":1.5}", "call.duration")]
    [InlineData("call", "\"call\":{\"call_duration\":\"5\"}", "call.call_duration")]
    [InlineData("call", "\"call\":{\"duration\":99999999999}", "call.duration")]
    [InlineData("call", "\"call\":[]", "call")]
    [InlineData("call", "\"call\":\"x\"", "call")]
    [InlineData("lsa", "\"lsa\":{\"charged\":2}", "lsa.charged")]
    [InlineData("lsa", "\"lsa\":{\"charged\":true}", "lsa.charged")]
    [InlineData("lsa", "\"lsa\":{\"lead_price\":-1}", "lsa.lead_price")]
    public async Task A_wrong_value_is_invalid(string type, string attributes, string attribute) =>
        await IsRefusedAsync(type, attributes, attribute);

    [Fact]
    public async Task A_thousand_wrong_lines_of_a_transcript_are_one_error() =>
        await IsRefusedAsync(
            "chat",
            $"\"chat\":{{\"transcript\":[{string.Join(',', Enumerable.Repeat("{\"message\":5}", 1_000))}]}}",
            "chat.transcript.message");

    [Fact]
    public async Task All_that_is_missing_is_said_at_once() =>
        Assert.Equal(["global_master_advertiser_id", "event_type", "occurred_at"], (await PostAsync("")).Is(422).Attributes);

    [Fact]
    public async Task Every_bad_attribute_has_its_line_in_one_answer()
    {
        var bad = JsonNode.Parse(
            """
            {
                "global_master_advertiser_id": "usa_1", "global_master_campaign_id": 5, "event_type": "Letter", "occurred_at": "yesterday",
                "created_at": 5, "archived_at": "2021-13-01",
                "channel": "radio", "important": "yes", "read": 1, "campaign_name": 5, "sub_type": [], "referrer_type": {},
                "referrer_source": 1, "influencing_campaign": true, "notes": 5,
                "external_source": 1, "page_url": 1, "wpc_id": 1.5, "visitor_id": [], "conversation_id": {}, "external_app_id": "zap",
                "tags": "foo",
                "contact": { "first_name": 1, "last_name": 1, "display_name": 1, "email": 1, "company": 1, "title": 1, "created_at": "x",
                "phone_numbers": "x" },
                "call": { "duration": -1, "recording_url": 1, "target_number": 1, "caller_number": 1, "dialed_number": 1 }
            }
            """)!;

        var answer = (await client.PostAsync(
            "/contact_interactions", new { contact_interaction = bad }, ("Idempotency-Key", "two words"))).Is(422);

        string[] expected =
        [
            "Idempotency-Key", "global_master_advertiser_id", "global_master_campaign_id", "event_type", "occurred_at", "created_at",
            "archived_at", "channel", "important", "read", "campaign_name", "sub_type", "referrer_type", "referrer_source", "influencing_campaign",
            "notes", "external_source", "page_url", "wpc_id", "visitor_id", "conversation_id", "external_id", "tags", "contact.first_name",
            "contact.last_name", "contact.display_name", "contact.email", "contact.company", "contact.title", "contact.created_at",
            "contact.phone_numbers", "call.duration", "call.recording_url", "call.target_number", "call.caller_number",
            "call.dialed_number",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), answer.Attributes.Order(StringComparer.Ordinal));
        const string misspelt = "\"global_master_advertiser_id\":\"USA_1\",\"event_type\":\"call\",\"occured_at\":\"yesterday\"";
        Assert.Equal(["occured_at"], (await PostAsync(misspelt)).Is(422).Attributes);
    }

    [Theory]
    [InlineData("""{"notes":"kept"}""", "")]
    [InlineData("{}", "contact_interaction")]
    [InlineData("""{"read":null,"important":"true","notes":5}""", "important notes read")]
    [InlineData("""{"read":1,"notes":null}""", "read")]
    [InlineData("""{"read":"false"}""", "read")]
    public async Task An_update_takes_booleans_and_text_and_nothing_else(string change, string attributes)
    {
        var id = await client.NewAsync("USA_1", more: ("notes", "kept"));

        var answer = await client.SendAsync(HttpMethod.Patch, $"/contact_interactions/{id}", $"{{\"contact_interaction\":{change}}}");

        Assert.Equal(attributes, answer.Status == 200 ? "" : string.Join(' ', answer.Is(422).Attributes.Order(StringComparer.Ordinal)));
        Assert.Equal("kept", (string?)(await client.GetAnswerAsync($"/contact_interactions/{id}")).Is(200).Json["notes"]);
    }

    [Fact]
    public async Task Notes_may_have_10000_characters_and_be_taken_away()
    {
        var id = await client.NewAsync("USA_1");
        var longest = new string('n', 10_000);
        (await UpdateAsync(longest)).Is(200);
        Assert.Equal(["notes"], (await UpdateAsync(longest + "n")).Is(422).Attributes);
        Assert.Equal(longest, (string?)(await client.GetAnswerAsync($"/contact_interactions/{id}")).Json["notes"]);

        (await UpdateAsync(null)).Is(200);
        Assert.Null((await client.GetAnswerAsync($"/contact_interactions/{id}")).Json["notes"]);

        Task<Answer> UpdateAsync(string? notes) =>
            client.UpdateAsync(id, new { notes });
    }

    [Fact]
    public async Task A_bad_request_tells_where_and_repeats_nothing_of_the_body()
    {
        var message = (string)(await client.SendAsync(
            HttpMethod.Post,
            "/contact_interactions",
            "{\n\"contact_interaction\": secret-of-a-person}")).IsError(400, "bad_request").Json["message"]!;

        Assert.Contains("line 2", message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
    }

    /// <summary>Fails unless a record is refused for this one attribute, alone and in bulk.</summary>
    private async Task IsRefusedAsync(string type, string attributes, string attribute)
    {
        var record = $"\"global_master_advertiser_id\":\"USA_1\",\"event_type\":\"{type}\",\"occurred_at\":\"2021-09-06\",{attributes}";
        Assert.Equal([attribute], (await PostAsync(record)).Is(422).Attributes);
        var bulk = (await client.BulkAsync([$"{{{record}}}"])).Is(200);
        Assert.True(bulk.Json["errors"]!.AsArray().Select(e => (string?)e!["attribute"]).SequenceEqual([attribute]), bulk.Body);
    }

    private Task<Answer> PostAsync(string attributes) =>
        client.SendAsync(
            HttpMethod.Post,
            "/contact_interactions",
            $"{{\"contact_interaction\":{{{attributes}}}}}");
}

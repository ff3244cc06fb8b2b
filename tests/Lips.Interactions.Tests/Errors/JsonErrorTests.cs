using System.Text;
using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Errors;

public sealed class JsonErrorTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("{")]
    [InlineData("nonsense")]
    [InlineData("""{"contact_interaction":{"read":true},}""")]
    [InlineData("""{"contact_interaction":{"read":true}} {}""")]
    [InlineData("""{"contact_interaction":{/* why */"read":true}}""")]
    [InlineData("""{'contact_interaction':{}}""")]
    [InlineData("""{"contact_interaction":{"notes":"a	b"}}""")]
    [InlineData("""{"contact_interaction":{"notes":"\x"}}""")]
    [InlineData("""{"contact_interaction":{"lead_price":01}}""")]
    [InlineData("""{"contact_interaction":{"lead_price":NaN}}""")]
    public async Task What_is_not_JSON_is_400(string body)
    {
        var id = await client.NewAsync("USA_1");
        foreach (var (method, target) in new[]
        {
            ("POST", "/contact_interactions"), ("PUT", $"/contact_interactions/{id}"), ("POST", "/tokens"),
        })
            (await client.SendAsync(new HttpMethod(method), target, body)).IsError(400, "bad_request");
    }

    [Theory]
    [InlineData(new byte[] { 0xff })]
    [InlineData(new byte[] { 0xc3, 0x28 })]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 })]
    public async Task What_is_not_UTF8_is_400(byte[] bytes)
    {
        var content = new ByteArrayContent([.. """{"contact_interaction":{"notes":" """u8, .. bytes, .. "\"}}"u8]);
        content.Headers.ContentType = new("application/json");

        (await client.SendAsync(HttpMethod.Post, "/contact_interactions", content)).IsError(400, "bad_request");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("\"contact_interaction\"")]
    [InlineData("{}")]
    [InlineData("""{"contact_interaction":null}""")]
    [InlineData("""{"contact_interaction":[{}]}""")]
    [InlineData("""{"Contact_Interaction":{}}""")]
    public async Task JSON_without_the_object_that_is_asked_for_is_422(string body)
    {
        var id = await client.NewAsync("USA_1");

        Assert.Equal(["contact_interaction"], (await client.SendAsync(HttpMethod.Post, "/contact_interactions", body)).Is(422).Attributes);
        Assert.Equal(
            ["contact_interaction"], (await client.SendAsync(HttpMethod.Put, $"/contact_interactions/{id}", body)).Is(422).Attributes);
    }

    [Fact]
    public async Task JSON_of_32_levels_is_read_and_deeper_is_400()
    {
        // The body, the record, its part and extra_fields are four of them.
        var kept = await client.SendAsync(HttpMethod.Post, "/contact_interactions", Deep(32));
        Assert.Contains(new string('[', 28) + new string(']', 28), kept.Is(201).Body, StringComparison.Ordinal);
        Assert.Contains("32", (string?)(await client.SendAsync(HttpMethod.Post, "/contact_interactions", Deep(33)))
            .IsError(400, "bad_request").Json["message"], StringComparison.Ordinal);
        (await client.SendAsync(HttpMethod.Post, "/contact_interactions", Deep(100_000))).IsError(400, "bad_request");
        (await client.GetAnswerAsync($"/contact_interactions/{kept.Json["id"]}")).Is(200);

        static string Deep(int levels) =>
            """{"contact_interaction":{"global_master_advertiser_id":"USA_1","event_type":"fpd","occurred_at":"2021-09-06","fpd":"""
            + """{"extra_fields":{"x":"""
            + new string('[', levels - 4) + new string(']', levels - 4) + "}}}}";
    }

    [Theory]
    [InlineData("\\u0000")]
    [InlineData("\\ud800")]
    [InlineData("\\udc00\\ud800")]
    [InlineData("\\ud83dx")]
    public async Task A_NUL_or_half_a_surrogate_pair_in_a_string_is_422(string bad)
    {
        const string required = "\"global_master_advertiser_id\":\"USA_1\",\"event_type\":\"call\",\"occurred_at\":\"2021-09-06\"";
        string[] texts =
        [
            "campaign_name", "sub_type", "referrer_type", "referrer_source", "influencing_campaign", "external_source", "page_url",
            "wpc_id", "visitor_id", "conversation_id", "notes", "contact_external_source", "channel", "global_master_campaign_id",
            "created_at", "archived_at",
        ];
        foreach (var name in texts)
            Assert.Equal([name], (await PostAsync($"{required},\"{name}\":\"a{bad}\"")).Is(422).Attributes);
        foreach (var name in (string[])["first_name", "last_name", "display_name", "email", "company", "title", "created_at"])
            Assert.Equal(["contact." + name], (await PostAsync($"{required},\"contact\":{{\"{name}\":\"a{bad}\"}}")).Is(422).Attributes);
        foreach (var name in (string[])["recording_url", "target_number", "caller_number", "dialed_number"])
            Assert.Equal(["call." + name], (await PostAsync($"{required},\"call\":{{\"{name}\":\"a{bad}\"}}")).Is(422).Attributes);
        Assert.Equal(["tags"], (await PostAsync($"{required},\"tags\":[\"ok\",\"a{bad}\"]")).Is(422).Attributes);
        Assert.Equal(
            ["contact.phone_numbers.phone_number"],
            (await PostAsync($"{required},\"contact\":{{\"phone_numbers\":[{{\"phone_number\":\"1{bad}\"}}]}}")).Is(422).Attributes);
        Assert.Equal(["contact.phone_numbers.phone_type"], (await PostAsync(
            $"{required},\"contact\":{{\"phone_numbers\":[{{\"phone_type\":\"1{bad}\",\"phone_number\":\"1\"}}]}}")).Is(422).Attributes);
        Assert.Equal(
            ["external_id"], (await PostAsync($"{required},\"external_app_id\":\"a\",\"external_id\":\"a{bad}\"")).Is(422).Attributes);
        foreach (var (type, part, attribute) in new[]
        {
            ("form", $"{{\"message\":\"{bad}\"}}", "form.message"),
            ("form", $"{{\"extra_fields\":{{\"a\":[{{\"b\":\"{bad}\"}}]}}}}", "form.extra_fields"),
            ("fpd", $"{{\"extra_fields\":{{\"a{bad}\":1}}}}", "fpd.extra_fields"),
            ("booking", $"{{\"booking_id\":\"{bad}\"}}", "booking.booking_id"),
            ("lsa", $"{{\"customer_name\":\"{bad}\"}}", "lsa.customer_name"),
            ("chat", $"{{\"lead_type\":\"{bad}\"}}", "chat.lead_type"),
            ("chat", $"{{\"transcript\":[{{\"message\":\"{bad}\"}}]}}", "chat.transcript.message"),
            ("chat", $"{{\"transcript\":[{{\"id\":\"{bad}\"}}]}}", "chat.transcript.id"),
        })
        {
            var answer = await PostAsync(
                $"\"global_master_advertiser_id\":\"USA_1\",\"event_type\":\"{type}\",\"occurred_at\":\"2021-09-06\",\"{type}\":{part}");
            Assert.Equal([attribute], answer.Is(422).Attributes);
        }

        foreach (var name in (string[])["global_master_advertiser_id", "event_type", "occurred_at"])
            Assert.Contains(name, (await PostAsync($"\"{name}\":\"a{bad}\"")).Is(422).Attributes);
        var id = await client.NewAsync("USA_1");
        Assert.Equal(["notes"], (await client.SendAsync(
            HttpMethod.Put, $"/contact_interactions/{id}", $"{{\"contact_interaction\":{{\"notes\":\"{bad}\"}}}}")).Is(422).Attributes);
        Assert.Equal(["name"], (await client.SendAsync(
            HttpMethod.Post, "/tokens", $"{{\"token\":{{\"name\":\"{bad}\",\"advertisers\":\"all\"}}}}")).Is(422).Attributes);
    }

    [Fact]
    public async Task An_attribute_that_nobody_reads_may_have_any_name()
    {
        (await PostAsync(
            "\"\\ud800\":1,\"\\u0000\":\"\\ud800\",\"global_master_advertiser_id\":\"USA_1\",\"event_type\":\"call\","
                + "\"occurred_at\":\"2021-09-06\",\"id\":\"x\",\"contact_id\":false")).Is(201);
    }

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

        var answer = (await client.PostAsync("/contact_interactions", new { contact_interaction = bad })).Is(422);

        string[] expected =
        [
            "global_master_advertiser_id", "global_master_campaign_id", "event_type", "occurred_at", "created_at", "archived_at",
            "channel", "important", "read", "campaign_name", "sub_type", "referrer_type", "referrer_source", "influencing_campaign",
            "notes", "external_source", "page_url", "wpc_id", "visitor_id", "conversation_id", "external_id", "tags", "contact.first_name",
            "contact.last_name", "contact.display_name", "contact.email", "contact.company", "contact.title", "contact.created_at",
            "contact.phone_numbers", "call.duration", "call.recording_url", "call.target_number", "call.caller_number",
            "call.dialed_number",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), answer.Attributes.Order(StringComparer.Ordinal));
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
            client.SendAsync(HttpMethod.Put, $"/contact_interactions/{id}", new { contact_interaction = new { notes } });
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

    private Task<Answer> PostAsync(string attributes) =>
        client.SendAsync(
            HttpMethod.Post,
            "/contact_interactions",
            new StringContent($"{{\"contact_interaction\":{{{attributes}}}}}", Encoding.UTF8, "application/json"));
}

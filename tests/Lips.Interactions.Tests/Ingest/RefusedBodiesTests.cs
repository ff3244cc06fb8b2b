using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Ingest;

public sealed class RefusedBodiesTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Fact]
    public async Task All_that_is_missing_is_said_at_once()
    {
        var answer = await client.SendOneAsync(new JsonObject());

        Assert.Equal(["global_master_advertiser_id", "event_type", "occurred_at"], answer.Is(422).Attributes);
    }

    [Fact]
    public async Task All_that_is_wrong_is_said_at_once()
    {
        var answer = await client.SendAsync(HttpMethod.Post, Records.One,
            """
            {"contact_interaction": {
                "global_master_advertiser_id": "usa_1", "global_master_campaign_id": 5, "event_type": "fax", "occured_at": "yesterday",
                "created_at": 1,
                "archived_at": "2021-02-30", "channel": "radio", "important": "yes", "read": 1, "notes": 5, "tags": "a", "page_url": [],
                "wpc_id": 1.5,
                "external_id": "x", "contact": {"email": 5, "first_name": {}, "created_at": "", "phone_numbers": "555"},
                "call": {"duration": -1}
            }}
            """,
            ("Idempotency-Key", "two words"));

        Assert.Equal(
            [
                "Idempotency-Key", "archived_at", "call.duration", "channel", "contact.created_at", "contact.email", "contact.first_name",
                "contact.phone_numbers", "created_at", "event_type", "external_app_id", "global_master_advertiser_id",
                "global_master_campaign_id", "important", "notes", "occured_at", "page_url", "read", "tags", "wpc_id",
            ],
            answer.Is(422).Attributes.Order(StringComparer.Ordinal));
        Assert.Equal(0, await fixture.ScalarAsync<long>("SELECT count(*) FROM interactions.interactions WHERE advertiser = 1000000000001"));
    }

    [Theory]
    [InlineData("radio")]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("search ")]
    public async Task A_channel_outside_the_names_is_invalid(string channel) =>
        Assert.Equal(["channel"], (await client.SendOneAsync(Records.Call("USA_2").With("channel", channel))).Is(422).Attributes);

    [Theory]
    [InlineData("""{"duration": 1.5}""", "call.duration")]
    [InlineData("""{"call_duration": "5"}""", "call.call_duration")]
    [InlineData("""{"duration": 99999999999}""", "call.duration")]
    [InlineData("[]", "call")]
    [InlineData("\"x\"", "call")]
    public async Task A_wrong_part_is_invalid(string part, string attribute) =>
        Assert.Equal([attribute], (await client.SendOneAsync(Records.Call("USA_2").With("call", JsonNode.Parse(part)))).Is(422).Attributes);

    [Theory]
    [InlineData("""{"charged": 2}""", "lsa.charged")]
    [InlineData("""{"charged": true}""", "lsa.charged")]
    [InlineData("""{"lead_price": -1}""", "lsa.lead_price")]
    public async Task A_wrong_lead_is_invalid(string part, string attribute) =>
        Assert.Equal(
            [attribute], (await client.SendOneAsync(Records.Of("USA_2", "lsa").With("lsa", JsonNode.Parse(part)))).Is(422).Attributes);

    [Fact]
    public async Task A_thousand_wrong_lines_of_a_transcript_are_one_error()
    {
        var lines = new JsonArray([.. Enumerable.Range(0, 1_000).Select(_ => new JsonObject { ["message"] = 5 })]);

        var answer = await client.SendOneAsync(Records.Of("USA_2", "chat").With("chat", new JsonObject { ["transcript"] = lines }));

        Assert.Equal(["chat.transcript.message"], answer.Is(422).Attributes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{'a': 1}")]
    [InlineData("{\"a\": 1,}")]
    [InlineData("{\"a\": 1} // why")]
    [InlineData("{\"contact_interaction\": {\"notes\": \"\u0001\"}}")]
    public async Task A_body_that_is_not_json_is_a_bad_request(string body)
    {
        var answer = (await client.SendAsync(HttpMethod.Post, Records.One, body)).Is(400);

        Assert.Equal("bad_request", (string?)answer.Json["name"]);
        Assert.Equal(2, answer.Json.AsObject().Count);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    public async Task A_body_that_is_not_utf8_is_a_bad_request(byte[] bytes)
    {
        byte[] body = [.. "{\"contact_interaction\": {\"notes\": \""u8, .. bytes, .. "\"}}"u8];
        (await SendAsync(new ByteArrayContent(body), "application/json")).Is(400);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("{}")]
    [InlineData("{\"contact_interaction\": null}")]
    [InlineData("{\"contact_interaction\": []}")]
    [InlineData("{\"global_master_advertiser_id\": \"USA_1\", \"event_type\": \"call\", \"occurred_at\": \"2021-09-06\"}")]
    public async Task Json_of_another_shape_is_invalid(string body) =>
        Assert.Equal(["contact_interaction"], (await client.SendAsync(HttpMethod.Post, Records.One, body)).Is(422).Attributes);

    [Fact]
    public async Task A_body_of_one_mebibyte_is_read_and_one_more_byte_is_too_much()
    {
        const string begin =
            """{"contact_interaction": {"global_master_advertiser_id": "USA_3", "event_type": "form", "occurred_at": "2021-09-06", """
            + """ "form": {"message": """ + "\"";
        const string end = "\"}}}";
        var fitting = begin + new string('x', (1 << 20) - begin.Length - end.Length) + end;

        (await client.SendAsync(HttpMethod.Post, Records.One, fitting)).Is(201);
        foreach (var body in (string[])[fitting + " ", fitting + new string(' ', 5 << 20)])
        {
            Assert.Equal("payload_too_large", (string?)(await client.SendAsync(HttpMethod.Post, Records.One, body)).Is(413).Json["name"]);
            Assert.Equal("payload_too_large", (string?)(await SendChunkedAsync(body)).Is(413).Json["name"]);
        }
    }

    [Fact]
    public async Task Thirty_two_levels_of_json_are_read_and_one_more_is_refused()
    {
        // The body, contact_interaction, form and extra_fields are four levels themselves.
        (await client.SendAsync(HttpMethod.Post, Records.One, Nested(28))).Is(201);
        var answer = (await client.SendAsync(HttpMethod.Post, Records.One, Nested(29))).Is(400);
        Assert.Contains("32", (string)answer.Json["message"]!, StringComparison.Ordinal);

        static string Nested(int levels) =>
            """{"contact_interaction": {"global_master_advertiser_id": "USA_3", "event_type": "form", "occurred_at": "2021-09-06", """
            + """ "form": {"extra_fields": {"a": """
            + new string('[', levels) + new string(']', levels) + "}}}}";
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-ndjson")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/jsonp")]
    public async Task Another_media_type_is_refused(string type) =>
        (await SendAsync(new StringContent("""{"contact_interaction": {}}"""), type)).Is(415);

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("APPLICATION/JSON;charset=UTF-8")]
    public async Task Json_is_read_whatever_its_parameters(string type) =>
        (await SendAsync(new StringContent("""{"contact_interaction": {}}"""), type)).Is(422);

    [Fact]
    public async Task An_encoded_body_is_refused()
    {
        var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync("{}"u8.ToArray());
        var content = new ByteArrayContent(zipped.ToArray()) { Headers = { ContentEncoding = { "gzip" } } };

        (await SendAsync(content, "application/json")).Is(415);
    }

    public static TheoryData<string, string> BadText()
    {
        var data = new TheoryData<string, string>();
        foreach (var bad in (string[])["a\\u0000b", "\\ud800", "\\udc00x", "\\ud83d\\ud83d"])
        {
            data.Add($$""" "notes": "{{bad}}" """, "notes");
            data.Add($$""" "campaign_name": "{{bad}}" """, "campaign_name");
            data.Add($$""" "wpc_id": "{{bad}}" """, "wpc_id");
            data.Add($$""" "channel": "{{bad}}" """, "channel");
            data.Add($$""" "created_at": "{{bad}}" """, "created_at");
            data.Add($$""" "global_master_campaign_id": "{{bad}}" """, "global_master_campaign_id");
            data.Add($$""" "external_app_id": "a", "external_id": "{{bad}}" """, "external_id");
            data.Add($$""" "tags": ["ok", "{{bad}}"] """, "tags");
            data.Add($$""" "contact": {"email": "{{bad}}"} """, "contact.email");
            data.Add($$""" "contact": {"last_name": "{{bad}}"} """, "contact.last_name");
            data.Add($$""" "contact": {"phone_numbers": [{"phone_number": "555{{bad}}"}]} """, "contact.phone_numbers.phone_number");
            data.Add($$""" "contact": {"phone_numbers": ["555{{bad}}"]} """, "contact.phone_numbers");
            data.Add($$""" "form": {"message": "{{bad}}"} """, "form.message");
            data.Add($$""" "form": {"extra_fields": {"a": ["{{bad}}"]} } """, "form.extra_fields");
            data.Add($$""" "form": {"extra_fields": {"{{bad}}": 1} } """, "form.extra_fields");
            data.Add($$""" "form": {"extra_fields": {"a": {"b": {"{{bad}}": 1} } } } """, "form.extra_fields");
            data.Add($$""" "event_type": "chat", "chat": {"transcript": [{"message": "{{bad}}"}]} """, "chat.transcript.message");
            data.Add($$""" "event_type": "chat", "chat": {"transcript": [{"form": "{{bad}}"}]} """, "chat.transcript.form");
            data.Add($$""" "event_type": "chat", "chat": {"transcript": [{"id": "{{bad}}"}]} """, "chat.transcript.id");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(BadText))]
    public async Task Text_with_a_nul_character_or_half_a_surrogate_pair_is_invalid(string attributes, string attribute)
    {
        var record = $$"""{"global_master_advertiser_id": "USA_4", "event_type": "form", "occurred_at": "2021-09-06", {{attributes}} }""";

        var one = await client.SendAsync(HttpMethod.Post, Records.One, $$"""{"contact_interaction": {{record}} }""");
        var bulk = await client.BulkAsync([record]);

        Assert.Equal([attribute], one.Is(422).Attributes);
        Assert.True(bulk.Is(200).Json["errors"]!.AsArray().Select(e => (string?)e!["attribute"]).SequenceEqual([attribute]), bulk.Body);
    }

    [Theory]
    [InlineData("\\u0000")]
    [InlineData("\\ud800")]
    public async Task An_attribute_that_nobody_reads_may_have_any_name(string name) => (await client.SendAsync(HttpMethod.Post, Records.One,
        $$$"""
        {"{{{name}}}": 1, "contact_interaction": {"{{{name}}}": {"{{{name}}}": 2}, "global_master_advertiser_id": "USA_4",
         "event_type": "form", "occurred_at": "2021-09-06"}}
        """)).Is(201);

    private Task<Answer> SendAsync(HttpContent content, string type)
    {
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return client.SendAsync(HttpMethod.Post, Records.One, content);
    }

    private Task<Answer> SendChunkedAsync(string body)
    {
        var content = new StreamContent(new Unseekable(Encoding.UTF8.GetBytes(body)));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
        return client.SendAsync(HttpMethod.Post, Records.One, content);
    }

    // Of unknown length, so that the client sends it in chunks.
    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}

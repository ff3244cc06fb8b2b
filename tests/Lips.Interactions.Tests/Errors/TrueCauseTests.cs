using System.Net.Http.Headers;
using System.Text;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Errors;

/// <summary>What is wrong with a body is said true to the cause, on every route that takes one (contract section 3).</summary>
public sealed class TrueCauseTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Theory]
    [InlineData("", "The body is empty (line 1, byte 1).")]
    [InlineData(" \n", "The body is empty (line 1, byte 1).")]
    [InlineData("""{"contact_interaction":{"read":true}""", "The body ends early: its JSON is not complete (line 1, byte 37).")]
    [InlineData("""{"contact_interaction":{"notes":"max depth""", "The body ends early: its JSON is not complete (line 1, byte 43).")]
    [InlineData("""{"contact_interaction":{"read":tr""", "The body ends early: its JSON is not complete (line 1, byte 34).")]
    [InlineData("{\"contact_interaction\":\n{\"call\":", "The body ends early: its JSON is not complete (line 2, byte 9).")]
    [InlineData("""{"contact_interaction":{}} {"contact_interaction":{}}""",
        "The body has something behind the end of its JSON (line 1, byte 28).")]
    [InlineData("""{"contact_interaction":{"read":true}}}""", "The body has something behind the end of its JSON (line 1, byte 38).")]
    [InlineData(
        "{\"contact_interaction\":{\"read\":true}}\n\ndepth", "The body has something behind the end of its JSON (line 3, byte 1).")]
    [InlineData("""{"depth":01}""", "The body is not JSON (line 1, byte 11).")]
    [InlineData("   ")]
    [InlineData("{")]
    [InlineData("nonsense")]
    [InlineData("""{"contact_interaction":{"read":true},}""")]
    [InlineData("""{"contact_interaction":{"read":true}} {}""")]
    [InlineData("""{"contact_interaction":{"read":true}} // why""")]
    [InlineData("""{"contact_interaction":{/* why */"read":true}}""")]
    [InlineData("""{'contact_interaction':{}}""")]
    [InlineData("""{"contact_interaction":{"notes":"a	b"}}""")]
    [InlineData("{\"contact_interaction\":{\"notes\":\"\u0001\"}}")]
    [InlineData("""{"contact_interaction":{"notes":"\x"}}""")]
    [InlineData("""{"contact_interaction":{"lead_price":01}}""")]
    [InlineData("""{"contact_interaction":{"lead_price":NaN}}""")]
    public async Task A_body_that_is_not_JSON_is_400_and_says_why(string body, string? message = null)
    {
        var id = await client.NewAsync("USA_1");
        foreach (var (method, target) in Targets(id))
            (await client.SendAsync(new HttpMethod(method), target, body)).IsError(400, "bad_request", message);
        Assert.False((bool)(await client.GetAnswerAsync($"/contact_interactions/{id}")).Is(200).Json["read"]!);
    }

    [Theory]
    [InlineData("""{"notes":"depth""", "ends early: its JSON is not complete (byte 16)")]
    [InlineData("{} {}", "has something behind the end of its JSON (byte 4)")]
    [InlineData("nonsense", "is not JSON (byte 2)")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "is JSON deeper than 32 levels (byte 33)")]
    public async Task A_line_that_is_not_JSON_says_why(string line, string message)
    {
        var error = Assert.Single((await client.BulkAsync([line])).Is(200).Json["errors"]!.AsArray());

        Assert.Equal(("contact_interaction", message), ((string?)error!["attribute"], (string?)error["message"]));
    }

    [Theory]
    [InlineData(new byte[] { 0xff })]
    [InlineData(new byte[] { 0xc0, 0x80 })]
    [InlineData(new byte[] { 0xc3, 0x28 })]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 })]
    public async Task What_is_not_UTF8_is_400(byte[] bytes)
    {
        var content = new ByteArrayContent([.. """{"contact_interaction":{"notes":" """u8, .. bytes, .. "\"}}"u8]);
        content.Headers.ContentType = new("application/json");

        (await client.SendAsync(HttpMethod.Post, "/contact_interactions", content)).IsError(400, "bad_request");
    }

    [Fact]
    public async Task JSON_of_32_levels_is_read_and_deeper_is_400()
    {
        // The body, the record, its part and extra_fields are four of them.
        var kept = await client.SendAsync(HttpMethod.Post, "/contact_interactions", Deep(32));
        Assert.Contains(new string('[', 28) + new string(']', 28), kept.Is(201).Body, StringComparison.Ordinal);
        foreach (var levels in (int[])[33, 100_000])
            Assert.StartsWith(
                "The body is JSON deeper than 32 levels",
                (string?)(await client.SendAsync(HttpMethod.Post, "/contact_interactions", Deep(levels)))
                    .IsError(400, "bad_request").Json["message"], StringComparison.Ordinal);
        (await client.GetAnswerAsync($"/contact_interactions/{kept.Json["id"]}")).Is(200);

        static string Deep(int levels) =>
            """{"contact_interaction":{"global_master_advertiser_id":"USA_1","event_type":"fpd","occurred_at":"2021-09-06","fpd":"""
            + """{"extra_fields":{"x":"""
            + new string('[', levels - 4) + new string(']', levels - 4) + "}}}}";
    }

    [Fact]
    public async Task JSON_that_is_too_deep_is_said_to_be_also_where_it_ends_early()
    {
        var id = await client.NewAsync("USA_1");
        foreach (var (method, target) in Targets(id))
        {
            foreach (var body in (string[])[new string('[', 33), "{\"a\":" + new string('[', 40) + new string(']', 40) + "}"])
                (await client.SendAsync(new HttpMethod(method), target, body))
                    .IsError(400, "bad_request", $"The body is JSON deeper than 32 levels (line 1, byte {(body[0] == '[' ? 33 : 37)}).");
        }
    }

    [Fact]
    public async Task One_byte_order_mark_is_skipped_on_every_route()
    {
        var id = await client.NewAsync("USA_1");

        (await SendAsync("POST", "/contact_interactions",
            """{"contact_interaction":{"global_master_advertiser_id":"USA_1","event_type":"call","occurred_at":"2021-09-06"}}""")).Is(201);
        (await SendAsync("PUT", $"/contact_interactions/{id}", """{"contact_interaction":{"read":true}}""")).Is(200);
        (await SendAsync("PATCH", $"/contact_interactions/{id}", """{"contact_interaction":{"important":true}}""")).Is(200);
        (await SendAsync("POST", "/tokens", """{"token":{"name":"with a mark","advertisers":"all"}}""")).Is(201);
        var bulk = await SendAsync("POST", "/contact_interactions/bulk",
            """{"global_master_advertiser_id":"USA_1","event_type":"call","occurred_at":"2021-09-06"}""", "application/x-ndjson");
        Assert.Equal(1, (int)bulk.Is(200).Json["created"]!);
        (await SendAsync("PUT", $"/contact_interactions/{id}", "\uFEFF{\"contact_interaction\":{\"read\":false}}"))
            .IsError(400, "bad_request", "The body is not JSON (line 1, byte 1).");
        Assert.True((bool)(await client.GetAnswerAsync($"/contact_interactions/{id}")).Json["read"]!);

        Task<Answer> SendAsync(string method, string target, string body, string type = "application/json")
        {
            var content = new ByteArrayContent([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(body)]);
            content.Headers.ContentType = new MediaTypeHeaderValue(type);
            return client.SendAsync(new HttpMethod(method), target, content);
        }
    }

    private static (string Method, string Target)[] Targets(long id) =>
        [("POST", "/contact_interactions"), ("PUT", $"/contact_interactions/{id}"), ("PATCH", $"/contact_interactions/{id}"),
            ("POST", "/tokens")];
}

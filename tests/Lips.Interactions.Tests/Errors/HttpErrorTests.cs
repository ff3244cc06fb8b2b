using System.Net.Http.Headers;
using System.Text;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Errors;

public sealed class HttpErrorTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private const string Credential = "token " + LipsNode.AdminToken;

    private readonly HttpClient client = fixture.Client;

    [Theory]
    [Each("/contact_interactions/987654321", "/contact_interactions/0", "/contact_interactions/-1", "/contact_interactions/1x",
        "/contact_interactions/99999999999999999999", "/contact_interactions/1/2", "/contact_interaction", "/index.html")]
    public async Task What_is_not_there_is_404(string target) =>
        (await RawHttp.GetAsync(fixture.Node.Address, target)).IsError(404, "not_found");

    [Theory]
    [InlineData("PUT", "/contact_interactions/987654321")]
    [InlineData("PATCH", "/contact_interactions/987654321")]
    [InlineData("DELETE", "/contact_interactions/987654321")]
    [InlineData("DELETE", "/contacts_interactions/987654321")]
    [InlineData("PUT", "/contact_interactions/987654321/unarchive")]
    [InlineData("PUT", "/contacts_interactions/x/unarchive")]
    public async Task What_is_not_there_cannot_be_changed(string method, string target) =>
        (await client.SendAsync(new HttpMethod(method), target, new { contact_interaction = new { read = true } }))
            .IsError(404, "not_found");

    [Theory]
    [InlineData("PUT", "/contact_interactions", "GET, HEAD, POST")]
    [InlineData("DELETE", "/contact_interactions", "GET, HEAD, POST")]
    [InlineData("POST", "/contact_interactions/1", "DELETE, GET, HEAD, PATCH, PUT")]
    [InlineData("GET", "/contact_interactions/1/unarchive", "PUT")]
    [InlineData("DELETE", "/tokens", "GET, HEAD, POST")]
    [InlineData("POST", "/health/live", "GET, HEAD")]
    [InlineData("PUT", "/contact_interactions/totals", "GET, HEAD")]
    [InlineData("DELETE", "/contact_interactions/changes", "GET, HEAD")]
    [InlineData("PUT", "/contact_interactions/bulk", "POST")]
    [InlineData("PATCH", "/contact_interactions/bulk", "POST")]
    [InlineData("GET", "/contact_interactions/bulk", "POST")]
    [InlineData("DELETE", "/contact_interactions/totals/stream", "GET")]
    public async Task A_method_that_an_address_does_not_take_is_405_and_the_others_are_told(string method, string target, string allow)
    {
        var answer = (await RawHttp.SendAsync(fixture.Node.Address, method, target, [("Authorization", Credential)], "{}"))
            .IsError(405, "method_not_allowed");

        Assert.Equal(
            allow, string.Join(", ", answer.Header("Allow")!.Split(',', StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [Each("text/html", "application/xml, text/*", "application/json;q=0", "image/*;q=0.5, application/xhtml+xml")]
    public async Task Who_does_not_take_JSON_gets_406(string accept) => (await AskAsync(accept)).IsError(406, "not_acceptable");

    [Theory]
    [Each("*/*", "application/*", "text/html, application/json;q=0.1", "application/json; charset=utf-8",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")]
    public async Task Who_takes_JSON_gets_it(string accept) =>
        Assert.Equal("application/json; charset=utf-8", (await AskAsync(accept)).Is(200).Header("Content-Type"));

    [Theory]
    [InlineData("POST", "/contact_interactions")]
    [InlineData("PUT", "/contact_interactions/{id}")]
    [InlineData("POST", "/tokens")]
    public async Task A_body_over_1_MiB_is_413_with_and_without_a_length(string method, string target)
    {
        target = target.Replace("{id}", $"{await client.NewAsync("USA_1")}", StringComparison.Ordinal);
        var body = Encoding.UTF8.GetBytes("{\"x\":\"" + new string('x', (1 << 20) - 7) + "\"}");
        Assert.Equal((1 << 20) + 1, body.Length);

        foreach (var large in (byte[][])[body, [.. body, .. new byte[5 << 20]]])
        {
            (await SendAsync(new ByteArrayContent(large))).IsError(413, "payload_too_large");
            (await SendAsync(new StreamContent(new Endless(large)))).IsError(413, "payload_too_large");
        }

        (await SendAsync(new ByteArrayContent([.. body[..^2], .. "}"u8]))).IsError(400, "bad_request");
        (await SendAsync(new ByteArrayContent([.. body[..6], .. body[7..]]))).Is(422);

        Task<Answer> SendAsync(HttpContent content)
        {
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            return client.SendAsync(new HttpMethod(method), target, content);
        }
    }

    [Theory]
    [InlineData("text/plain", null)]
    [InlineData("application/x-www-form-urlencoded", null)]
    [InlineData("application/x-ndjson", null)]
    [InlineData("application/jsonp", null)]
    [InlineData("application/json", "gzip")]
    [InlineData("application/json", "br")]
    public async Task A_body_of_another_type_or_encoding_is_415(string type, string? encoding)
    {
        var id = await client.NewAsync("USA_1");
        foreach (var (method, target) in new[]
        {
            ("POST", "/contact_interactions"), ("PUT", $"/contact_interactions/{id}"), ("POST", "/tokens"),
        })
        {
            var content = new StringContent("""{"contact_interaction":{"read":true}}""");
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
            if (encoding is not null)
                content.Headers.ContentEncoding.Add(encoding);
            (await client.SendAsync(new HttpMethod(method), target, content)).IsError(415, "unsupported_media_type");
        }

        Assert.False((bool)(await client.GetAnswerAsync($"/contact_interactions/{id}")).Json["read"]!);
    }

    [Theory]
    [Each("application/json", "application/json; charset=utf-8", "APPLICATION/JSON;charset=UTF-8")]
    public async Task JSON_is_read_whatever_its_parameters(string type)
    {
        var content = new StringContent("""{"contact_interaction":{}}""");
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        (await client.SendAsync(HttpMethod.Post, "/contact_interactions", content)).Is(422);
    }

    [Fact]
    public async Task An_address_or_headers_that_are_too_long_are_refused_as_JSON()
    {
        const string address = "/contact_interactions?global_master_advertiser_id=USA_1&x=";
        (await RawHttp.GetAsync(fixture.Node.Address, address + new string('x', 32_000))).Is(200);
        (await RawHttp.GetAsync(fixture.Node.Address, address + new string('x', 40_000))).IsError(414, "uri_too_long");
        (await RawHttp.SendAsync(
            fixture.Node.Address, "GET", "/contact_interactions?global_master_advertiser_id=USA_1",
            [("Authorization", Credential), ("X-Long", new string('x', 40_000))]))
            .IsError(431, "request_header_fields_too_large");
    }

    [Theory]
    [InlineData(97, 200)]
    [InlineData(98, 431)]
    [InlineData(1_500, 431)]
    public async Task More_than_100_headers_are_refused_as_JSON(int more, int status)
    {
        // Host, Connection and Authorization are there already.
        var headers = Enumerable.Range(1, more).Select(i => ($"X-{i}", "a")).Prepend(("Authorization", Credential));

        var answer = await RawHttp.SendAsync(
            fixture.Node.Address, "GET", "/contact_interactions?global_master_advertiser_id=USA_1", headers);

        if (status == 200)
            answer.Is(200);
        else
            answer.IsError(status, "request_header_fields_too_large");
    }

    [Theory]
    [Each("fffffffff\r\na", "ffffffffffffffffffff\r\na", "-1\r\na", "zz\r\na")]
    public async Task A_chunk_whose_length_is_no_length_is_400(string body)
    {
        foreach (var (target, type) in new[]
        {
            ("/contact_interactions", "application/json"), ("/contact_interactions/bulk", "application/x-ndjson"),
        })
        {
            (string, string)[] headers = [("Authorization", Credential), ("Content-Type", type), ("Transfer-Encoding", "chunked")];
            (await RawHttp.SendAsync(fixture.Node.Address, "POST", target, headers, body, isFramed: true)).IsError(400, "bad_request");
        }
    }

    private Task<RawAnswer> AskAsync(string accept) => RawHttp.SendAsync(
        fixture.Node.Address, "GET", "/contact_interactions?global_master_advertiser_id=USA_1",
        [("Authorization", Credential), ("Accept", accept)]);

    /// <summary>A stream whose length nobody knows before its end.</summary>
    private sealed class Endless(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}

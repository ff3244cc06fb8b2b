using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Http;

/// <summary>What browsers are told: pages of other sites, and answers shown as pages.</summary>
public sealed class BrowserTests : IAsyncLifetime
{
    private const string Totals = "/contact_interactions/totals?global_master_advertiser_id=USA_1";
    private const string Origin = "https://app.example";

    private LipsNode? closed;
    private LipsNode? open;

    private LipsNode Closed => closed!;

    private LipsNode Open => open!;

    public async Task InitializeAsync()
    {
        closed = await LipsNode.StartAsync();
        open = await LipsNode.StartWithAsync(Closed.ConnectionString, ("Lips:Cors:Origins", $"{Origin}, http://localhost:3000"));
    }

    public async Task DisposeAsync()
    {
        await Closed.DisposeAsync();
        await Open.DisposeAsync();
    }

    [Theory]
    [InlineData("/contact_interactions?global_master_advertiser_id=USA_1", 200)]
    [InlineData("/contact_interactions", 422)]
    [InlineData("/contact_interactions/0", 404)]
    [InlineData("/no/such/route", 404)]
    [InlineData("/health/live", 200)]
    [InlineData("/tokens", 200)]
    public async Task Every_answer_has_the_security_headers_and_no_name_of_the_server(string address, int status)
    {
        var answer = (await Closed.Client.GetAnswerAsync(address)).Is(status);

        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
        Assert.False(answer.Headers.Contains("Server") || answer.Headers.Contains("X-Powered-By")
            || answer.Headers.Contains("Strict-Transport-Security"));
        var caching = Assert.Single(answer.Headers.GetValues("Cache-Control"));
        Assert.Equal(
            address.Contains('?') ? "private, no-cache" : "no-store",
            string.Join(", ", caching.Split(',', StringSplitOptions.TrimEntries).OrderDescending()));
    }

    [Fact]
    public async Task An_answer_to_a_failure_has_them_too()
    {
        await using var node = await LipsNode.StartAsync();
        await TestPostgres.ExecuteAsync(node.ConnectionString, "ALTER TABLE interactions.interactions RENAME TO gone");

        var answer = (await node.Client.GetAnswerAsync("/contact_interactions/1")).Is(500);

        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-store", Assert.Single(answer.Headers.GetValues("Cache-Control")));
    }

    [Fact]
    public async Task Without_configured_origins_no_page_of_another_site_may_call()
    {
        var preflight = await PreflightAsync(Closed, Origin);
        preflight.Is(405);
        Assert.DoesNotContain(preflight.Headers, h => h.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));

        var answer = (await Closed.Client.SendAsync(HttpMethod.Get, Totals, null, ("Origin", Origin))).Is(200);
        Assert.DoesNotContain(answer.Headers, h => h.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(Origin)]
    [InlineData("http://localhost:3000")]
    public async Task A_page_of_a_configured_origin_may_call_and_read_the_headers(string origin)
    {
        var preflight = (await PreflightAsync(Open, origin)).Is(204);
        Assert.Equal(origin, Assert.Single(preflight.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Contains("PUT", Assert.Single(preflight.Headers.GetValues("Access-Control-Allow-Methods")), StringComparison.Ordinal);
        Assert.Contains(
            "authorization",
            Assert.Single(preflight.Headers.GetValues("Access-Control-Allow-Headers")),
            StringComparison.OrdinalIgnoreCase);
        Assert.Equal("3600", Assert.Single(preflight.Headers.GetValues("Access-Control-Max-Age")));
        Assert.False(preflight.Headers.Contains("Access-Control-Allow-Credentials"));

        foreach (var (address, status) in new[] { (Totals, 200), ("/contact_interactions", 422), ("/no/such/route", 404) })
        {
            var answer = (await Open.Client.SendAsync(HttpMethod.Get, address, null, ("Origin", origin))).Is(status);
            Assert.Equal(origin, Assert.Single(answer.Headers.GetValues("Access-Control-Allow-Origin")));
            Assert.Equal(
                "ETag,Link,Location,RateLimit,RateLimit-Policy,Retry-After",
                Assert.Single(answer.Headers.GetValues("Access-Control-Expose-Headers")));
            Assert.Contains("Origin", string.Join(',', answer.Headers.GetValues("Vary")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_page_of_any_other_origin_may_not()
    {
        foreach (var origin in new[] { "https://other.example", "https://app.example.evil.example", "http://app.example", "null" })
        {
            Assert.False((await PreflightAsync(Open, origin)).Headers.Contains("Access-Control-Allow-Origin"));
            Assert.False((await Open.Client.SendAsync(HttpMethod.Get, Totals, null, ("Origin", origin))).Headers
                .Contains("Access-Control-Allow-Origin"));
        }
    }

    private static async Task<Answer> PreflightAsync(LipsNode node, string origin)
    {
        using var client = node.NewClient(null);
        return await client.SendAsync(
            HttpMethod.Options,
            "/contact_interactions/1",
            null,
            ("Origin", origin),
            ("Access-Control-Request-Method", "PUT"),
            ("Access-Control-Request-Headers", "authorization,content-type"));
    }
}

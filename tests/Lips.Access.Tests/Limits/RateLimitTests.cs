using System.Diagnostics;
using Lips.Access.Limits;
using Lips.Access.Tokens;
using Lips.Kernel;
using Lips.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Lips.Access.Tests.Limits;

/// <summary>The limit of a token. So slow a rate that nothing comes back while a test runs makes its answers exact.</summary>
public sealed class RateLimitTests : IAsyncLifetime
{
    private const string Totals = "/contact_interactions/totals?global_master_advertiser_id=USA_1";

    private LipsNode? started;

    private LipsNode Node => started!;

    public async Task InitializeAsync() =>
        started = await LipsNode.StartWithAsync(null, ("Lips:RateLimit:PerSecond", "0.001"), ("Lips:RateLimit:Burst", "8"));

    public Task DisposeAsync() => Node.DisposeAsync().AsTask();

    [Fact]
    public async Task Over_its_rate_a_token_gets_429_in_the_words_of_the_contract_and_hears_when_to_come_back()
    {
        using var client = await NewClientAsync(new { name = "limited", advertisers = "all" });
        for (var left = 7; left >= 0; left--)
            Says(left, (await client.GetAnswerAsync(Totals)).Is(200));

        var refused = (await client.GetAnswerAsync(Totals)).Is(429);

        Assert.Equal("""{"name":"too_many_requests","message":"Too Many Requests"}""", refused.Body);
        Assert.Equal("1000", Assert.Single(refused.Headers.GetValues("Retry-After")));
        Assert.Equal("application/json", refused.ContentHeaders.ContentType!.MediaType);
        Says(0, refused);
    }

    [Fact]
    public async Task Every_answer_to_a_limited_token_says_what_is_left_also_an_error_and_304()
    {
        using var client = await NewClientAsync(new { name = "limited", advertisers = new[] { "USA_1" }, abilities = new[] { "read" } });
        var first = (await client.GetAnswerAsync(Totals)).Is(200);
        Says(7, first);

        Says(6, (await client.SendAsync(HttpMethod.Get, Totals, null, ("If-None-Match", first.Headers.ETag!.ToString()))).Is(304));
        Says(5, (await client.GetAnswerAsync("/contact_interactions")).Is(422));
        Says(4, (await client.SendAsync(HttpMethod.Delete, "/contact_interactions/1")).Is(403));
        Says(3, (await client.GetAnswerAsync("/contact_interactions/999999999")).Is(404));
        Says(2, (await client.GetAnswerAsync("/no/such/route")).Is(404));
        Says(1, (await client.SendAsync(HttpMethod.Delete, "/contact_interactions")).Is(405));
        Says(0, (await client.SendAsync(HttpMethod.Get, Totals, null, ("Accept", "text/html"))).Is(406));
        Says(0, (await client.GetAnswerAsync("/no/such/route")).Is(429));
    }

    [Fact]
    public async Task An_answer_that_failed_says_it_too()
    {
        using var client = await NewClientAsync(new { name = "limited", advertisers = "all" });
        await TestPostgres.ExecuteAsync(Node.ConnectionString, "ALTER TABLE interactions.interactions RENAME TO gone");

        Says(7, (await client.GetAnswerAsync("/contact_interactions/1")).Is(500));
    }

    [Theory]
    [InlineData(true, "read")]
    [InlineData(false, "admin")]
    public async Task Trusted_and_admin_tokens_have_no_limit_and_hear_of_none(bool trusted, string ability)
    {
        using var client = await NewClientAsync(new { name = "free", advertisers = "all", trusted, abilities = new[] { ability } });
        for (var i = 0; i < 20; i++)
        {
            var answer = await client.GetAnswerAsync(trusted ? Totals : "/tokens");
            answer.Is(200);
            Assert.False(answer.Headers.Contains("RateLimit") || answer.Headers.Contains("RateLimit-Policy"));
        }
    }

    [Fact]
    public async Task One_token_does_not_use_up_anothers_rate_and_both_secrets_of_one_use_the_same()
    {
        var token = await Node.NewTokenAsync(new { name = "one", advertisers = "all" });
        var second = (await Node.Client.SendAsync(HttpMethod.Post, $"/tokens/{token.Id()}/secrets")).Is(201).Json["token"]!.Secret();
        for (var i = 0; i < 8; i++)
            (await Node.GetWithAsync(i % 2 == 0 ? token.Secret() : second, Totals)).Is(200);

        (await Node.GetWithAsync(token.Secret(), Totals)).Is(429);
        (await Node.GetWithAsync(second, Totals)).Is(429);
        using var other = await NewClientAsync(new { name = "other", advertisers = "all" });
        (await other.GetAnswerAsync(Totals)).Is(200);
    }

    [Fact]
    public async Task What_is_refused_asks_the_database_nothing()
    {
        using var client = await NewClientAsync(new { name = "limited", advertisers = "all" });
        for (var i = 0; i < 8; i++)
            (await client.GetAnswerAsync("/contact_interactions/1")).Is(404);
        var before = Statements();
        Assert.True(before > 0);

        for (var i = 0; i < 20; i++)
            (await client.GetAnswerAsync("/contact_interactions/1")).Is(429);

        Assert.Equal(before, Statements());

        int Statements() => Node.LogLines.Count(l => l.Contains("interactions.interactions", StringComparison.Ordinal));
    }

    [Fact]
    public async Task By_default_it_is_20_a_second_and_40_at_once()
    {
        await using var node = await LipsNode.StartWithAsync(Node.ConnectionString, ("Lips:RateLimit:Burst", ""));
        var token = await node.NewTokenAsync(new { name = "default", advertisers = "all" });

        var answer = (await node.GetWithAsync(token.Secret(), Totals)).Is(200);

        Assert.Equal("\"token\";q=40;w=2", Assert.Single(answer.Headers.GetValues("RateLimit-Policy")));
        Assert.Equal("\"token\";r=39;t=1", Assert.Single(answer.Headers.GetValues("RateLimit")));
    }

    [Fact]
    public async Task What_was_used_comes_back_at_the_rate_and_no_faster()
    {
        const int perSecond = 20;
        const int burst = 5;
        const int more = 15;
        await using var node = await LipsNode.StartWithAsync(
            Node.ConnectionString, ("Lips:RateLimit:PerSecond", $"{perSecond}"), ("Lips:RateLimit:Burst", $"{burst}"));
        using var client = node.NewClient((await node.NewTokenAsync(new { name = "steady", advertisers = "all" })).Secret());
        var clock = Stopwatch.StartNew();

        var (admitted, refused) = (0, 0);
        while (admitted < burst + more)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), $"Only {admitted} came in.");
            var status = (await client.GetAnswerAsync("/contact_interactions/1")).Status;
            Assert.Contains(status, (int[])[404, 429]);
            _ = status == 429 ? refused++ : admitted++;
            // The clock began before the bucket did, so no busy machine makes this untrue.
            Assert.True(admitted <= burst + (clock.Elapsed.TotalSeconds * perSecond) + 1, $"{admitted} came in in {clock.Elapsed}.");
        }
    }

    [Fact]
    public void A_limit_is_kept_while_a_token_is_there_or_it_is_not_full_and_then_forgotten()
    {
        var limits = new TokenLimits(Settings(("Lips:RateLimit:PerSecond", "0.001"), ("Lips:RateLimit:Burst", "2")));
        var (used, unused) = (Limited(1), Limited(2));
        var (first, second) = (limits.Of(used)!, limits.Of(unused)!);
        Assert.Null(first.Refuses(new DefaultHttpContext().Response));

        limits.Sweep([second]);
        Assert.Same(first, limits.Of(used));
        Assert.Same(second, limits.Of(unused));

        limits.Sweep([]);
        Assert.Same(first, limits.Of(used));
        Assert.NotSame(second, limits.Of(unused));

        static Token Limited(long id) =>
            new() { Id = id, Name = "", SecretHash = [], Abilities = Ability.Read, Trusted = false, Pii = true, CreatedAt = default };
    }

    [Theory]
    [InlineData("Lips:RateLimit:PerSecond", "0")]
    [InlineData("Lips:RateLimit:PerSecond", "-1")]
    [InlineData("Lips:RateLimit:PerSecond", "many")]
    [InlineData("Lips:RateLimit:PerSecond", "NaN")]
    [InlineData("Lips:RateLimit:Burst", "0")]
    [InlineData("Lips:RateLimit:Burst", "1.5")]
    [InlineData("Lips:AuthenticationFailures:PerMinute", "0")]
    [InlineData("Lips:AuthenticationFailures:Burst", "-3")]
    public async Task A_setting_that_makes_no_sense_is_refused_at_the_start(string name, string value)
    {
        var refused = await Assert.ThrowsAsync<SettingException>(() => LipsNode.StartWithAsync(Node.ConnectionString, (name, value)));

        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
    }

    private static void Says(int left, Answer answer)
    {
        Assert.Equal("\"token\";q=8;w=8000", Assert.Single(answer.Headers.GetValues("RateLimit-Policy")));
        Assert.Equal($"\"token\";r={left};t=1000", Assert.Single(answer.Headers.GetValues("RateLimit")));
    }

    private async Task<HttpClient> NewClientAsync(object token) => Node.NewClient("token " + (await Node.NewTokenAsync(token)).Secret());

    private static IConfiguration Settings(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value))).Build();
}

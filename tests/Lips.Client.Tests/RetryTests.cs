using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Lips.Testing;
using Xunit;

namespace Lips.Client.Tests;

/// <summary>What is sent again, when, and what is not.</summary>
public sealed class RetryTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task A_write_whose_answer_was_lost_is_sent_again_and_not_doubled()
    {
        using var between = new Between(async (attempt, _, send) =>
        {
            var answer = await send();
            return attempt == 1 ? throw new HttpRequestException("The connection broke.") : answer;
        });
        using var lips = fixture.Node.NewLipsClient(between);

        // Without external ids, so that only the key keeps it apart.
        var added = await lips.AddAsync(Clients.Call("USA_11"));

        Assert.Equal(2, between.Attempts);
        Assert.False(added.IsNew);
        Assert.Equal(1, await lips.EventsAsync("USA_11"));
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    public async Task It_waits_as_long_as_the_service_asks(HttpStatusCode status)
    {
        using var between = new Between((attempt, _, send) => attempt == 1 ? Refused(status, TimeSpan.FromSeconds(1)) : send());
        using var lips = fixture.Node.NewLipsClient(between);

        var clock = Stopwatch.StartNew();
        await lips.GetTotalsAsync(InteractionFilter.Of("USA_12"));

        Assert.Equal(2, between.Attempts);
        // At least: its own first pause is a thousandth of it.
        Assert.True(clock.Elapsed >= TimeSpan.FromSeconds(0.9), $"It waited for {clock.Elapsed}.");
    }

    [Fact]
    public async Task A_service_that_asks_for_more_than_the_longest_pause_is_not_asked_again()
    {
        using var between = new Between((_, _, _) => Refused(HttpStatusCode.ServiceUnavailable, TimeSpan.FromMinutes(5)));
        using var lips = fixture.Node.NewLipsClient(between, TimeSpan.FromMinutes(1));

        var refused = await Assert.ThrowsAsync<LipsException>(() => lips.EventsAsync("USA_13"));

        Assert.Equal(1, between.Attempts);
        Assert.True(refused.IsAway);
        Assert.Equal(TimeSpan.FromMinutes(5), refused.RetryAfter);
    }

    [Fact]
    public async Task A_request_that_is_wrong_is_sent_once_and_told_with_its_lines()
    {
        using var between = new Between((_, _, send) => send());
        using var lips = fixture.Node.NewLipsClient(between);

        var refused = await Assert.ThrowsAsync<LipsException>(
            () => lips.GetPageAsync(InteractionFilter.Of("USA_1") with { StartDate = "yesterday" }, perPage: 501));

        Assert.Equal(1, between.Attempts);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Equal(["per_page", "start_date"], refused.Errors.Select(error => error.Attribute).Order(StringComparer.Ordinal));
        Assert.False(refused.IsAway);
    }

    [Fact]
    public async Task A_token_that_is_made_is_not_asked_for_twice()
    {
        using var between = new Between((_, _, _) => Refused(HttpStatusCode.ServiceUnavailable, TimeSpan.Zero));
        using var lips = fixture.Node.NewLipsClient(between);

        await Assert.ThrowsAsync<LipsException>(
            () => lips.CreateTokenAsync(new NewToken { Name = "once", Advertisers = AdvertiserSet.All }));

        Assert.Equal(1, between.Attempts);
    }

    [Fact]
    public async Task An_exception_never_has_the_token()
    {
        using var lips = new LipsClient(new LipsClientOptions
        {
            Address = fixture.Node.Address,
            Token = "a-token-that-nobody-knows",
            Retries = 0,
        });

        var refused = await Assert.ThrowsAsync<LipsException>(() => lips.EventsAsync("USA_1"));

        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
        Assert.DoesNotContain("a-token-that-nobody-knows", refused.ToString(), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> Refused(HttpStatusCode status, TimeSpan wait)
    {
        var answer = new HttpResponseMessage(status);
        answer.Headers.RetryAfter = new RetryConditionHeaderValue(wait);
        return Task.FromResult(answer);
    }
}

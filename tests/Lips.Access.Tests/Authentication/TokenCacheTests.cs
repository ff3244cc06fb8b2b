using System.Diagnostics;
using Lips.Testing;
using Xunit;

namespace Lips.Access.Tests.Authentication;

/// <summary>What requests cost in queries, read from the node's own log of its statements.</summary>
public sealed class TokenCacheTests : IAsyncLifetime
{
    private LipsNode? started;

    private LipsNode Node => started!;

    public async Task InitializeAsync() => started = await LipsNode.StartAsync();

    public Task DisposeAsync() => Node.DisposeAsync().AsTask();

    [Fact]
    public async Task The_requests_of_a_known_token_ask_nothing_and_its_first_ones_share_a_query()
    {
        var token = await Node.NewTokenAsync(new { name = "known", advertisers = "all" });
        var before = Loads();

        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => UseAsync()));
        Assert.Equal(before + 1, Loads());

        // Longer than a token is believed, so what keeps it known is the refresh.
        var refreshes = Refreshes();
        for (var until = DateTime.UtcNow.AddSeconds(7); DateTime.UtcNow < until; await Task.Delay(20))
            await UseAsync();
        // One more for a machine so busy that the refresh came too late; without it there would be a load every few seconds.
        Assert.InRange(Loads(), before + 1, before + 2);
        Assert.True(Refreshes() > refreshes + 1);

        async Task UseAsync() => (await Node.GetWithAsync(token.Secret(), TokenUses.List)).Is(200);
    }

    [Fact]
    public async Task A_token_that_is_unknown_costs_one_query_and_is_not_kept()
    {
        var before = Loads();
        for (var i = 1; i <= 3; i++)
        {
            (await Node.GetWithAsync("nobody's", TokenUses.List)).Is(401);
            Assert.Equal(before + i, Loads());
        }
    }

    [Fact]
    public async Task The_uses_of_many_tokens_are_noted_by_one_statement()
    {
        var tokens = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => Node.NewTokenAsync(new { name = $"many {i}", advertisers = "all" })));
        var before = Statements("SET last_used_at");
        var clock = Stopwatch.StartNew();
        foreach (var token in tokens)
            (await Node.GetWithAsync(token.Secret(), TokenUses.List)).Is(200);

        var noted = 0;
        for (var patience = DateTime.UtcNow.AddSeconds(30); noted < tokens.Length; await Task.Delay(100))
        {
            Assert.True(DateTime.UtcNow < patience, $"Only {noted} were noted.");
            var listed = (await Node.Client.GetAnswerAsync("/tokens")).Is(200).Json["tokens"]!.AsArray();
            noted = listed.Count(t => ((string)t!["name"]!).StartsWith("many", StringComparison.Ordinal) && t["last_used_at"] is not null);
        }

        // At most one statement every two seconds, whatever was used; one more for each end of the time.
        var most = (int)(clock.Elapsed.TotalSeconds / 2) + 2;
        Assert.InRange(Statements("SET last_used_at") - before, 1, most);
    }

    [Fact]
    public async Task What_a_token_allows_is_what_the_database_says_also_after_a_change_by_hand()
    {
        var token = await Node.NewTokenAsync(new { name = "narrowed", advertisers = "all" });
        (await Node.GetWithAsync(token.Secret(), TokenUses.List)).Is(200);

        await TestPostgres.ExecuteAsync(Node.ConnectionString, $"UPDATE access.tokens SET advertisers = '{{}}' WHERE id = {token.Id()}");

        Answer answer;
        for (var patience = DateTime.UtcNow.AddSeconds(30);
            (answer = await Node.GetWithAsync(token.Secret(), TokenUses.List)).Status == 200;
            await Task.Delay(50))
            Assert.True(DateTime.UtcNow < patience);
        answer.Is(403);

        await TestPostgres.ExecuteAsync(Node.ConnectionString, $"DELETE FROM access.tokens WHERE id = {token.Id()}");
        Assert.NotNull(await RefusedAsync(token.Secret()));
    }

    private async Task<TimeSpan?> RefusedAsync(string secret)
    {
        var started = DateTime.UtcNow;
        for (; DateTime.UtcNow - started < TimeSpan.FromSeconds(30); await Task.Delay(50))
        {
            if ((await Node.GetWithAsync(secret, TokenUses.List)).Status == 401)
                return DateTime.UtcNow - started;
        }

        return null;
    }

    private int Loads() => Statements("WHERE t.secret_hash =");

    private int Refreshes() => Statements("t.xmin IS DISTINCT FROM");

    private int Statements(string words) =>
        Node.LogLines.Count(l => l.Contains("access.tokens", StringComparison.Ordinal) && l.Contains(words, StringComparison.Ordinal));
}

using System.Globalization;
using Lips.Testing;
using Xunit;

namespace Lips.Access.Tests.Tokens;

public sealed class TokenLifeTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly LipsNode node = fixture.Node;

    [Fact]
    public async Task A_revoked_token_is_refused_here_at_once_and_on_another_node_within_5_seconds()
    {
        await using var second = await LipsNode.StartAsync(node.ConnectionString);
        var token = await node.NewTokenAsync(new { name = "revoked", advertisers = "all" });
        (await node.GetWithAsync(token.Secret(), TokenUses.List)).Is(200);
        (await second.GetWithAsync(token.Secret(), TokenUses.List)).Is(200);

        Assert.Empty((await node.RevokeAsync(token.Id())).Is(200).Body);

        (await node.GetWithAsync(token.Secret(), TokenUses.List)).Is(401);
        var elsewhere = await second.UntilRefusedAsync(token.Secret());
        Assert.True(elsewhere < TimeSpan.FromSeconds(5), $"It took {elsewhere}.");
        Assert.NotNull((string?)(await second.ListedAsync(token.Id()))["revoked_at"]);
    }

    [Fact]
    public async Task Revoking_twice_keeps_the_time_of_the_first()
    {
        var token = await node.NewTokenAsync(new { name = "twice", advertisers = "all" });
        (await node.RevokeAsync(token.Id())).Is(200);
        var first = (await node.ListedAsync(token.Id()))["revoked_at"]!.ToJsonString();
        await Task.Delay(5);

        Assert.Empty((await node.RevokeAsync(token.Id())).Is(200).Body);

        Assert.Equal(first, (await node.ListedAsync(token.Id()))["revoked_at"]!.ToJsonString());
    }

    [Theory]
    [Each("999999999", "x", "0", "-1", "99999999999999999999")]
    public async Task Revoking_what_is_not_there_is_not_found(string id) =>
        (await node.Client.SendAsync(HttpMethod.Delete, "/tokens/" + id)).Is(404);

    [Fact]
    public async Task A_token_is_refused_from_the_moment_it_expires()
    {
        var expires = DateTime.UtcNow.AddSeconds(2);
        var token = await node.NewTokenAsync(
            new { name = "short", advertisers = "all", expires_at = expires.ToString("O", CultureInfo.InvariantCulture) });

        (await node.GetWithAsync(token.Secret(), TokenUses.List)).Is(200);
        var refused = await node.UntilRefusedAsync(token.Secret());

        Assert.True(
            refused is not null && DateTime.UtcNow >= expires.AddMilliseconds(-2) && DateTime.UtcNow < expires.AddSeconds(2),
            $"It took {refused}.");
    }

    [Fact]
    public async Task The_last_use_is_noted_to_the_minute()
    {
        await using var second = await LipsNode.StartAsync(node.ConnectionString);
        var token = await node.NewTokenAsync(new { name = "used", advertisers = "all" });
        Assert.Null((await node.ListedAsync(token.Id()))["last_used_at"]);

        var before = Minute(DateTime.UtcNow);
        (await node.GetWithAsync(token.Secret(), TokenUses.List)).Is(200);

        await IsNotedAsync();
        // A later use moves it on, through whichever node; an earlier minute never takes it back.
        await TestPostgres.ExecuteAsync(
            node.ConnectionString, $"UPDATE access.tokens SET last_used_at = last_used_at - interval '1 hour' WHERE id = {token.Id()}");
        (await second.GetWithAsync(token.Secret(), TokenUses.List)).Is(200);
        await IsNotedAsync();

        // Uses are written down for all tokens at once, every two seconds.
        async Task IsNotedAsync()
        {
            DateTime? noted = null;
            for (var patience = DateTime.UtcNow.AddSeconds(30); noted is null || noted < before; await Task.Delay(100))
            {
                Assert.True(DateTime.UtcNow < patience, $"The last use is {noted}.");
                noted = await LastUseAsync(token.Id());
            }

            Assert.Contains(noted.Value, (DateTime[])[before, Minute(DateTime.UtcNow)]);
        }
    }

    [Fact]
    public async Task A_use_that_is_refused_is_no_use()
    {
        var token = await node.NewTokenAsync(new { name = "unused", advertisers = "all" });
        (await node.RevokeAsync(token.Id())).Is(200);

        (await node.GetWithAsync(token.Secret(), TokenUses.List)).Is(401);

        Assert.Null((await node.ListedAsync(token.Id()))["last_used_at"]);
    }

    private async Task<DateTime?> LastUseAsync(long id) => (await node.ListedAsync(id))["last_used_at"]?.GetValue<DateTime>();

    private static DateTime Minute(DateTime time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMinute), DateTimeKind.Utc);
}

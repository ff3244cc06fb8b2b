using Lips.Testing;
using Xunit;

namespace Lips.Access.Tests.Tokens;

/// <summary><c>GET /tokens/self</c> (contract section 11).</summary>
public sealed class OwnTokenTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task A_token_is_told_what_it_may_do_and_no_secret()
    {
        var made = await fixture.Node.NewTokenAsync(
            new { name = "ada", advertisers = new[] { "USA_1" }, abilities = new[] { "ingest" }, pii = false });
        using var ada = fixture.Node.NewClient("token " + made.Secret());

        var own = (await ada.GetAnswerAsync("/tokens/self")).Is(200);

        foreach (var name in new[] { "id", "name", "advertisers", "abilities", "trusted", "pii", "expires_at", "created_at" })
            Assert.Equal(made[name]?.ToJsonString(), own.Json["token"]![name]?.ToJsonString());
        Assert.DoesNotContain(made.Secret(), own.Body, StringComparison.Ordinal);
        Assert.Null(own.Json["token"]!["secret"]);
    }

    [Fact]
    public async Task A_partner_is_told_403_and_nobody_401()
    {
        using var partner = await fixture.Node.NewPartnerAsync();
        using var nobody = fixture.Node.NewClient(null);

        Assert.Equal("profile", (string)(await partner.GetAnswerAsync("/tokens/self")).Is(403).Json["reason"]!);
        (await nobody.GetAnswerAsync("/tokens/self")).Is(401);
    }
}

using Lips.Testing;
using Xunit;

namespace Lips.Access.Tests.Tokens;

public sealed class CreateTokenTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly LipsNode node = fixture.Node;

    [Fact]
    public async Task A_token_shows_its_secret_and_key_once_and_the_list_never()
    {
        var answer = (await node.Client.PostAsync("/tokens", new
        {
            token = new
            {
                name = "zapier",
                advertisers = new[] { "USA_2", "USA_1", "USA_2" },
                abilities = new[] { "ingest", "read" },
                trusted = true,
                pii = false,
                expires_at = "2999-01-02T03:04:05.6789Z",
                api_key = true,
            },
        })).Is(201);

        var token = answer.Json["token"]!.AsObject();
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        Assert.InRange(token["created_at"]!.GetValue<DateTime>(), DateTime.UtcNow.AddMinutes(-1), DateTime.UtcNow);
        Assert.True(token.Secret().Length >= 43 && ((string)token["api_key"]!).Length >= 43, answer.Body);
        var listed = (await node.ListedAsync(token.Id())).AsObject();
        var secret = token.Secret();
        var key = (string)token["api_key"]!;
        token.Remove("secret");
        token.Remove("api_key");
        Assert.Equal(token.ToJsonString(), listed.ToJsonString());
        Assert.Equal(
            $$"""{"id":{{token.Id()}},"name":"zapier","advertisers":["USA_1","USA_2"],"abilities":"""
            + $$"""["read","ingest"],"trusted":true,"pii":false,"expires_at":"""
            + $$""" "2999-01-02T03:04:05.678Z","created_at":"{{listed["created_at"]}}","last_used_at":null,"revoked_at":null,""".TrimStart()
            + $$""" "secrets":[{"id":1,"created_at":"{{listed["created_at"]}}"}]}""".TrimStart(),
            listed.ToJsonString());
        var list = (await node.Client.GetAnswerAsync("/tokens")).Body;
        Assert.DoesNotContain(secret, list, StringComparison.Ordinal);
        Assert.DoesNotContain(key, list, StringComparison.Ordinal);
        Assert.DoesNotContain("hash", list, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_given_has_its_default()
    {
        var token = await node.NewTokenAsync(new { name = "least", advertisers = "all" });

        Assert.Equal(
            $$"""{"id":{{token.Id()}},"name":"least","advertisers":"all","abilities":["read"],"trusted":false,"pii":true,"expires_at":"""
            + $$"""null,"created_at":"{{token["created_at"]}}","last_used_at":null,"revoked_at":null,"secrets":"""
            + $$"""[{"id":1,"created_at":"{{token["created_at"]}}"}],"secret":"{{token.Secret()}}","api_key":null}""",
            token.ToJsonString());
    }

    [Fact]
    public async Task Only_hashes_are_stored()
    {
        var token = await node.NewTokenAsync(new { name = "hashed", advertisers = "all", api_key = true });

        var row = await fixture.ScalarAsync<string>(
            "SELECT t::text || encode(secret_hash, 'escape') || encode(api_key_hash, "
                + $"'escape') FROM access.tokens t WHERE id = {token.Id()}");

        foreach (var secret in (string[])[token.Secret(), (string)token["api_key"]!])
        {
            Assert.DoesNotContain(secret, row, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(secret)), row, StringComparison.Ordinal);
        }

        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(token.Secret()))),
            await fixture.ScalarAsync<string>($"SELECT encode(secret_hash, 'hex') FROM access.tokens WHERE id = {token.Id()}"));
    }

    [Fact]
    public async Task No_two_secrets_are_the_same()
    {
        var secrets = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 10; i++)
            Assert.True(secrets.Add((await node.NewTokenAsync(new { name = "same", advertisers = "all" })).Secret()));
    }

    [Theory]
    [InlineData("""{"token": {}}""", "name", "advertisers")]
    [InlineData(
        """{"token": {"name": " ", "advertisers": [], "abilities": [], "trusted": 1, "pii": "no", "expires_at": "soon", "api_key": "k"}}""",
        "name", "advertisers", "abilities", "api_key", "trusted", "pii", "expires_at")]
    [InlineData("""{"token": {"name": "x", "advertisers": "ALL"}}""", "advertisers")]
    [InlineData("""{"token": {"name": "x", "advertisers": ["USA_1", "usa_2"]}}""", "advertisers")]
    [InlineData("""{"token": {"name": "x", "advertisers": [1]}}""", "advertisers")]
    [InlineData("""{"token": {"name": "x", "advertisers": "\ud800"}}""", "advertisers")]
    [InlineData("""{"token": {"name": "x", "advertisers": "al\ud800"}}""", "advertisers")]
    [InlineData("""{"token": {"name": "x", "advertisers": "all", "abilities": ["read", "fly"]}}""", "abilities")]
    [InlineData("""{"token": {"name": "x", "advertisers": "all", "abilities": ["\ud800"]}}""", "abilities")]
    [InlineData("""{"token": {"name": "x", "advertisers": "all", "abilities": "read"}}""", "abilities")]
    [InlineData("""{"token": {"name": "x\u0000", "advertisers": "all"}}""", "name")]
    [InlineData("""{"token": {"name": "x", "advertisers": "all", "expires_at": "2021-01-01"}}""", "expires_at")]
    [InlineData("""{"name": "x", "advertisers": "all"}""", "token")]
    [InlineData("[]", "token")]
    public async Task All_that_is_wrong_is_said_at_once(string body, params string[] attributes) =>
        Assert.Equal(
            attributes.Order(StringComparer.Ordinal),
            (await node.Client.SendAsync(HttpMethod.Post, "/tokens", body)).Is(422).Attributes.Order(StringComparer.Ordinal));
}

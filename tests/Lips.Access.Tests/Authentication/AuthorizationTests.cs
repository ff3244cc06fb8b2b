using Lips.Testing;
using Xunit;

namespace Lips.Access.Tests.Authentication;

public sealed class AuthorizationTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly LipsNode node = fixture.Node;

    [Theory]
    [Each("token {0}", "Token {0}", "Bearer {0}", "bearer  {0}", "{0}", "Token token=\"{0}\"", "token TOKEN=\"{0}\"",
        "Bearer token=\"{0}\"")]
    public async Task Every_form_of_the_header_is_accepted(string form)
    {
        var token = await node.NewTokenAsync(new { name = "form", advertisers = "all" });

        (await node.GetWithAsync(form.Replace("{0}", token.Secret(), StringComparison.Ordinal), TokenUses.List)).Is(200);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("token")]
    [InlineData("token wrong")]
    [InlineData("Bearer wrong")]
    [InlineData("wrong")]
    [InlineData("Basic {0}")]
    [InlineData("token {0} x")]
    [InlineData("token {0}x")]
    [InlineData("token=\"{0}\"")]
    public async Task Without_a_valid_credential_nothing_is_answered(string? form)
    {
        var token = await node.NewTokenAsync(new { name = "form", advertisers = "all" });

        var answer = (await node.GetWithAsync(form?.Replace("{0}", token.Secret(), StringComparison.Ordinal), TokenUses.List)).Is(401);

        Assert.Equal("unauthorized", (string?)answer.Json["name"]);
        Assert.StartsWith("Bearer ", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_credentials_are_none() =>
        Assert.Equal("unauthorized", (string?)(await RawHttp.SendAsync(
            node.Address, "GET", TokenUses.List, [("Authorization", "token wrong"), ("Authorization", "token " + LipsNode.AdminToken)]))
                .Is(401).Json["name"]);

    [Fact]
    public async Task A_secret_of_any_length_is_refused() =>
        (await node.GetWithAsync("token " + new string('x', 5_000), TokenUses.List)).Is(401);

    [Fact]
    public async Task The_secret_may_not_be_the_key_or_a_hash()
    {
        var token = await node.NewTokenAsync(new { name = "keyed", advertisers = "all", api_key = true });
        var hash = await fixture.ScalarAsync<string>($"SELECT encode(secret_hash, 'hex') FROM access.tokens WHERE id = {token.Id()}");

        (await node.GetWithAsync("token " + (string)token["api_key"]!, TokenUses.List)).Is(401);
        (await node.GetWithAsync("token " + hash, TokenUses.List)).Is(401);
    }

    [Fact]
    public async Task A_key_that_is_not_the_tokens_own_is_refused()
    {
        var token = await node.NewTokenAsync(new { name = "keyed", advertisers = "all", api_key = true });
        var other = await node.NewTokenAsync(new { name = "keyed too", advertisers = "all", api_key = true });
        var keyless = await node.NewTokenAsync(new { name = "keyless", advertisers = "all" });

        (await node.GetWithAsync(token.Secret(), TokenUses.List, ("x-api-key", "unknown"))).Is(401);
        (await node.GetWithAsync(token.Secret(), TokenUses.List, ("x-api-key", ""))).Is(401);
        (await node.GetWithAsync(token.Secret(), TokenUses.List, ("x-api-key", (string)other["api_key"]!))).Is(401);
        (await node.GetWithAsync(token.Secret(), TokenUses.List, ("x-api-key", token.Secret()))).Is(401);
        (await node.GetWithAsync(
            token.Secret(), TokenUses.List, ("x-api-key", (string)token["api_key"]!), ("x-api-key", (string)token["api_key"]!))).Is(401);
        (await node.GetWithAsync(keyless.Secret(), TokenUses.List, ("x-api-key", (string)token["api_key"]!))).Is(401);
    }

    [Fact]
    public async Task The_tokens_own_key_chooses_the_partner_profile_for_that_request_alone()
    {
        var token = await node.NewTokenAsync(
            new { name = "keyed", advertisers = "all", abilities = new[] { "read", "admin" }, api_key = true });
        var key = ("x-api-key", (string)token["api_key"]!);

        Assert.Null((await node.GetWithAsync(token.Secret(), TokenUses.List, key)).Is(200).Json["totals"]);
        Assert.NotNull((await node.GetWithAsync(token.Secret(), TokenUses.List)).Is(200).Json["totals"]);
        (await node.GetWithAsync(token.Secret(), "/tokens", key)).Is(403);
        (await node.GetWithAsync(token.Secret(), "/tokens")).Is(200);
    }

    [Fact]
    public async Task An_advertiser_outside_the_tokens_set_is_refused_when_named_and_unknown_by_id()
    {
        var (mine, theirs) = (await NewAsync("USA_1"), await NewAsync("USA_3"));
        using var client = await node.NewCallerAsync(new[] { "USA_1", "CAN_1" }, ["read", "write", "ingest"]);

        Assert.Equal([mine], (await client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_1,CAN_1")).Is(200).Ids);
        foreach (var advertisers in (string[])["USA_3", "USA_1,USA_3", "USA_1&global_master_advertiser_id=USA_3"])
        {
            foreach (var path in (string[])["/contact_interactions", "/contact_interactions/totals"])
                (await client.GetAnswerAsync($"{path}?global_master_advertiser_id={advertisers}")).Is(403);
        }

        (await client.PostAsync("/contact_interactions", new { contact_interaction = Of("USA_3") })).Is(403);
        var unknown = (await client.GetAnswerAsync("/contact_interactions/999999999")).Is(404).Body;
        Assert.Equal(unknown, (await client.GetAnswerAsync($"/contact_interactions/{theirs}")).Is(404).Body);
        var update = new { contact_interaction = new { read = true } };
        (await client.SendAsync(HttpMethod.Put, $"/contact_interactions/{theirs}", update)).Is(404);
        (await client.SendAsync(HttpMethod.Patch, $"/contact_interactions/{theirs}", update)).Is(404);
        (await client.ArchiveAsync(theirs)).Is(404);
        (await client.UnarchiveAsync(theirs)).Is(404);
        (await client.GetAnswerAsync($"/contact_interactions/{mine}")).Is(200);
        var untouched = (await node.Client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_3")).Is(200);
        Assert.Equal([theirs], untouched.Ids);
        Assert.Equal(1, (int)untouched.Json["unread"]!["events"]!);

        static object Of(string advertiser) =>
            new { global_master_advertiser_id = advertiser, event_type = "call", occurred_at = "2021-09-06" };

        async Task<long> NewAsync(string advertiser) => (await node.Client.IngestAsync(Of(advertiser))).Id();
    }

    [Theory]
    [InlineData("read", 200, 403, 403, 403)]
    [InlineData("write", 403, 404, 403, 403)]
    [InlineData("ingest", 403, 403, 422, 403)]
    [InlineData("admin", 403, 403, 403, 200)]
    public async Task Each_ability_allows_its_own_and_no_more(string ability, int list, int delete, int post, int tokens)
    {
        var token = await node.NewTokenAsync(new { name = ability, advertisers = "all", abilities = new[] { ability } });
        using var client = node.NewClient(token.Secret());

        (await client.GetAnswerAsync(TokenUses.List)).Is(list);
        (await client.SendAsync(HttpMethod.Delete, "/contact_interactions/999999999")).Is(delete);
        (await client.PostAsync("/contact_interactions", new { })).Is(post);
        (await client.GetAnswerAsync("/tokens")).Is(tokens);
    }
}

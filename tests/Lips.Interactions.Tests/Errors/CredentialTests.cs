using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Errors;

public sealed class CredentialTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private static readonly (string Method, string Target)[] Endpoints =
    [
        ("GET", "/contact_interactions?global_master_advertiser_id=USA_1"),
        ("GET", "/contact_interactions/totals?global_master_advertiser_id=USA_1"),
        ("GET", "/contact_interactions/1"),
        ("POST", "/contact_interactions"),
        ("POST", "/contact_interactions/bulk"),
        ("PUT", "/contact_interactions/1"),
        ("PATCH", "/contact_interactions/1"),
        ("DELETE", "/contact_interactions/1"),
        ("DELETE", "/contacts_interactions/1"),
        ("PUT", "/contact_interactions/1/unarchive"),
        ("PUT", "/contacts_interactions/1/unarchive"),
        ("GET", "/tokens"),
        ("POST", "/tokens"),
        ("DELETE", "/tokens/1"),
    ];

    [Theory]
    [InlineData(null)]
    [InlineData("token")]
    [InlineData("token wrong")]
    [InlineData("Bearer wrong")]
    [InlineData("wrong")]
    [InlineData("Basic dXNlcjpwYXNz")]
    [InlineData("token " + LipsNode.AdminToken + "x")]
    [InlineData("token " + LipsNode.AdminToken + " x")]
    public async Task Without_a_valid_credential_every_endpoint_answers_401(string? authorization)
    {
        foreach (var (method, target) in Endpoints)
        {
            var answer = await RawHttp.SendAsync(
                fixture.Node.Address, method, target, authorization is null ? [] : [("Authorization", authorization)]);

            answer.IsError(401, "unauthorized");
            Assert.StartsWith("Bearer ", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("token ")]
    [InlineData("Token ")]
    [InlineData("Bearer ")]
    [InlineData("bearer  ")]
    [InlineData("")]
    public async Task A_token_is_taken_in_each_documented_form(string scheme)
    {
        var token = await fixture.Node.NewSecretAsync();

        (await RawHttp.SendAsync(
            fixture.Node.Address, "GET", "/contact_interactions?global_master_advertiser_id=USA_1",
            [("Authorization", scheme + token)])).Is(200);
    }

    [Fact]
    public async Task Two_credentials_are_none()
    {
        var answer = await RawHttp.SendAsync(
            fixture.Node.Address, "GET", "/contact_interactions?global_master_advertiser_id=USA_1",
            [("Authorization", "token wrong"), ("Authorization", "token " + LipsNode.AdminToken)]);

        answer.IsError(401, "unauthorized");
    }

    [Theory]
    [InlineData("read", "GET")]
    [InlineData("write", "PUT PATCH DELETE")]
    [InlineData("ingest", "POST")]
    public async Task An_ability_opens_its_endpoints_and_no_others(string ability, string methods)
    {
        var token = await fixture.Node.NewSecretAsync(abilities: [ability]);
        foreach (var (method, target) in Endpoints)
        {
            var answer = await RawHttp.SendAsync(fixture.Node.Address, method, target, [("Authorization", "token " + token)]);

            if (!target.StartsWith("/tokens", StringComparison.Ordinal) && methods.Split(' ').Contains(method))
                Assert.False(answer.Status is 401 or 403, $"{method} {target}: {answer.Body}");
            else
                answer.IsError(403, "not_authorized", "You are not permitted to perform this action.");
        }
    }

    [Fact]
    public async Task Another_advertiser_is_403_where_it_is_named_and_404_where_its_record_is()
    {
        var mine = await fixture.Client.NewAsync("USA_1");
        var theirs = await fixture.Client.NewAsync("USA_2");
        using var caller = await fixture.Node
            .NewCallerAsync(advertisers: new[] { "USA_1", "CAN_1" }, abilities: ["read", "write", "ingest"]);

        Assert.Equal([mine], await caller.FoundAsync("global_master_advertiser_id=USA_1,CAN_1"));
        foreach (var advertisers in (string[])["USA_2", "USA_1,USA_2", "USA_1&global_master_advertiser_id=USA_2"])
        {
            (await caller.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=" + advertisers))
                .IsError(403, "not_authorized");
            (await caller.GetAnswerAsync("/contact_interactions/totals?global_master_advertiser_id=" + advertisers))
                .IsError(403, "not_authorized");
        }

        (await caller.PostAsync("/contact_interactions", new { contact_interaction = Make.Interaction("USA_2") }))
            .IsError(403, "not_authorized");
        var missing = (await caller.GetAnswerAsync("/contact_interactions/987654321")).IsError(404, "not_found").Body;
        Assert.Equal(missing, (await caller.GetAnswerAsync($"/contact_interactions/{theirs}")).IsError(404, "not_found").Body);
        var update = new { contact_interaction = new { read = true } };
        (await caller.SendAsync(HttpMethod.Put, $"/contact_interactions/{theirs}", update)).IsError(404, "not_found");
        (await caller.SendAsync(HttpMethod.Patch, $"/contact_interactions/{theirs}", update)).IsError(404, "not_found");
        (await caller.SendAsync(HttpMethod.Delete, $"/contact_interactions/{theirs}")).IsError(404, "not_found");
        (await caller.SendAsync(HttpMethod.Put, $"/contact_interactions/{theirs}/unarchive")).IsError(404, "not_found");
        (await caller.GetAnswerAsync($"/contact_interactions/{mine}")).Is(200);
        var untouched = (await fixture.Client.GetAnswerAsync($"/contact_interactions/{theirs}")).Is(200).Json;
        Assert.Equal((false, null), ((bool)untouched["read"]!, (string?)untouched["archived_at"]));
    }
}

using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Access.Tests.Tokens;

public sealed class RotationTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly LipsNode node = fixture.Node;

    [Fact]
    public async Task A_second_secret_works_beside_the_first_and_the_first_is_refused_once_it_is_ended()
    {
        await using var second = await LipsNode.StartAsync(node.ConnectionString);
        var token = await node.NewTokenAsync(new { name = "rotated", advertisers = "all" });
        var added = await AddAsync(node, token.Id());
        Assert.NotEqual(token.Secret(), added.Secret());
        foreach (var each in new[] { node, second })
        {
            (await each.GetWithAsync(token.Secret(), TokenUses.List)).Is(200);
            (await each.GetWithAsync(added.Secret(), TokenUses.List)).Is(200);
        }

        Assert.Empty((await EndAsync(token.Id(), 1)).Is(200).Body);

        (await node.GetWithAsync(token.Secret(), TokenUses.List)).Is(401);
        var elsewhere = await second.UntilRefusedAsync(token.Secret());
        Assert.True(elsewhere < TimeSpan.FromSeconds(5), $"It took {elsewhere}.");
        foreach (var each in new[] { node, second })
            (await each.GetWithAsync(added.Secret(), TokenUses.List)).Is(200);
    }

    [Fact]
    public async Task The_second_can_be_ended_as_well_and_no_id_is_given_twice()
    {
        var token = await node.NewTokenAsync(new { name = "taken back", advertisers = "all" });
        var second = await AddAsync(node, token.Id());
        (await node.GetWithAsync(second.Secret(), TokenUses.List)).Is(200);

        (await EndAsync(token.Id(), 2)).Is(200);

        (await node.GetWithAsync(second.Secret(), TokenUses.List)).Is(401);
        (await node.GetWithAsync(token.Secret(), TokenUses.List)).Is(200);
        var third = await AddAsync(node, token.Id());
        Assert.Equal([1, 3], Ids(third));
        // Sent again, late: it ends nothing else.
        (await EndAsync(token.Id(), 2)).Is(200);
        (await node.GetWithAsync(third.Secret(), TokenUses.List)).Is(200);
        (await EndAsync(token.Id(), 1)).Is(200);
        Assert.Equal([3], Ids(await node.ListedAsync(token.Id())));
        Assert.Equal([3, 4], Ids(await AddAsync(node, token.Id())));
    }

    [Fact]
    public async Task A_token_has_two_secrets_at_most_and_one_at_least()
    {
        var token = await node.NewTokenAsync(new { name = "few", advertisers = "all" });
        Assert.Equal(["secret_id"], (await EndAsync(token.Id(), 1)).Is(422).Attributes);

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => node.Client.SendAsync(HttpMethod.Post, $"/tokens/{token.Id()}/secrets")));
        var added = Assert.Single(answers, a => a.Status == 201);
        Assert.All(answers.Where(a => a != added), a => Assert.Equal(["secrets"], a.Is(422).Attributes));

        var ended = await Task.WhenAll(EndAsync(token.Id(), 1), EndAsync(token.Id(), 2));
        Assert.Equal([200, 422], ended.Select(a => a.Status).Order());
        Assert.Single(Ids(await node.ListedAsync(token.Id())));
    }

    [Fact]
    public async Task Secrets_are_listed_with_their_times_and_never_shown_again()
    {
        var token = await node.NewTokenAsync(new { name = "listed", advertisers = "all" });
        var added = await AddAsync(node, token.Id());

        var list = (await node.Client.GetAnswerAsync("/tokens")).Is(200).Body;
        var listed = (await node.ListedAsync(token.Id()))["secrets"]!.AsArray();

        Assert.DoesNotContain(token.Secret(), list, StringComparison.Ordinal);
        Assert.DoesNotContain(added.Secret(), list, StringComparison.Ordinal);
        Assert.Equal(["id", "created_at"], listed[0]!.AsObject().Select(p => p.Key));
        Assert.Equal((string)token["created_at"]!, (string)listed[0]!["created_at"]!);
        Assert.True(string.CompareOrdinal((string)listed[1]!["created_at"]!, (string)listed[0]!["created_at"]!) >= 0);
        Assert.Equal(0L, await fixture.ScalarAsync<long>($"SELECT count(*) FROM access.tokens t WHERE t::text LIKE '%{added.Secret()}%'"));
    }

    [Fact]
    public async Task A_stream_ends_with_the_secret_that_it_was_opened_with_and_not_with_the_other()
    {
        var token = await node.NewTokenAsync(new { name = "streams", advertisers = "all" });
        var added = await AddAsync(node, token.Id());
        using var oldClient = node.NewClient(token.Secret());
        using var newClient = node.NewClient(added.Secret());
        await using var old = await EventStream.OpenAsync(
            oldClient, "/contact_interactions/totals/stream?global_master_advertiser_id=USA_77");
        await using var kept = await EventStream.OpenAsync(
            newClient, "/contact_interactions/totals/stream?global_master_advertiser_id=USA_77");
        Assert.NotNull(await old.NextBlockAsync());
        Assert.NotNull(await kept.NextBlockAsync());

        (await EndAsync(token.Id(), 1)).Is(200);

        Assert.Null(await old.NextBlockAsync());
        await node.Client.IngestAsync(new { global_master_advertiser_id = "USA_77", event_type = "call", occurred_at = "2021-09-06" });
        Assert.Contains("\"events\":1", await kept.NextBlockAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_secrets_in_use_go_on_after_the_token_was_read_again()
    {
        var token = await node.NewTokenAsync(new { name = "before", advertisers = "all" });
        var added = await AddAsync(node, token.Id());
        (await node.GetWithAsync(token.Secret(), TokenUses.List)).Is(200);
        (await node.GetWithAsync(added.Secret(), TokenUses.List)).Is(200);
        var before = Loads();

        await TestPostgres.ExecuteAsync(node.ConnectionString, $"UPDATE access.tokens SET name = 'after' WHERE id = {token.Id()}");
        for (var until = DateTime.UtcNow.AddSeconds(6); DateTime.UtcNow < until; await Task.Delay(100))
        {
            (await node.GetWithAsync(token.Secret(), TokenUses.List)).Is(200);
            (await node.GetWithAsync(added.Secret(), TokenUses.List)).Is(200);
        }

        // Refreshed and not loaded anew; two more for a machine so busy that a refresh came too late.
        Assert.InRange(Loads(), before, before + 2);

        int Loads() => node.LogLines.Count(l => l.Contains("WHERE t.secret_hash =", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_that_is_not_valid_gets_no_secret()
    {
        var revoked = await node.NewTokenAsync(new { name = "revoked", advertisers = "all" });
        (await node.RevokeAsync(revoked.Id())).Is(200);
        Assert.Equal(["revoked_at"], (await node.Client.SendAsync(HttpMethod.Post, $"/tokens/{revoked.Id()}/secrets")).Is(422).Attributes);

        var expired = await node.NewTokenAsync(new { name = "expired", advertisers = "all" });
        await TestPostgres.ExecuteAsync(
            node.ConnectionString, $"UPDATE access.tokens SET expires_at = now() - interval '1 day' WHERE id = {expired.Id()}");
        Assert.Equal(["expires_at"], (await node.Client.SendAsync(HttpMethod.Post, $"/tokens/{expired.Id()}/secrets")).Is(422).Attributes);
    }

    [Fact]
    public async Task Revoking_a_token_ends_both_secrets()
    {
        var token = await node.NewTokenAsync(new { name = "revoked", advertisers = "all" });
        var added = await AddAsync(node, token.Id());
        (await node.GetWithAsync(added.Secret(), TokenUses.List)).Is(200);

        (await node.RevokeAsync(token.Id())).Is(200);

        (await node.GetWithAsync(token.Secret(), TokenUses.List)).Is(401);
        (await node.GetWithAsync(added.Secret(), TokenUses.List)).Is(401);
    }

    [Theory]
    [InlineData("POST", "/tokens/999999999/secrets")]
    [InlineData("POST", "/tokens/x/secrets")]
    [InlineData("DELETE", "/tokens/999999999/secrets/1")]
    [InlineData("DELETE", "/tokens/1/secrets/2")]
    [InlineData("DELETE", "/tokens/1/secrets/0")]
    [InlineData("DELETE", "/tokens/1/secrets/first")]
    [InlineData("DELETE", "/tokens/1/secrets/99999999999999999999")]
    public async Task What_is_not_there_is_not_found(string method, string address) =>
        (await node.Client.SendAsync(new HttpMethod(method), address)).Is(404);

    [Fact]
    public async Task The_admin_token_is_rotated_like_any_other_and_a_start_with_its_setting_does_not_bring_the_old_secret_back()
    {
        await using var first = await LipsNode.StartAsync();
        var id = (long)(await first.Client.GetAnswerAsync("/tokens")).Is(200).Json["tokens"]![0]!["id"]!;
        var secret = (await AddAsync(first, id)).Secret();
        (await first.GetWithAsync(secret, "/tokens")).Is(200);
        using var rotated = first.NewClient(secret);
        (await rotated.SendAsync(HttpMethod.Delete, $"/tokens/{id}/secrets/1")).Is(200);

        await using var again = await LipsNode.StartAsync(first.ConnectionString);

        (await again.Client.GetAnswerAsync("/tokens")).Is(401);
        (await again.GetWithAsync(secret, "/tokens")).Is(200);
    }

    [Fact]
    public async Task A_revoked_admin_token_stays_revoked_when_a_node_starts_with_its_setting_and_another_setting_takes_its_place()
    {
        await using var first = await LipsNode.StartAsync();
        var admin = await first.NewTokenAsync(new { name = "second admin", advertisers = "all", abilities = new[] { "admin" } });
        var id = (long)(await first.Client.GetAnswerAsync("/tokens")).Is(200).Json["tokens"]![0]!["id"]!;
        (await first.RevokeAsync(id)).Is(200);

        await using var again = await LipsNode.StartAsync(first.ConnectionString);
        (await again.Client.GetAnswerAsync("/tokens")).Is(401);
        (await again.GetWithAsync(admin.Secret(), "/tokens")).Is(200);

        await using var other = await LipsNode.StartWithAsync(first.ConnectionString, ("Lips:AdminToken", "a-new-token-of-tests"));
        (await other.GetWithAsync("a-new-token-of-tests", "/tokens")).Is(200);
        (await other.Client.GetAnswerAsync("/tokens")).Is(401);
        Assert.Equal([2], Ids(await ListedWithAsync(other, "a-new-token-of-tests", id)));
    }

    private static async Task<JsonNode> AddAsync(LipsNode node, long id) =>
        (await node.Client.SendAsync(HttpMethod.Post, $"/tokens/{id}/secrets")).Is(201).Json["token"]!;

    private Task<Answer> EndAsync(long id, long secretId) => node.Client.SendAsync(HttpMethod.Delete, $"/tokens/{id}/secrets/{secretId}");

    private static async Task<JsonNode> ListedWithAsync(LipsNode node, string secret, long id) =>
        (await node.GetWithAsync(secret, "/tokens")).Is(200).Json["tokens"]!.AsArray().Single(t => (long)t!["id"]! == id)!;

    private static IEnumerable<int> Ids(JsonNode token) => token["secrets"]!.AsArray().Select(s => (int)s!["id"]!);
}

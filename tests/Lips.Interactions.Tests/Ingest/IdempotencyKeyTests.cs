using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Ingest;

public sealed class IdempotencyKeyTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private const string Key = "Idempotency-Key";

    private readonly HttpClient client = fixture.Client;

    [Fact]
    public async Task The_same_key_with_the_same_body_is_one_interaction()
    {
        var first = (await client.SendOneAsync(Records.Call("USA_1"), (Key, "k"))).Is(201);
        var second = (await client.SendOneAsync(Records.Call("USA_1"), (Key, "k"))).Is(200);

        Assert.Equal(first.Body, second.Body);
        Assert.Equal(1, await CountAsync("USA_1"));
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_invalid_and_stores_nothing()
    {
        (await client.SendOneAsync(Records.Call("USA_2"), (Key, "k"))).Is(201);

        var answer = await client.SendOneAsync(Records.Call("USA_2").With("notes", "other"), (Key, "k"));

        Assert.Equal([Key], answer.Is(422).Attributes);
        Assert.Equal(1, await CountAsync("USA_2"));
        (await client.SendOneAsync(Records.Call("USA_2"), (Key, "k"))).Is(200);
    }

    [Fact]
    public async Task Another_token_has_keys_of_its_own()
    {
        using var other = await fixture.Node.NewCallerAsync(abilities: ["ingest"]);

        (await client.SendOneAsync(Records.Call("USA_3"), (Key, "k"))).Is(201);
        (await other.SendOneAsync(Records.Call("USA_3").With("notes", "other"), (Key, "k"))).Is(201);

        Assert.Equal(2, await CountAsync("USA_3"));
    }

    [Fact]
    public async Task Another_advertiser_has_keys_of_its_own()
    {
        (await client.SendOneAsync(Records.Call("USA_4"), (Key, "k"))).Is(201);
        (await client.SendOneAsync(Records.Call("USA_5"), (Key, "k"))).Is(201);
    }

    [Fact]
    public async Task Keys_are_told_apart_by_case()
    {
        (await client.SendOneAsync(Records.Call("USA_6"), (Key, "k"))).Is(201);
        (await client.SendOneAsync(Records.Call("USA_6"), (Key, "K"))).Is(201);
    }

    [Fact]
    public async Task A_request_that_was_refused_does_not_use_the_key_up()
    {
        (await client.SendOneAsync(Records.Call("USA_7").With("channel", "radio"), (Key, "k"))).Is(422);
        (await client.SendOneAsync(Records.Call("USA_7"), (Key, "k"))).Is(201);
    }

    [Theory]
    [Each("two words", "a\tb")]
    public async Task A_key_that_is_no_key_is_invalid(string key)
    {
        Assert.Equal([Key], (await client.SendOneAsync(Records.Call("USA_8"), (Key, key))).Is(422).Attributes);
        Assert.Equal([Key], (await client.BulkAsync([Records.Call("USA_8")], (Key, key))).Is(422).Attributes);
    }

    [Fact]
    public async Task Two_keys_or_a_key_that_is_too_long_are_invalid()
    {
        Assert.Equal([Key], (await client.SendOneAsync(Records.Call("USA_8"), (Key, "a"), (Key, "b"))).Is(422).Attributes);
        Assert.Equal([Key], (await client.SendOneAsync(Records.Call("USA_8"), (Key, new string('k', 256)))).Is(422).Attributes);
        (await client.SendOneAsync(Records.Call("USA_8"), (Key, new string('k', 255)))).Is(201);
    }

    [Fact]
    public async Task In_bulk_each_line_has_the_key_with_its_number()
    {
        object[] lines =
        [
            Records.Call("USA_9"), "", Records.Call("USA_9"), Records.Call("USA_9").External("app", "1"), Records.Call("USA_10"),
        ];

        var first = (await client.BulkAsync(lines, (Key, "batch"))).Is(200).Json;
        var second = (await client.BulkAsync(lines, (Key, "batch"))).Is(200).Json;
        var third = (await client.SendOneAsync(Records.Call("USA_9"), (Key, "batch/3"))).Is(200).Json;

        Assert.Equal((4, 0), ((int)first["created"]!, (int)first["duplicates"]!));
        Assert.Equal((0, 4), ((int)second["created"]!, (int)second["duplicates"]!));
        Assert.Equal(3, await CountAsync("USA_9"));
        Assert.Equal("USA_9", (string?)third["global_master_advertiser_id"]);
    }

    [Fact]
    public async Task In_bulk_a_line_that_came_otherwise_before_is_rejected_and_the_others_are_not()
    {
        (await client.BulkAsync([Records.Call("USA_11"), Records.Call("USA_11")], (Key, "batch"))).Is(200);

        var answer = (await client.BulkAsync(
            [Records.Call("USA_11"), Records.Call("USA_11").With("notes", "other"), Records.Call("USA_11")], (Key, "batch"))).Is(200);

        Assert.Equal((1, 1, 1), ((int)answer.Json["created"]!, (int)answer.Json["duplicates"]!, (int)answer.Json["rejected"]!));
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""[{"line": 2, "attribute": "Idempotency-Key", "message": "came with another body before"}]"""),
            answer.Json["errors"]), answer.Body);
    }

    [Fact]
    public async Task Without_a_key_and_without_ids_each_time_is_another_interaction()
    {
        (await client.SendOneAsync(Records.Call("USA_12"))).Is(201);
        (await client.SendOneAsync(Records.Call("USA_12"))).Is(201);
        (await client.BulkAsync([Records.Call("USA_12"), Records.Call("USA_12")])).Is(200);

        Assert.Equal(4, await CountAsync("USA_12"));
    }

    [Fact]
    public async Task Sent_by_many_at_once_it_is_created_by_one()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => client.SendOneAsync(Records.Call("USA_13"), (Key, "k"))));

        Assert.Equal([.. Enumerable.Repeat(200, 15), 201], answers.Select(a => a.Status).Order());
    }

    private Task<long> CountAsync(string advertiser) =>
        fixture.ScalarAsync<long>($"SELECT count(*) FROM interactions.interactions WHERE advertiser = 1000000000000 + {advertiser[4..]}");
}

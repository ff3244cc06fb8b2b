using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Ingest;

public sealed class ExternalIdTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Fact]
    public async Task The_second_time_the_stored_interaction_is_answered_unchanged()
    {
        var first = (await client.SendOneAsync(Records.Call("USA_1").External("zapier", "1").From("a@example.com", firstName: "A")))
            .Is(201);
        var version = await VersionAsync("USA_1");

        var second = (await client.SendOneAsync(Records.Of("USA_1", "form").External("zapier", "1").With("notes", "other")
            .From("a@example.com", "9893643647", "Other"))).Is(200);

        Assert.Equal(first.Body, second.Body);
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Equal(first.Body, (await client.GetAnswerAsync($"/contact_interactions/{first.Json.Id()}")).Body);
        Assert.Equal(version, await VersionAsync("USA_1"));
        Assert.Equal(
            0, await fixture.ScalarAsync<long>("SELECT count(*) FROM interactions.contact_phones WHERE advertiser = 1000000000001"));
    }

    [Fact]
    public async Task An_interaction_that_was_worked_on_meanwhile_stays_so()
    {
        var record = Records.Call("USA_2").External("zapier", "1");
        var id = (await client.SendOneAsync(record)).Is(201).Json.Id();
        (await client.UpdateAsync(id, new { read = true, notes = "called" })).Is(200);
        (await client.ArchiveAsync(id)).Is(200);
        var before = await client.ShowAsync(id);

        Assert.Equal(before.ToJsonString(), (await client.SendOneAsync(record)).Is(200).Json.ToJsonString());
        (await client.BulkAsync([record])).Is(200);
        Assert.Equal(before.ToJsonString(), (await client.ShowAsync(id)).ToJsonString());
    }

    [Fact]
    public async Task Ids_are_told_apart_by_app_by_case_and_by_advertiser()
    {
        JsonObject[] records =
        [
            Records.Call("USA_4").External("a", "x"), Records.Call("USA_4").External("b", "x"), Records.Call("USA_4").External("a", "X"),
            Records.Call("USA_4").External("a", "x "), Records.Call("USA_5").External("a", "x"), Records.Call("USA_4").External("ax", "x"),
        ];

        foreach (var record in records)
            (await client.SendOneAsync(record)).Is(201);
        var again = (await client.BulkAsync(records)).Is(200);

        Assert.True((0, records.Length) == ((int)again.Json["created"]!, (int)again.Json["duplicates"]!), again.Body);
    }

    [Fact]
    public async Task A_number_and_its_text_are_the_same_id()
    {
        var first = (await client.SendOneAsync(Records.Call("USA_6").With("external_app_id", 7).With("external_id", 12))).Is(201).Json.Id();

        Assert.Equal(first, (await client.SendOneAsync(Records.Call("USA_6").External("7", "12"))).Is(200).Json.Id());
    }

    [Fact]
    public async Task However_it_arrives_it_is_one()
    {
        var record = Records.Call("USA_7").External("zapier", "1");
        var other = Records.Call("USA_7").External("zapier", "2");

        var bulk = (await client.BulkAsync([record, other, record.DeepClone().AsObject().With("notes", "later"), other])).Is(200).Json;
        var single = (await client.SendOneAsync(record, ("Idempotency-Key", "some-key"))).Is(200).Json;
        var again = (await client.BulkAsync(
            [other, new JsonObject { ["contact_interaction"] = record.DeepClone() }], ("Idempotency-Key", "some-key"))).Is(200).Json;

        Assert.Equal((2, 2), ((int)bulk["created"]!, (int)bulk["duplicates"]!));
        Assert.Null((string?)single["notes"]);
        Assert.Equal((0, 2), ((int)again["created"]!, (int)again["duplicates"]!));
        Assert.Equal(2, await fixture.ScalarAsync<long>("SELECT count(*) FROM interactions.interactions WHERE advertiser = 1000000000007"));
    }

    [Fact]
    public async Task Sent_by_many_at_once_through_two_nodes_it_is_created_by_one()
    {
        await using var second = await LipsNode.StartAsync(fixture.Node.ConnectionString);
        HttpClient[] clients = [client, second.Client];

        for (var round = 0; round < 5; round++)
        {
            var record = Records.Call($"CAN_{round + 1}").External("zapier", "1").From("a@example.com", "9893643647");
            var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => clients[i % 2].SendOneAsync(record)));

            Assert.Equal([.. Enumerable.Repeat(200, 23), 201], answers.Select(a => a.Status).Order());
            Assert.Single(answers.Select(a => a.Body).Distinct());
        }
    }

    private Task<long> VersionAsync(string advertiser) =>
        fixture.ScalarAsync<long>($"SELECT version FROM counters.advertisers WHERE advertiser = 1000000000000 + {advertiser[4..]}");
}

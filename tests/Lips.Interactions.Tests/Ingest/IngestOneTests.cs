using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Ingest;

public sealed class IngestOneTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Fact]
    public async Task A_new_interaction_is_answered_with_201_the_object_and_its_place()
    {
        var answer = (await client.SendOneAsync(Records.Call("USA_1"))).Is(201);

        Assert.Equal($"/contact_interactions/{answer.Json.Id()}", answer.Headers.Location?.ToString());
        Assert.Equal(answer.Body, (await client.GetAnswerAsync($"/contact_interactions/{answer.Json.Id()}")).Is(200).Body);
    }

    [Fact]
    public async Task Without_the_read_ability_only_the_id_is_answered()
    {
        using var ingester = await fixture.Node.NewCallerAsync(abilities: ["ingest"]);
        var record = Records.Call("USA_1").External("app", "without-read");

        var first = (await ingester.SendOneAsync(record)).Is(201);
        var second = (await ingester.SendOneAsync(record)).Is(200);

        Assert.Equal(["id"], first.Json.AsObject().Select(p => p.Key));
        Assert.Equal(first.Body, second.Body);
        (await ingester.GetAnswerAsync($"/contact_interactions/{first.Json.Id()}")).Is(403);
    }

    [Fact]
    public async Task Without_the_ingest_ability_nothing_comes_in()
    {
        using var reader = await fixture.Node.NewCallerAsync(abilities: ["read", "write", "admin"]);

        (await reader.SendOneAsync(Records.Call("USA_20"))).Is(403);
        (await reader.BulkAsync([Records.Call("USA_20")])).Is(403);

        Assert.Equal(0, await CountAsync("USA_20"));
    }

    [Theory]
    [InlineData("2021-09-06T16:16:08.123999Z", "2021-09-06T16:16:08.123Z")]
    [InlineData("2021-09-06T16:16:08.9999999Z", "2021-09-06T16:16:08.999Z")]
    [InlineData("2021-09-06T18:16:08.5+02:00", "2021-09-06T16:16:08.500Z")]
    [InlineData("2021-09-06T18:16:08 02:00", "2021-09-06T16:16:08.000Z")]
    [InlineData("2021-09-06T09:46-0630", "2021-09-06T16:16:00.000Z")]
    [InlineData("2021-09-06T16:16:08", "2021-09-06T16:16:08.000Z")]
    [InlineData("2021-09-06", "2021-09-06T00:00:00.000Z")]
    [InlineData("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z")]
    public async Task Times_are_utc_cut_to_milliseconds(string given, string served)
    {
        var shown = (await client.SendOneAsync(Records.Call("USA_1").With("occurred_at", given).With("created_at", given).With(
            "archived_at", given)
            .With("contact", new JsonObject { ["created_at"] = given }))).Is(201).Json;

        Assert.Equal(
            (served, served, served, served, served),
            ((string)shown["occurred_at"]!, (string)shown["occured_at"]!, (string)shown["created_at"]!, (string)shown["archived_at"]!,
                (string)shown["contact"]!["created_at"]!));
    }

    [Theory]
    [InlineData("call", "CallEvent", "call")]
    [InlineData("FormEvent", "FormEvent", "form")]
    [InlineData("chat", "ChatEvent", "chat")]
    [InlineData("bookingevent", "BookingEvent", "booking")]
    [InlineData("fpd", "FpdEvent", "fpd")]
    [InlineData("LSA", "LsaEvent", "lsa")]
    public async Task Either_name_of_an_event_type_is_accepted_and_exactly_its_own_part_is_served(string given, string served, string part)
    {
        var shown = (await client.SendOneAsync(Records.Of("USA_1", given))).Is(201).Json.AsObject();

        Assert.Equal(served, (string?)shown["event_type"]);
        Assert.Equal([part], shown.Select(p => p.Key).Where(k => k is "call" or "form" or "chat" or "booking" or "fpd" or "lsa"));
    }

    [Fact]
    public async Task The_object_as_it_was_answered_can_be_sent_again()
    {
        var shown = (await client.SendOneAsync(Records.Of("USA_1", "chat").With("tags", new JsonArray("a"))
            .From("again@example.com", "9893643647", "A"))).Is(201).Json.AsObject();

        var again = (await client.SendOneAsync(shown)).Is(201).Json.AsObject();

        Assert.NotEqual(shown.Id(), again.Id());
        again["id"] = shown.Id();
        Assert.Equal(shown.ToJsonString(), again.ToJsonString());
    }

    private Task<long> CountAsync(string advertiser) =>
        fixture.ScalarAsync<long>($"SELECT count(*) FROM interactions.interactions WHERE advertiser = 1000000000000 + {advertiser[4..]}");
}

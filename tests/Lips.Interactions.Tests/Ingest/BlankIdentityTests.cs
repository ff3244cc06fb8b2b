using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Ingest;

/// <summary>
/// Blank means not given wherever it would identify something: no two records are one because both were blank (contract section 1).
/// </summary>
public sealed class BlankIdentityTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    public static TheoryData<string> Blanks => ["", " ", "  \t", "\u00A0", "\n"];

    [Theory]
    [MemberData(nameof(Blanks))]
    public async Task Two_records_whose_ids_are_blank_are_two(string blank)
    {
        var advertiser = $"USA_{100 + (blank.Length == 0 ? 0 : blank[^1])}";
        JsonObject[] records =
        [
            Records.Call(advertiser).External(blank, blank).From("a@mail.example"), Records.Call(advertiser).External(blank, blank)
                .From("b@mail.example"),
            Records.Call(advertiser).External(" ", "\t").From("c@mail.example"),
        ];

        var bulk = (await client.BulkAsync(records)).Is(200).Json;
        var one = (await client.SendOneAsync(records[0])).Is(201).Json;

        Assert.True((3, 0, 0) == ((int)bulk["created"]!, (int)bulk["duplicates"]!, (int)bulk["rejected"]!), bulk.ToJsonString());
        Assert.Null(one["external_id"]);
        Assert.Null(one["external_app_id"]);
    }

    [Theory]
    [InlineData("zap", "  ", "external_id")]
    [InlineData("zap", "", "external_id")]
    [InlineData("\t", "1", "external_app_id")]
    [InlineData("\u00A0", "1", "external_app_id")]
    [InlineData("zap", null, "external_id")]
    [InlineData(null, "1", "external_app_id")]
    public async Task One_id_without_the_other_or_beside_a_blank_one_is_invalid(string? app, string? id, string missing)
    {
        var record = Records.Call("USA_2").External(app, id);

        Assert.Equal([missing], (await client.SendOneAsync(record.From("a@mail.example"))).Is(422).Attributes);
        if (app is null || id is null)
            record.Remove(missing);
        Assert.Equal([missing], (await client.SendOneAsync(record)).Is(422).Attributes);
        var bulk = (await client.BulkAsync([record, record.DeepClone().AsObject().From("b@mail.example")])).Is(200).Json;
        Assert.True((0, 0, 2) == ((int)bulk["created"]!, (int)bulk["duplicates"]!, (int)bulk["rejected"]!), bulk.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Blanks))]
    public async Task Whatever_else_would_identify_is_null_when_blank(string blank)
    {
        var record = Records.Of("USA_3", "form").With("wpc_id", blank).With("visitor_id", blank).With("conversation_id", blank)
            .With("global_master_campaign_id", blank)
            .With("form", new JsonObject { ["conversation_id"] = blank });
        var form = (await client.SendOneAsync(record)).Is(201).Json;
        var booking = (await client.SendOneAsync(Records.Of("USA_3", "booking").With("booking", new JsonObject { ["booking_id"] = blank })))
            .Is(201).Json;
        var call = (await client.SendOneAsync(Records.Call("USA_3").With(
            "call", new JsonObject { ["caller_number"] = blank, ["target_number"] = blank, ["dialed_number"] = blank }))).Is(201).Json;

        foreach (var name in (string[])["wpc_id", "visitor_id", "conversation_id", "global_master_campaign_id"])
            Assert.Null(form[name]);
        Assert.Null(form["form"]!["conversation_id"]);
        Assert.Equal("", (string?)booking["booking"]!["booking_id"]);
        foreach (var name in (string[])["caller_number", "target_number", "dialed_number"])
            Assert.Null(call["call"]![name]);
        Assert.Equal(0, await fixture.ScalarAsync<long>(
            "SELECT count(*) FROM interactions.interactions WHERE advertiser = 1000000000003 AND coalesce(wpc_id, conversation_id, "
                + "booking_id, campaign::text) IS NOT NULL"));
        Assert.Equal(["global_master_advertiser_id"], (await client.SendOneAsync(Records.Call(blank))).Is(422).Attributes);
    }

    [Theory]
    [MemberData(nameof(Blanks))]
    public async Task Two_people_whose_emails_and_numbers_are_blank_are_two(string blank)
    {
        var first = (await client.SendOneAsync(Records.Call("USA_4").From(blank, blank, "Ann"))).Is(201).Json;
        var second = (await client.SendOneAsync(Records.Call("USA_4").From(blank, blank, "Bob"))).Is(201).Json;

        Assert.NotEqual(first.ContactId(), second.ContactId());
        Assert.Null(second["contact"]!["email"]);
        Assert.Empty(second["contact"]!["phone_numbers"]!.AsArray());
        Assert.Equal("Bob", (string?)second["contact"]!["display_name"]);
    }

    [Theory]
    [Each("", " ", "   ")]
    public async Task A_blank_idempotency_key_is_no_key(string key)
    {
        for (var i = 0; i < 2; i++)
        {
            (await client.SendOneAsync(Records.Call("USA_5"), ("Idempotency-Key", key))).Is(201);
            Assert.Equal(1, (int)(await client.BulkAsync([Records.Call("USA_5")], ("Idempotency-Key", key))).Is(200).Json["created"]!);
        }
    }

    [Fact]
    public async Task Lines_of_a_transcript_whose_ids_are_blank_have_their_places()
    {
        var lines = new JsonArray(new JsonObject { ["id"] = "" }, new JsonObject { ["id"] = " \t" }, new JsonObject { ["id"] = "x" });

        var chat = (await client.SendOneAsync(Records.Of("USA_6", "chat").With("chat", new JsonObject { ["transcript"] = lines }))).Is(201)
            .Json["chat"]!;

        Assert.Equal(["1", "2", "\"x\""], chat["transcript"]!.AsArray().Select(line => line!["id"]!.ToJsonString()));
    }
}

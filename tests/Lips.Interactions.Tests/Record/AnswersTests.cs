using System.Globalization;
using System.Text.Json.Nodes;
using Lips.Counters.Contracts;
using Lips.Interactions.Contracts;
using Lips.Kernel;
using Lips.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Lips.Interactions.Tests.Record;

/// <summary>The answers that are kept ready: made from what was there before, compared with what filters find, and mended.</summary>
public sealed class AnswersTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    // What a record says of it is in one field of its answer, and was in one column.
    private const string OldRows =
        """
        SELECT json_agg(json_build_object(
            'advertiser', i.advertiser, 'id', i.id, 'contact_id', i.contact_id, 'campaign', i.campaign, 'occurred_at', i.occurred_at, 'created_at', b->>'created_at',
            'archived_at', i.archived_at, 'kind', i.kind, 'channel', i.channel, 'important', i.important, 'read', i.read, 'call_duration', i.call_duration, 'booking_id', i.booking_id,
            'campaign_name', b->'campaign_name', 'sub_type', b->'sub_type', 'referrer_type', nullif(b->>'referrer_type', 'UNKNOWN'), 'referrer_source', nullif(b->>'referrer_source', ''),
            'influencing_campaign', b->'influencing_campaign', 'external_source', nullif(b->>'external_source', ''), 'contact_external_source', i.contact_external_source,
            'page_url', nullif(b->>'page_url', ''), 'wpc_id', i.wpc_id, 'visitor_id', b->'visitor_id', 'conversation_id', i.conversation_id, 'external_app_id', i.external_app_id,
            'external_id', i.external_id, 'tags', b->'tags', 'notes', i.notes, 'part', ((b->lower(replace(b->>'event_type', 'Event', '')))::jsonb - '{summary,subject}'::text[] - CASE WHEN i.kind BETWEEN 7 AND 13 THEN 'conversation_id' ELSE '' END)::text))::text
        FROM interactions.interactions i CROSS JOIN LATERAL (SELECT i.body::json AS b) b WHERE i.advertiser IN (3000000000001, 6000000000001)
        """;

    [Fact]
    public async Task Of_rows_from_before_there_were_answers_the_same_answers_are_made()
    {
        foreach (var advertiser in new[] { "AUS_1", "GBR_1" })
        {
            foreach (var type in new[] { "call", "form", "chat", "booking", "fpd", "lsa" })
            {
                await fixture.Client.IngestAsync(Make.Interaction(advertiser, type));
                await fixture.Client.IngestAsync(Rich(advertiser, type));
            }
        }

        var old = await TestPostgres.NewEmptyDatabaseAsync();
        await SchemaTests.RunAsync(old, "0001_interactions.sql");
        await SchemaTests.RunAsync(old, "0002_campaigns.sql");
        await InsertAsync(old, "contacts", await fixture.ScalarAsync<string>(
            "SELECT json_agg(c)::text FROM interactions.contacts c WHERE advertiser IN (3000000000001, 6000000000001)"));
        await InsertAsync(old, "interactions", await fixture.ScalarAsync<string>(OldRows));
        await SchemaTests.RunAsync(old, "0003_answers.sql");
        // As one that was mended is written.
        await TestPostgres.ExecuteAsync(old, "UPDATE interactions.interactions SET body = body::jsonb WHERE advertiser = 3000000000001");
        await SchemaTests.RunAsync(old, "0004_fields.sql");

        const string answers = "SELECT i.id || ' ' || i.body::jsonb || ' ' || i.contact::jsonb FROM interactions.interactions i WHERE "
            + "advertiser IN (3000000000001, 6000000000001) ORDER BY id";
        var made = await TestPostgres.ColumnAsync<string>(old, answers);
        Assert.Equal(24, made.Count);
        Assert.Equal(await TestPostgres.ColumnAsync<string>(fixture.Node.ConnectionString, answers), made);
    }

    [Theory]
    [InlineData(
        "UPDATE interactions.interactions SET wpc_id = 'by hand', channel = 2 WHERE id = {0}", "the answer differs from the columns",
        "wpc_id", "\"by hand\"")]
    [InlineData("UPDATE interactions.contacts SET display_name = 'Given by hand' WHERE id = (SELECT contact_id FROM "
        + "interactions.interactions WHERE id = {0})",
        "the answer's contact differs from the contact", "contact.display_name", "\"Given by hand\"")]
    [InlineData("UPDATE interactions.interactions SET body = replace(body, '\"channel\":\"search\"', '\"channel\":null') WHERE id = {0}",
        "the answer differs from the columns", "channel", "\"search\"")]
    public async Task Changes_by_hand_are_found_and_mended_and_then_seen(string byHand, string told, string field, string becomes)
    {
        var id = (long)(await fixture.Client.IngestAsync(Rich("USA_1", "form", told + field)))["id"]!;
        await fixture.Client.IngestAsync(Rich("USA_1", "call", told + field));
        var verification = fixture.Node.Services.GetRequiredService<AnswerVerification>();
        Assert.True(GlobalId.TryParse("USA_1", out var advertiser));
        Assert.Empty(await verification.VerifyAsync(advertiser, default));
        var before = await ShowAsync(id);
        var list = (await fixture.Client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_1")).Is(200);

        await TestPostgres.ExecuteAsync(fixture.Node.ConnectionString, string.Format(CultureInfo.InvariantCulture, byHand, id));

        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"interaction {id}: {told}"), await verification.VerifyAsync(advertiser, default));
        Assert.True(await verification.RebuildAsync(advertiser, default) > 0);
        Assert.Empty(await verification.VerifyAsync(advertiser, default));
        var after = await ShowAsync(id);
        Assert.Equal(becomes, field.Split('.').Aggregate(after, (node, name) => node![name]!).ToJsonString());
        Assert.True(JsonNode.DeepEquals(before["form"], after["form"]), after["form"]!.ToJsonString());
        // Who follows the changes, or polls, sees it too.
        Assert.NotEqual(list.Headers.ETag, (await fixture.Client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_1")).Is(200).Headers.ETag);
        Assert.Equal(0, await verification.RebuildAsync(advertiser, default));
        await fixture.Node.Services.GetRequiredService<CellVerification>().RebuildAsync(advertiser, default);
        await fixture.Node.AssertWholeAsync();
    }

    [Fact]
    public async Task A_contact_that_was_deleted_by_hand_is_told_and_what_else_is_wrong_is_mended()
    {
        var (lost, changed) = (await fixture.Client.NewAsync("USA_3", "call"), await fixture.Client.NewAsync("USA_3", "form"));
        var verification = fixture.Node.Services.GetRequiredService<AnswerVerification>();
        Assert.True(GlobalId.TryParse("USA_3", out var advertiser));
        const string contact = "SELECT to_jsonb(c)::text FROM interactions.contacts c JOIN interactions.interactions i ON i.advertiser = "
            + "c.advertiser AND i.contact_id = c.id WHERE i.id = ";
        var row = await fixture.ScalarAsync<string>(contact + lost.ToString(CultureInfo.InvariantCulture));
        await TestPostgres.ExecuteAsync(
            fixture.Node.ConnectionString,
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                DELETE FROM interactions.contacts WHERE id = (SELECT contact_id FROM interactions.interactions WHERE id = {lost});
                UPDATE interactions.interactions SET conversation_id = 'by hand' WHERE id = {changed}
                """));

        string[] told = [string.Create(CultureInfo.InvariantCulture, $"interaction {lost}: the answer's contact differs from the contact")];
        Assert.Equal([.. told, string.Create(CultureInfo.InvariantCulture, $"interaction {changed}: the answer differs from the columns")], await verification.VerifyAsync(advertiser, default));
        Assert.Equal(1, await verification.RebuildAsync(advertiser, default));
        Assert.Equal(told, await verification.VerifyAsync(advertiser, default));

        await InsertAsync(fixture.Node.ConnectionString, "contacts", $"[{row}]");
        Assert.Empty(await verification.VerifyAsync(advertiser, default));
        await fixture.Node.AssertWholeAsync();
    }

    [Fact]
    public async Task A_contact_that_learns_something_is_shown_so_in_all_its_interactions()
    {
        var first = await fixture.Client.NewAsync("USA_2", "call", ("contact", new { email = "ann@mail.example" }));
        Assert.Equal("ann@mail.example", (string?)(await ShowAsync(first))["contact"]!["display_name"]);

        var second = await fixture.Client.NewAsync("USA_2", "form", ("contact",
            new { email = "ann@mail.example", first_name = "Ann", phone_numbers = new[] { new { phone_number = "9893640001" } } }));

        foreach (var id in new[] { first, second })
        {
            var contact = (await ShowAsync(id))["contact"]!;
            Assert.Equal("Ann", (string?)contact["display_name"]);
            Assert.Equal("+19893640001", (string?)contact["phone_numbers"]![0]!["phone_number"]);
        }

        await fixture.Node.AssertWholeAsync();
    }

    private async Task<JsonNode> ShowAsync(long id) =>
        (await fixture.Client.GetAnswerAsync(string.Create(CultureInfo.InvariantCulture, $"/contact_interactions/{id}"))).Is(200).Json;

    private static JsonObject Rich(string advertiser, string type, string who = "") => Make.Interaction(
        advertiser, type,
        ("global_master_campaign_id", "CAN_7"), ("campaign_name", "Spring \"25\" \\ ünï 😀"), ("sub_type", "FormEmail"),
        ("referrer_type", "PAID"), ("referrer_source", "www.google.com"),
        ("influencing_campaign", "Radio"), ("notes", "line\nline"), ("created_at", "2021-09-06T16:16:09.123Z"), ("channel", "search"),
        ("external_source", "crm"),
        ("contact_external_source", "book"), ("page_url", "https://example.com/?a=b&c"), ("important", true), ("read", true),
        ("tags", new[] { "vip", "ta\"g" }), ("wpc_id", "w"),
        ("visitor_id", "v"), ("conversation_id", "c"), ("external_app_id", "rich"), ("external_id", type + who),
        (type, type switch
        {
            "call" => new JsonObject { ["duration"] = 7, ["recording_url"] = "https://example.com/r" },
            "chat" => new JsonObject
            {
                ["lead_type"] = "Sales",
                ["transcript"] = new JsonArray(new JsonObject { ["from"] = "a", ["message"] = "b" }),
            },
            "booking" => new JsonObject { ["booking_id"] = "b-1" },
            "lsa" => new JsonObject { ["charged"] = 1, ["lead_price"] = 30 },
            _ => new JsonObject { ["extra_fields"] = new JsonObject { ["n"] = 1.50, ["deep"] = new JsonArray(1, "x") } },
        }),
        ("contact", new JsonObject
        {
            ["first_name"] = "Ann" + who,
            ["last_name"] = "O'Hara",
            ["email"] = $"{type}{who.Length}@mail.example",
            ["company"] = "A & B",
            ["title"] = "Dr.",
            ["phone_numbers"] = new JsonArray(new JsonObject { ["phone_type"] = "work", ["phone_number"] = "0893640001 x241" }),
        }));

    private static async Task InsertAsync(string database, string table, string rows)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            $"INSERT INTO interactions.{table} SELECT * FROM json_populate_recordset(NULL::interactions.{table}, $1::json)", connection)
        {
            Parameters = { new() { Value = rows } },
        };
        await command.ExecuteNonQueryAsync();
    }
}

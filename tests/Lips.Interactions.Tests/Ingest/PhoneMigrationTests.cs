using System.Text.Json.Nodes;
using Lips.Kernel.Database;
using Lips.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Lips.Interactions.Tests.Ingest;

/// <summary>Numbers as the version before has stored them are brought to the form in which they are read now.</summary>
public sealed class PhoneMigrationTests
{
    // What 0005_phones and what comes with it have done, undone.
    private const string VersionBefore =
        """
        ALTER TABLE interactions.contact_phones
            DROP CONSTRAINT contact_phones_pkey, DROP COLUMN shared_by,
            ADD CONSTRAINT contact_phones_pkey PRIMARY KEY (advertiser, number, extension);
        DELETE FROM interactions.migrations WHERE "MigrationId" LIKE '0005%';
        UPDATE interactions.contacts SET email_key = lower(email);
        """;

    private const string Answers =
        """
        UPDATE interactions.interactions i SET contact = interactions.contact_answer(c)
        FROM interactions.contacts c WHERE c.advertiser = i.advertiser AND c.id = i.contact_id
        """;

    [Fact]
    public async Task Numbers_of_the_version_before_are_found_and_served_in_the_new_form()
    {
        await using var node = await LipsNode.StartAsync();
        var client = node.Client;
        var first = await NewAsync(node, "GBR_1", "+442079460001", was: "08001111");
        var other = await NewAsync(node, "GBR_1", "+442079460002", was: "+448001111");
        var nobody = await NewAsync(node, "GBR_1", "+442079460003", was: "0000000000");
        var same = await NewAsync(node, "GBR_1", "+442079460004");
        var placeholder = (await client.SendOneAsync(Records.Call("GBR_1").From("nonleadchat@reachlocal.com"))).Is(201).Json;
        var broken = await NewAsync(node, "USA_1", "+12125550150 x7", was: "+9893643647 x7");
        await TestPostgres.ExecuteAsync(node.ConnectionString, VersionBefore);
        var cursor = (string?)(await ChangesAsync(client, "limit=500"))["next"];

        await MigrateAsync(node);

        var changes = await ChangesAsync(client, "since=" + Uri.EscapeDataString(cursor!));
        Assert.Equal([first.Id()], changes["contact_interactions"]!.AsArray().Select(i => i!.Id()));
        Assert.Equal([first.Id(), other.Id()], await FoundAsync(client, "GBR_1", "0800 1111"));
        foreach (var id in (long[])[first.Id(), other.Id()])
        {
            var contact = (await client.ShowAsync(id))["contact"]!;
            Assert.Equal("+448001111", (string?)contact["phone_numbers"]!.AsArray().Single()!["phone_number"]);
            Assert.Equal("+448001111", (string?)contact["display_name"]);
        }

        Assert.Equal([nobody.Id()], await FoundAsync(client, "GBR_1", "0000000000"));
        Assert.Equal([broken.Id()], await FoundAsync(client, "USA_1", "+9893643647"));
        Assert.Equal("9893643647 x7", (string?)(await client.ShowAsync(broken.Id()))["contact"]!["phone_numbers"]![0]!["phone_number"]);
        Assert.Equal(same["contact"]!.ToJsonString(), (await client.ShowAsync(same.Id()))["contact"]!.ToJsonString());

        // The first contact has kept the number, and what identifies nobody finds nobody.
        Assert.Equal(first.ContactId(), (await NewAsync(node, "GBR_1", "0800 1111")).ContactId());
        Assert.NotEqual(nobody.ContactId(), (await NewAsync(node, "GBR_1", "0000000000")).ContactId());
        var chat = (await client.SendOneAsync(Records.Call("GBR_1").From("nonleadchat@reachlocal.com"))).Is(201).Json;
        Assert.NotEqual(placeholder.ContactId(), chat.ContactId());
        await node.AssertWholeAsync();
        Assert.Equal(["0005_phones", "0005_phones_read"], await HistoryAsync(node));
        Assert.Equal(
            [true], await TestPostgres.ColumnAsync<bool>(node.ConnectionString, "SELECT to_regclass('interactions.phones_to_read') IS NULL"));
    }

    [Fact]
    public async Task Numbers_of_one_contact_that_have_become_the_same_are_one()
    {
        await using var node = await LipsNode.StartAsync();
        var contact = JsonNode.Parse(
            """
            {"phone_numbers": [
                {"phone_type": "work", "phone_number": "+442079460001"}, {"phone_type": "home", "phone_number": "+442079460002"}]}
            """);
        var interaction = (await node.Client.SendOneAsync(Records.Call("GBR_1").With("contact", contact))).Is(201).Json;
        await WasAsync(node, "+442079460001", "08001111");
        await WasAsync(node, "+442079460002", "+448001111");
        await TestPostgres.ExecuteAsync(node.ConnectionString, VersionBefore);

        await MigrateAsync(node);

        Assert.Equal(
            """[{"phone_type":"work","phone_number":"+448001111"}]""",
            (await node.Client.ShowAsync(interaction.Id()))["contact"]!["phone_numbers"]!.ToJsonString()
                .Replace("\\u002B", "+", StringComparison.Ordinal));
        await node.AssertWholeAsync();
    }

    [Fact]
    public async Task Cut_off_it_goes_on_where_it_was()
    {
        await using var node = await LipsNode.StartAsync();
        var done = await NewAsync(node, "USA_1", "+12125550150", was: "+9893643647");
        var failed = await NewAsync(node, "GBR_1", "+442079460001", was: "08001111");
        await TestPostgres.ExecuteAsync(node.ConnectionString, VersionBefore);
        await TestPostgres.ExecuteAsync(
            node.ConnectionString, "ALTER TABLE interactions.contact_phones ADD CONSTRAINT in_the_way CHECK (number <> '+448001111')");

        Assert.Equal("in_the_way", (await Assert.ThrowsAsync<PostgresException>(() => MigrateAsync(node))).ConstraintName);

        Assert.Equal(["0005_phones"], await HistoryAsync(node));
        Assert.Equal([done.Id()], await FoundAsync(node.Client, "USA_1", "+9893643647"));
        Assert.Equal([failed.Id()], await FoundAsync(node.Client, "GBR_1", "+08001111"));
        await TestPostgres.ExecuteAsync(node.ConnectionString, "ALTER TABLE interactions.contact_phones DROP CONSTRAINT in_the_way");
        await MigrateAsync(node);

        // Read once more, the first would be taken for an American number.
        Assert.Equal("9893643647", (string?)(await node.Client.ShowAsync(done.Id()))["contact"]!["phone_numbers"]![0]!["phone_number"]);
        Assert.Equal([failed.Id()], await FoundAsync(node.Client, "GBR_1", "0800 1111"));
        Assert.Equal(["0005_phones", "0005_phones_read"], await HistoryAsync(node));
        await node.AssertWholeAsync();
    }

    private static Task MigrateAsync(LipsNode node) => node.Services.GetRequiredService<Migrator>().MigrateAsync(CancellationToken.None);

    /// <summary>Brings in an interaction of a contact with this number, which then is stored as it was.</summary>
    private static async Task<JsonNode> NewAsync(LipsNode node, string advertiser, string number, string? was = null)
    {
        var interaction = (await node.Client.SendOneAsync(Records.Call(advertiser).From(phone: number))).Is(201).Json;
        if (was is not null)
            await WasAsync(node, number, was);
        return interaction;
    }

    private static async Task WasAsync(LipsNode node, string number, string was)
    {
        await TestPostgres.ExecuteAsync(
            node.ConnectionString,
            $"""
            UPDATE interactions.contact_phones SET number = '{was.Split(' ')[0]}' WHERE number = '{number.Split(' ')[0]}';
            UPDATE interactions.contacts SET phone_numbers = replace(phone_numbers, '"{number}"', '"{was}"');
            """);
        await TestPostgres.ExecuteAsync(node.ConnectionString, Answers);
    }

    private static Task<IReadOnlyList<long>> FoundAsync(HttpClient client, string advertiser, string number) =>
        client.FoundAsync($"global_master_advertiser_id={advertiser}&event_params[phone_numbers]={Uri.EscapeDataString(number)}");

    private static async Task<JsonNode> ChangesAsync(HttpClient client, string since) =>
        (await client.GetAnswerAsync("/contact_interactions/changes?global_master_advertiser_id=GBR_1&" + since)).Is(200).Json;

    private static Task<List<string>> HistoryAsync(LipsNode node) =>
        TestPostgres.ColumnAsync<string>(
            node.ConnectionString, """SELECT "MigrationId" FROM interactions.migrations WHERE "MigrationId" LIKE '0005%' ORDER BY 1""");
}

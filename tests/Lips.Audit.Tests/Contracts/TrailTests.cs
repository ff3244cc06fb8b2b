using System.Net;
using Lips.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Lips.Audit.Tests.Contracts;

/// <summary>What is kept of each kind of change, and what is not.</summary>
public sealed class TrailTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private HttpClient Client => fixture.Client;

    [Fact]
    public async Task An_ingest_is_kept_with_who_and_when_and_which_and_from_where()
    {
        var before = DateTime.UtcNow.AddMilliseconds(-1);
        var id = await Client.NewAsync("USA_10");
        var entry = Assert.Single(await Client.AuditAsync($"?contact_interaction_id={id}"));

        Assert.Equal("ingest USA_10 1 null null null", Line(
            entry, "action", "global_master_advertiser_ids", "count", "first_contact_interaction_id", "last_contact_interaction_id",
            "subject_token_id"));
        Assert.Equal(id, (long)entry["contact_interaction_id"]!);
        Assert.Equal(await fixture.ScalarAsync<long>("SELECT id FROM access.tokens WHERE bootstrap"), (long)entry["token_id"]!);
        Assert.Matches("^[0-9a-f]{32}$", (string)entry["address"]!);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", (string)entry["at"]!);
        Assert.InRange(
            DateTime.Parse((string)entry["at"]!, null, System.Globalization.DateTimeStyles.AdjustToUniversal), before, DateTime.UtcNow);
    }

    [Theory]
    [InlineData("""{"read":true}""", "read")]
    [InlineData("""{"important":true,"read":false}""", "important")]
    [InlineData("""{"notes":null}""", "notes")]
    [InlineData("""{"read":true,"important":true,"notes":"x"}""", "read,important,notes")]
    [InlineData("""{"read":false,"notes":"PRIVATE-NOTE"}""", null)]
    public async Task An_update_names_the_fields_that_have_really_changed_and_none_without_a_change(string change, string? fields)
    {
        var id = await Client.NewAsync("USA_11");
        (await Client.SendAsync(HttpMethod.Put, $"/contact_interactions/{id}", $$"""{"contact_interaction":{{change}}}""")).Is(200);

        var entries = await Client.AuditAsync($"?contact_interaction_id={id}&action[]=update");

        Assert.Equal(
            fields is null ? [] : [$"update {fields} USA_11"],
            entries.Select(e => Line(e, "action", "fields", "global_master_advertiser_ids")));
    }

    [Fact]
    public async Task Archiving_twice_and_bringing_back_twice_is_kept_once_each()
    {
        var id = await Client.NewAsync("USA_12");
        foreach (var _ in Enumerable.Range(0, 2))
            (await Client.ArchiveAsync(id)).Is(200);
        foreach (var _ in Enumerable.Range(0, 2))
            (await Client.UnarchiveAsync(id)).Is(200);

        Assert.Equal(
            ["unarchive", "archive", "ingest"],
            (await Client.AuditAsync($"?contact_interaction_id={id}")).Select(e => (string)e["action"]!));
    }

    [Fact]
    public async Task A_batch_is_one_entry_and_one_of_duplicates_none()
    {
        object[] lines =
        [
            .. Enumerable.Range(0, 5).Select(i => Trail.Record(i < 3 ? "USA_21" : "USA_20", $"batch-{i}")),
            Trail.Record("USA_20", "batch-4"),
            "not json",
        ];
        (await Client.BulkAsync(lines)).Is(200);
        (await Client.BulkAsync(lines)).Is(200);

        var entry = Assert.Single(await Client.AuditAsync("?global_master_advertiser_id=USA_20,USA_21"));

        Assert.Equal(
            "ingest_bulk USA_20,USA_21 5 null", Line(entry, "action", "global_master_advertiser_ids", "count", "contact_interaction_id"));
        Assert.Equal(4, (long)entry["last_contact_interaction_id"]! - (long)entry["first_contact_interaction_id"]!);
        var ids = (await Client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_20,USA_21")).Is(200).Ids;
        Assert.Equal((ids.Min(), ids.Max()), ((long)entry["first_contact_interaction_id"]!, (long)entry["last_contact_interaction_id"]!));
    }

    [Fact]
    public async Task What_is_refused_and_a_record_that_was_there_leave_nothing()
    {
        (await Client.PostAsync("/contact_interactions", new { contact_interaction = Trail.Record("USA_13", "once") })).Is(201);
        (await Client.PostAsync("/contact_interactions", new { contact_interaction = Trail.Record("USA_13", "once") })).Is(200);
        (await Client.PostAsync("/contact_interactions", new { contact_interaction = new { global_master_advertiser_id = "USA_13" } }))
            .Is(422);
        var id = (await Client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_13")).Is(200).Ids.Single();
        (await Client.UpdateAsync(id, new { read = "yes" })).Is(422);
        (await Client.UpdateAsync(id + 1_000_000, new { read = true })).Is(404);

        Assert.Equal(["ingest"], (await Client.AuditAsync("?global_master_advertiser_id=USA_13")).Select(e => (string)e["action"]!));
    }

    [Fact]
    public async Task Changes_of_tokens_are_kept_and_revoking_twice_once()
    {
        var token = await fixture.Node.NewTokenAsync(new { name = "PRIVATE-NAME", advertisers = "all" });
        (await Client.SendAsync(HttpMethod.Delete, $"/tokens/{token["id"]}")).Is(200);
        (await Client.SendAsync(HttpMethod.Delete, $"/tokens/{token["id"]}")).Is(200);
        (await Client.PostAsync("/tokens", new { token = new { name = "" } })).Is(422);

        var entries = (await Client.AuditAsync("?action[]=token_create&action[]=token_revoke"))
            .Where(e => e.Text("subject_token_id") == token.Text("id")).ToList();

        Assert.Equal(["token_revoke", "token_create"], entries.Select(e => (string)e["action"]!));
        Assert.All(entries, e => Assert.Equal(" null 1", Line(e, "global_master_advertiser_ids", "contact_interaction_id", "count")));
    }

    [Fact]
    public async Task The_first_admin_token_is_kept_and_another_node_with_it_adds_nothing()
    {
        await using var second = await LipsNode.StartAsync(fixture.Node.ConnectionString);

        var entry = Assert.Single(await Client.AuditAsync("?action[]=admin_token_set"));

        Assert.Equal("null null", Line(entry, "token_id", "address"));
        Assert.Equal(await fixture.ScalarAsync<long>("SELECT id FROM access.tokens WHERE bootstrap"), (long)entry["subject_token_id"]!);
    }

    [Fact]
    public async Task Counters_that_were_mended_are_kept_and_right_ones_are_not()
    {
        await Client.NewAsync("USA_14");
        var cells = fixture.Node.Services.GetRequiredService<Counters.Contracts.CellVerification>();
        Assert.True(Kernel.GlobalId.TryParse("USA_14", out var advertiser));
        await TestPostgres.ExecuteAsync(
            fixture.Node.ConnectionString, $"UPDATE counters.cells SET total = 7 WHERE advertiser = {advertiser.Value}");
        Assert.Equal(1, await cells.RebuildAsync(advertiser, CancellationToken.None));
        Assert.Equal(0, await cells.RebuildAsync(advertiser, CancellationToken.None));

        var entry = Assert.Single(await Client.AuditAsync("?action[]=counters_rebuild&global_master_advertiser_id=USA_14"));

        Assert.Equal("null 1 null", Line(entry, "token_id", "count", "address"));
    }

    [Fact]
    public async Task Racing_writers_leave_one_entry_for_each_change()
    {
        var id = await Client.NewAsync("USA_15");
        await Parallel.ForAsync(
            0,
            60,
            new ParallelOptions { MaxDegreeOfParallelism = 12 },
            async (i, _) => (await Client.UpdateAsync(id, new { read = i % 2 == 0 })).Is(200));

        var changes = await fixture.ScalarAsync<long>("SELECT version FROM counters.advertisers WHERE advertiser = 1000000000015");

        var entries = await Client.AuditAsync("?global_master_advertiser_id=USA_15&limit=500");
        Assert.Equal(changes, entries.Count);
        Assert.Equal(entries.Count, entries.Select(e => (long)e["id"]!).Distinct().Count());
    }

    [Fact]
    public async Task Nothing_in_it_tells_of_a_person_or_the_address()
    {
        var id = await Client.NewAsync("USA_16");
        await Client.UpdateAsync(id, new { notes = "PRIVATE-OTHER" });
        await Client.PostAsync("/tokens", new { token = new { name = "PRIVATE-NAME", advertisers = "all" } });

        var text = await fixture.ScalarAsync<string>("SELECT string_agg(e::text, ' ') FROM audit.entries e");

        Assert.DoesNotContain("PRIVATE", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("127.0.0.1", text);
        Assert.DoesNotContain(Convert.ToHexStringLower(IPAddress.Loopback.GetAddressBytes()), text);
    }

    private static string Line(System.Text.Json.Nodes.JsonNode entry, params string[] names) => string.Join(' ', names.Select(entry.Text));
}

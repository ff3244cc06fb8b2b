using System.Text.Json.Nodes;
using Lips.Testing;

namespace Lips.Audit.Tests;

/// <summary>Making changes and reading the trail, through HTTP.</summary>
internal static class Trail
{
    public static async Task<IReadOnlyList<JsonNode>> AuditAsync(this HttpClient client, string query = "") =>
        [.. (await client.GetAnswerAsync("/audit" + query)).Is(200).Json["audit"]!.AsArray().Select(e => e!)];

    public static object Record(string advertiser, string? externalId = null) => new
    {
        global_master_advertiser_id = advertiser,
        event_type = "CallEvent",
        occurred_at = "2026-03-02T10:00:00Z",
        external_app_id = externalId is null ? null : "tests",
        external_id = externalId,
        notes = "PRIVATE-NOTE",
        contact = new { email = $"private-{externalId}@mail.example", first_name = "PRIVATE-NAME" },
    };

    public static async Task<long> NewAsync(this HttpClient client, string advertiser) =>
        (long)(await client.IngestAsync(Record(advertiser)))["id"]!;

    public static Task<HttpClient> AdminAsync(this LipsNode node, params string[] advertisers) =>
        node.NewCallerAsync(advertisers, ["admin", "ingest", "write", "read"]);

    /// <summary>A string, or nothing at all: what a comparison with a list shows.</summary>
    public static string Text(this JsonNode entry, string name) => entry[name] switch
    {
        null => "null",
        JsonArray list => string.Join(',', list.Select(i => (string)i!)),
        var value => value.ToString(),
    };
}

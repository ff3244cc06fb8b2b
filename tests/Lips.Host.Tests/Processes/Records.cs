using Lips.Testing;

namespace Lips.Host.Tests.Processes;

/// <summary>Interactions of one advertiser, known by their external ids.</summary>
internal static class Records
{
    public static object New(string externalId) => new
    {
        global_master_advertiser_id = "USA_1",
        event_type = "CallEvent",
        occurred_at = "2026-03-02T10:00:00Z",
        external_app_id = "tests",
        external_id = externalId,
    };

    /// <summary>The external ids of all that is there.</summary>
    public static async Task<HashSet<string>> AllAsync(HttpClient client)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        for (var page = 1; ; page++)
        {
            var answer = (await client.GetAnswerAsync($"/contact_interactions?global_master_advertiser_id=USA_1&per_page=500&page={page}"))
                .Is(200);
            found.UnionWith(answer.Json["contact_interactions"]!.AsArray().Select(i => (string)i!["external_id"]!));
            if (page >= (int)answer.Json["total_pages"]!)
                return found;
        }
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using Lips.Testing;

namespace Lips.Web.Tests;

/// <summary>What arrives while somebody looks, and what the API says of it.</summary>
internal static class Leads
{
    private static int count;

    /// <summary>A form that comes in now.</summary>
    public static async Task<JsonNode> ArriveAsync(
        this LipsNode node, string advertiser, string name, string? at = null, object? more = null) =>
        (await node.Client.PostAsync("/contact_interactions", new
        {
            // A number that nobody else has, also none of the demo's (555-01xx), or they were taken for one.
            contact_interaction = new
            {
                global_master_advertiser_id = advertiser,
                event_type = "FormEvent",
                sub_type = "FormPost",
                occurred_at = at ?? DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
                contact = new
                {
                    first_name = name.Split(' ')[0],
                    last_name = name.Split(' ')[^1],
                    email = string.Create(CultureInfo.InvariantCulture, $"lead{Interlocked.Increment(ref count)}@arrivals.example"),
                    phone_numbers = new[] { new { phone_type = "work", phone_number = $"+1 (989) 555-{9000 + count}" } },
                },
                form = more ?? new { message = "Do you have a pontoon for the weekend?" },
            },
        })).Is(201).Json;

    public static async Task<JsonNode> ShowAsync(this LipsNode node, long id) =>
        (await node.Client.GetAnswerAsync($"/contact_interactions/{id}")).Is(200).Json;

    /// <summary>Waits until the record is so.</summary>
    public static async Task<JsonNode> UntilAsync(this LipsNode node, long id, Func<JsonNode, bool> isSo)
    {
        for (var left = 300; ; left--)
        {
            var record = await node.ShowAsync(id);
            if (isSo(record))
                return record;
            Assert.True(left > 0, $"It did not become so: {record}");
            await Task.Delay(100);
        }
    }

    public static async Task<int> UnreadAsync(this LipsNode node, string advertiser) =>
        (int)(await node.Client.GetAnswerAsync($"/contact_interactions/totals?global_master_advertiser_id={advertiser}"))
            .Is(200).Json["unread"]!["events"]!;
}

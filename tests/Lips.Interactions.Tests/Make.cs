using System.Text.Json.Nodes;
using Lips.Testing;

namespace Lips.Interactions.Tests;

/// <summary>Makes interactions to bring in.</summary>
internal static class Make
{
    public const string Time = "2021-09-06T16:16:08.000Z";

    /// <summary>An interaction with what every one must have, and more.</summary>
    /// <param name="advertiser">Whose.</param>
    /// <param name="type">Such as <c>CallEvent</c>.</param>
    /// <param name="more">Its other attributes; one given here again counts.</param>
    public static JsonObject Interaction(string advertiser, string type = "CallEvent", params (string Name, object? Value)[] more)
    {
        var interaction = new JsonObject { ["global_master_advertiser_id"] = advertiser, ["event_type"] = type, ["occurred_at"] = Time };
        foreach (var (name, value) in more)
            interaction[name] = System.Text.Json.JsonSerializer.SerializeToNode(value);
        return interaction;
    }

    /// <summary>Brings in what <see cref="Interaction"/> makes.</summary>
    /// <returns>Its id.</returns>
    public static async Task<long> NewAsync(
        this HttpClient client, string advertiser, string type = "CallEvent", params (string Name, object? Value)[] more) =>
        (long)(await client.IngestAsync(Interaction(advertiser, type, more)))["id"]!;

    /// <summary>The ids of a list in ascending order, which is that of bringing in.</summary>
    public static async Task<IReadOnlyList<long>> FoundAsync(this HttpClient client, string query) =>
        [.. (await client.GetAnswerAsync("/contact_interactions?" + query)).Is(200).Ids.Order()];
}

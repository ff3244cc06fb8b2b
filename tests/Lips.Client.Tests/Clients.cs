using Lips.Testing;

namespace Lips.Client.Tests;

/// <summary>Clients of a node, and what they send.</summary>
internal static class Clients
{
    public static LipsClient NewLipsClient(this LipsNode node, HttpMessageHandler? handler = null, TimeSpan? longestPause = null) =>
        new(new LipsClientOptions
        {
            Address = node.Address,
            Token = LipsNode.AdminToken,
            Handler = handler,
            FirstPause = TimeSpan.FromMilliseconds(1),
            LongestPause = longestPause ?? TimeSpan.FromSeconds(60),
        });

    public static NewInteraction Call(string advertiser, string? externalId = null) => new()
    {
        GlobalMasterAdvertiserId = advertiser,
        EventType = "call",
        OccurredAt = new DateTimeOffset(2026, 3, 2, 10, 0, 0, TimeSpan.Zero),
        ExternalAppId = externalId is null ? null : "tests",
        ExternalId = externalId,
    };

    public static async Task<long> EventsAsync(this LipsClient client, string advertiser) =>
        (await client.GetTotalsAsync(InteractionFilter.Of(advertiser))).All.Events;

    public static async Task<List<T>> ToListAsync<T>(this IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items)
            list.Add(item);
        return list;
    }
}

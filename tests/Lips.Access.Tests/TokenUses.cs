using System.Globalization;
using System.Text.Json.Nodes;
using Lips.Testing;

namespace Lips.Access.Tests;

/// <summary>Using, listing and revoking tokens through HTTP.</summary>
internal static class TokenUses
{
    public const string List = "/contact_interactions?global_master_advertiser_id=USA_1";

    public static async Task<Answer> GetWithAsync(
        this LipsNode node, string? authorization, string address, params (string Name, string Value)[] headers)
    {
        using var client = node.NewClient(authorization);
        return await client.SendAsync(HttpMethod.Get, address, null, headers);
    }

    /// <summary>The token as the list has it.</summary>
    public static async Task<JsonNode> ListedAsync(this LipsNode node, long id) =>
        (await node.Client.GetAnswerAsync("/tokens")).Is(200).Json["tokens"]!.AsArray().Single(t => (long)t!["id"]! == id)!;

    public static Task<Answer> RevokeAsync(this LipsNode node, long id) =>
        node.Client.SendAsync(HttpMethod.Delete, string.Create(CultureInfo.InvariantCulture, $"/tokens/{id}"));

    /// <summary>Asks until the token is refused.</summary>
    /// <returns>How long that took; null when it was longer than 10 seconds.</returns>
    public static async Task<TimeSpan?> UntilRefusedAsync(this LipsNode node, string secret)
    {
        var started = DateTime.UtcNow;
        while (DateTime.UtcNow - started < TimeSpan.FromSeconds(10))
        {
            var answer = await node.GetWithAsync("token " + secret, List);
            if (answer.Status == 401)
                return DateTime.UtcNow - started;
            answer.Is(200);
            await Task.Delay(50);
        }

        return null;
    }
}

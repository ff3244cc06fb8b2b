using System.Text.Json.Nodes;

namespace Lips.Testing;

/// <summary>Makes tokens as an administrator does.</summary>
public static class TokenRequests
{
    /// <summary>Makes a token.</summary>
    /// <returns>The token as it was answered.</returns>
    public static async Task<JsonNode> NewTokenAsync(this LipsNode node, object token) =>
        (await node.Client.PostAsync("/tokens", new { token })).Is(201).Json["token"]!;

    /// <summary>What a token answers with once.</summary>
    public static string Secret(this JsonNode token) => (string)token["secret"]!;

    /// <summary>Makes a token and gives its secret.</summary>
    public static async Task<string> NewSecretAsync(
        this LipsNode node, object? advertisers = null, string[]? abilities = null, bool trusted = false, bool pii = true) =>
        (await node.NewTokenAsync(
            new { name = "test", advertisers = advertisers ?? "all", abilities = abilities ?? ["read"], trusted, pii })).Secret();

    /// <summary>Makes a token and gives a client that uses it.</summary>
    public static async Task<HttpClient> NewCallerAsync(
        this LipsNode node, object? advertisers = null, string[]? abilities = null, bool trusted = false, bool pii = true) =>
        node.NewClient("Bearer " + await node.NewSecretAsync(advertisers, abilities, trusted, pii));

    /// <summary>Makes a token with an API key and gives both.</summary>
    public static async Task<(string Secret, string Key)> NewKeyAsync(
        this LipsNode node, object? advertisers = null, string[]? abilities = null, bool trusted = false, bool pii = true)
    {
        var token = new
        {
            name = "partner",
            advertisers = advertisers ?? "all",
            abilities = abilities ?? ["read"],
            trusted,
            pii,
            api_key = true,
        };
        var made = await node.NewTokenAsync(token);
        return (made.Secret(), (string)made["api_key"]!);
    }

    /// <summary>Makes a token with an API key and gives a client that uses both: a partner.</summary>
    public static async Task<HttpClient> NewPartnerAsync(
        this LipsNode node, object? advertisers = null, string[]? abilities = null, bool trusted = false, bool pii = true)
    {
        var (secret, key) = await node.NewKeyAsync(advertisers, abilities, trusted, pii);
        var client = node.NewClient("token " + secret);
        client.DefaultRequestHeaders.Add("x-api-key", key);
        return client;
    }
}

using System.Text.Json.Nodes;
using Lips.Testing;

namespace Lips.Interactions.Tests;

/// <summary>Makes tokens as an administrator does.</summary>
internal static class Tokens
{
    /// <summary>Makes a token and gives its secret.</summary>
    public static async Task<string> NewTokenAsync(
        this LipsNode node, object? advertisers = null, string[]? abilities = null, bool trusted = false, bool pii = true)
    {
        var answer = await node.Client.PostAsync("/tokens", new { token = new { name = "test", advertisers = advertisers ?? "all", abilities = abilities ?? ["read"], trusted, pii } });
        return (string)answer.Is(201).Json["token"]!["secret"]!;
    }

    /// <summary>Makes a token and gives a client that uses it.</summary>
    public static async Task<HttpClient> NewCallerAsync(
        this LipsNode node, object? advertisers = null, string[]? abilities = null, bool trusted = false, bool pii = true) =>
        node.NewClient("Bearer " + await node.NewTokenAsync(advertisers, abilities, trusted, pii));

    /// <summary>Makes a token with an API key and gives both.</summary>
    public static async Task<(string Secret, string Key)> NewKeyAsync(
        this LipsNode node, object? advertisers = null, string[]? abilities = null, bool trusted = false, bool pii = true)
    {
        var token = new { name = "partner", advertisers = advertisers ?? "all", abilities = abilities ?? ["read"], trusted, pii, api_key = true };
        var made = (await node.Client.PostAsync("/tokens", new { token })).Is(201).Json["token"]!;
        return ((string)made["secret"]!, (string)made["api_key"]!);
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
    public static async Task<long> NewAsync(this HttpClient client, string advertiser, string type = "CallEvent", params (string Name, object? Value)[] more) =>
        (long)(await client.IngestAsync(Interaction(advertiser, type, more)))["id"]!;

    /// <summary>The ids of a list in ascending order, which is that of bringing in.</summary>
    public static async Task<IReadOnlyList<long>> FoundAsync(this HttpClient client, string query) =>
        [.. (await client.GetAnswerAsync("/contact_interactions?" + query)).Is(200).Ids.Order()];
}

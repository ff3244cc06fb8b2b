using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Lips.Testing;

/// <summary>An answer with its body as it came; asserts print it when they fail.</summary>
public sealed record Answer(int Status, string Body, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    /// <summary>The body as JSON.</summary>
    public JsonNode Json => JsonNode.Parse(Body)!;

    /// <summary>The <c>attribute</c> of each line of a 422 answer.</summary>
    public IReadOnlyList<string> Attributes => [.. Json.AsArray().Select(line => (string)line!["attribute"]!)];

    /// <summary>The ids of the interactions of a list.</summary>
    public IReadOnlyList<long> Ids => [.. Json["contact_interactions"]!.AsArray().Select(i => (long)i!["id"]!)];

    /// <summary>Fails with the body unless the status is this one.</summary>
    public Answer Is(int status)
    {
        Assert.True(Status == status, $"Expected {status}, got {Status}: {Body}");
        return this;
    }
}

/// <summary>Shorthand for requests.</summary>
public static class Requests
{
    /// <summary>GET.</summary>
    public static Task<Answer> GetAnswerAsync(this HttpClient client, string address) => client.SendAsync(HttpMethod.Get, address);

    /// <summary>POST of JSON.</summary>
    public static Task<Answer> PostAsync(
        this HttpClient client, string address, object json, params (string Name, string Value)[] headers) =>
        client.SendAsync(HttpMethod.Post, address, json, headers);

    /// <summary>Any request with a JSON body, or none. A string is sent as it is.</summary>
    public static Task<Answer> SendAsync(
        this HttpClient client, HttpMethod method, string address, object? json = null, params (string Name, string Value)[] headers) =>
        client.SendAsync(
            method,
            address,
            json is null ? null : new StringContent(json as string ?? JsonSerializer.Serialize(json), Encoding.UTF8, "application/json"),
            headers);

    /// <summary>Any request.</summary>
    public static async Task<Answer> SendAsync(
        this HttpClient client, HttpMethod method, string address, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(address, UriKind.RelativeOrAbsolute)) { Content = content };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await client.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
    }

    /// <summary>Sends lines to the bulk endpoint.</summary>
    public static Task<Answer> BulkAsync(this HttpClient client, IEnumerable<object> lines, params (string Name, string Value)[] headers)
    {
        var content = new StringContent(
            string.Join('\n', lines.Select(line => line as string ?? JsonSerializer.Serialize(line))), Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        return client.SendAsync(HttpMethod.Post, "/contact_interactions/bulk", content, headers);
    }

    /// <summary>Brings one interaction in.</summary>
    /// <returns>The interaction as it was answered.</returns>
    public static async Task<JsonNode> IngestAsync(this HttpClient client, object interaction) =>
        (await client.PostAsync("/contact_interactions", new { contact_interaction = interaction })).Is(201).Json;

    /// <summary>Changes an interaction.</summary>
    public static Task<Answer> UpdateAsync(this HttpClient client, long id, object change) =>
        client.SendAsync(HttpMethod.Put, $"/contact_interactions/{id}", new { contact_interaction = change });

    /// <summary>Archives an interaction.</summary>
    public static Task<Answer> ArchiveAsync(this HttpClient client, long id) =>
        client.SendAsync(HttpMethod.Delete, $"/contact_interactions/{id}");

    /// <summary>Brings an interaction back.</summary>
    public static Task<Answer> UnarchiveAsync(this HttpClient client, long id) =>
        client.SendAsync(HttpMethod.Put, $"/contact_interactions/{id}/unarchive");

    /// <summary>The id of an interaction or a token.</summary>
    public static long Id(this JsonNode record) => (long)record["id"]!;
}

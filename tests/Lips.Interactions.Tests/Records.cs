using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Lips.Testing;

namespace Lips.Interactions.Tests;

/// <summary>Records to bring in, and what the tests ask the database afterwards.</summary>
internal static class Records
{
    public const string One = "/contact_interactions";
    public const string Bulk = "/contact_interactions/bulk";

    /// <summary>The least that a record must say.</summary>
    public static JsonObject Call(string advertiser) => Of(advertiser, "CallEvent");

    public static JsonObject Of(string advertiser, string eventType) => Make.Interaction(advertiser, eventType);

    public static JsonObject With(this JsonObject record, string name, JsonNode? value)
    {
        record[name] = value;
        return record;
    }

    public static JsonObject External(this JsonObject record, string? app, string? id) =>
        record.With("external_app_id", app).With("external_id", id);

    public static JsonObject From(this JsonObject record, string? email = null, string? phone = null, string? firstName = null)
    {
        var contact = new JsonObject { ["email"] = email, ["first_name"] = firstName };
        if (phone is not null)
            contact["phone_numbers"] = new JsonArray(new JsonObject { ["phone_type"] = "work", ["phone_number"] = phone });
        return record.With("contact", contact);
    }

    public static Task<Answer> SendOneAsync(this HttpClient client, JsonNode record, params (string Name, string Value)[] headers) =>
        client.PostAsync(One, new JsonObject { ["contact_interaction"] = record.DeepClone() }, headers);

    /// <summary>Sends a body of its own making to the bulk endpoint.</summary>
    public static Task<Answer> SendBulkAsync(
        this HttpClient client, byte[] body, string? encoding = null, string type = "application/x-ndjson")
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (encoding is not null)
            content.Headers.ContentEncoding.Add(encoding);
        return client.SendAsync(HttpMethod.Post, Bulk, content);
    }

    public static byte[] Lines(IEnumerable<JsonObject> records) =>
        Encoding.UTF8.GetBytes(string.Concat(records.Select(r => r.ToJsonString() + "\n")));

    public static byte[] Gzip(byte[] body)
    {
        var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest))
            gzip.Write(body);
        return zipped.ToArray();
    }

    public static async Task<JsonNode> ShowAsync(this HttpClient client, long id) =>
        (await client.GetAnswerAsync(string.Create(CultureInfo.InvariantCulture, $"/contact_interactions/{id}"))).Is(200).Json;

    public static long ContactId(this JsonNode interaction) => (long)interaction["contact_id"]!;
}

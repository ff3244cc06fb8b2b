using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Pii;

/// <summary>Asks, and keeps every different text that was answered: strings of JSON, names of its properties, headers.</summary>
internal sealed class AnswerTexts(HttpClient client)
{
    /// <summary>Strings, and headers.</summary>
    public HashSet<string> Values { get; } = new(StringComparer.Ordinal);

    /// <summary>Names of properties.</summary>
    public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

    /// <summary>Asks, and fails on another status.</summary>
    public async Task<JsonElement> GetAsync(string address, int status) =>
        await KeepAsync(await client.GetAsync(new Uri(address, UriKind.Relative)), status);

    /// <summary>Brings in.</summary>
    public async Task PostAsync(JsonElement interaction, int status)
    {
        using var content = new StringContent(
            $$"""{"contact_interaction":{{interaction.GetRawText()}}}""", Encoding.UTF8, "application/json");
        await KeepAsync(await client.PostAsync(new Uri("/contact_interactions", UriKind.Relative), content), status);
    }

    /// <summary>Reads the first event of a stream.</summary>
    public async Task OpenStreamAsync(string address)
    {
        await using var stream = await EventStream.OpenAsync(client, address);
        Read(Encoding.UTF8.GetBytes((await stream.NextAsync()).ToJsonString()));
    }

    /// <summary>Reads a list by its cursors.</summary>
    public async Task ListByCursorAsync(string advertiser)
    {
        var address = $"/contact_interactions?global_master_advertiser_id={advertiser}&limit=500&fields=summary";
        var next = "";
        do
        {
            var rest = await GetAsync(next.Length == 0 ? address : $"{address}&after={next}", 200);
            next = rest.TryGetProperty("next", out var cursor) ? cursor.GetString() ?? "" : "";
        }
        while (next.Length > 0);
    }

    /// <summary>Reads an export: each of its cells but those that are numbers in JSON.</summary>
    public async Task ExportAsync(string advertiser)
    {
        using var text = new StringReader(await client.GetStringAsync(
            new Uri($"/contact_interactions.csv?global_master_advertiser_id={advertiser}", UriKind.Relative)));
        using var csv = new CsvReader(text, CultureInfo.InvariantCulture);
        Assert.True(await csv.ReadAsync() && csv.ReadHeader());
        Names.UnionWith(csv.HeaderRecord!);
        while (await csv.ReadAsync())
            Values.UnionWith(csv.HeaderRecord!.Where(name => name is not ("id" or "contact_id" or "call_duration"))
                .Select(name => csv.GetField(name)!));
    }

    private async Task<JsonElement> KeepAsync(HttpResponseMessage response, int status)
    {
        using (response)
        {
            var body = await response.Content.ReadAsByteArrayAsync();
            Assert.True(
                (int)response.StatusCode == status,
                $"Expected {status}, got {(int)response.StatusCode}: "
                    + $"{Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 1_000)))}");
            foreach (var header in response.Headers.Concat(response.Content.Headers))
                Values.UnionWith(header.Value);
            return Read(body);
        }
    }

    /// <returns>The body without its list: what one goes on by.</returns>
    private JsonElement Read(byte[] body)
    {
        var values = Values.GetAlternateLookup<ReadOnlySpan<char>>();
        var names = Names.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> text = stackalloc char[4_096];
        var reader = new Utf8JsonReader(body);
        var rest = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
                continue;
            var isName = reader.TokenType == JsonTokenType.PropertyName;
            // No text is longer in characters than in bytes.
            if (reader.ValueSpan.Length <= text.Length)
                _ = (isName ? names : values).Add(text[..reader.CopyString(text)]);
            else
                Values.Add(reader.GetString()!);
            if (!isName || reader.CurrentDepth != 1 || reader.ValueTextEquals("contact_interactions"u8))
                continue;
            var name = reader.GetString()!;
            var copy = reader;
            copy.Read();
            if (copy.TokenType is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False)
                rest[name] = JsonElement.ParseValue(ref copy);
        }

        return JsonSerializer.SerializeToElement(rest);
    }
}

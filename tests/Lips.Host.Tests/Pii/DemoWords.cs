using System.Text.Json;
using Lips.Demo;

namespace Lips.Host.Tests.Pii;

/// <summary>All texts of the demo data, those that tell of a person (contract section 2) apart from the others.</summary>
internal sealed class DemoWords
{
    // What has neither its own entry nor one of its parent's here does not tell of a person.
    private static readonly HashSet<string> OfAPerson = new(StringComparer.Ordinal)
    {
        "notes", "page_url", "contact.first_name", "contact.last_name", "contact.display_name", "contact.email", "contact.company",
        "contact.title", "contact.phone_numbers", "call.recording_url", "call.target_number", "call.caller_number", "call.dialed_number",
        "form.referring_url", "form.full_message", "form.message", "form.extra_fields", "chat.referring_url", "chat.transcript.from",
        "chat.transcript.message", "booking.extra_fields", "lsa.customer_name", "fpd.extra_fields",
    };

    /// <summary>Where each personal text stands in what was sent; of some that stand in several places, one of them.</summary>
    public Dictionary<string, string> Personal { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Forms that a text could also be served in: a number without its plus, its country, its extension; a name as a whole.
    /// </summary>
    public HashSet<string> Variants { get; } = new(StringComparer.Ordinal);

    /// <summary>Names of extra fields.</summary>
    public HashSet<string> Keys { get; } = new(StringComparer.Ordinal);

    /// <summary>Texts that everybody may read.</summary>
    public HashSet<string> Open { get; } = new(StringComparer.Ordinal);

    /// <summary>Some whole lines, for asking again.</summary>
    public List<JsonElement> Sample { get; } = [];

    /// <summary>Writes an advertiser's lines, and takes note of them.</summary>
    public async Task<byte[]> TakeAsync(DemoAdvertiser advertiser)
    {
        using var stream = new MemoryStream();
        await DemoData.WriteAsync(stream, advertiser.Id, advertiser.Count);
        var bytes = stream.ToArray();
        var number = 0;
        for (var start = 0; start < bytes.Length; number++)
        {
            var length = bytes.AsSpan(start).IndexOf((byte)'\n');
            using var line = JsonDocument.Parse(bytes.AsMemory(start, length));
            Take(line.RootElement, "", isPersonal: false);
            TakeName(line.RootElement.GetProperty("contact"));
            if (number % 400 == 0)
                Sample.Add(line.RootElement.Clone());
            start += length + 1;
        }

        return bytes;
    }

    private void Take(JsonElement element, string path, bool isPersonal)
    {
        isPersonal |= OfAPerson.Contains(path);
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    if (path.EndsWith("extra_fields", StringComparison.Ordinal))
                        Keys.Add(property.Name);
                    Take(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}", isPersonal);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    Take(item, path, isPersonal);
                break;
            case JsonValueKind.String when element.GetString() is { Length: > 0 } text:
                if (!isPersonal)
                    Open.Add(text);
                else if (Personal.TryAdd(text, path) && text.StartsWith("+1", StringComparison.Ordinal))
                    TakeNumber(text);
                break;
        }
    }

    private void TakeName(JsonElement contact)
    {
        if (contact.TryGetProperty("first_name", out var first) && contact.TryGetProperty("last_name", out var last))
            Variants.Add($"{first.GetString()} {last.GetString()}");
    }

    // +12125550123 x241
    private void TakeNumber(string text)
    {
        var number = text.Split(' ')[0];
        Variants.UnionWith([
            number, number[1..], number[2..], $"({number[2..5]}) {number[5..8]}-{number[8..]}",
            $"{number[2..5]}-{number[5..8]}-{number[8..]}",
        ]);
    }
}

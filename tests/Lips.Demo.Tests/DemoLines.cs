using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace Lips.Demo.Tests;

/// <summary>The lines as they go over the wire, parsed; made once for all tests.</summary>
internal static class DemoLines
{
    private static readonly ConcurrentDictionary<string, Lazy<IReadOnlyList<JsonElement>>> Parsed = new(StringComparer.Ordinal);

    public static TheoryData<string> Advertisers => [.. DemoData.Advertisers.Select(advertiser => advertiser.Id)];

    public static IReadOnlyList<JsonElement> Of(string advertiser) => Parsed.GetOrAdd(advertiser, id => new(() =>
        [.. Split(Bytes(id, Count(id))).Select(line => JsonElement.Parse(line.Span))])).Value;

    public static int Count(string advertiser) => DemoData.Advertisers.Single(entry => entry.Id == advertiser).Count;

    public static byte[] Bytes(string advertiser, int count)
    {
        using var stream = new MemoryStream();
        DemoData.WriteAsync(stream, advertiser, count).GetAwaiter().GetResult();
        return stream.ToArray();
    }

    /// <summary>The lines without their line feeds. Nothing may follow the last one.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Split(byte[] bytes)
    {
        for (var start = 0; start < bytes.Length;)
        {
            var end = Array.IndexOf(bytes, (byte)'\n', start);
            Assert.True(end >= 0, "The last line has no line feed.");
            yield return bytes.AsMemory(start, end - start);
            start = end + 1;
        }
    }

    public static string? Text(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.GetString() : null;

    public static DateTime? Time(this JsonElement element, string name) => element.Text(name) is { } text
        ? DateTime.ParseExact(
            text, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal)
        : null;

    public static IReadOnlyList<string> Phones(this JsonElement line) =>
        [.. line.GetProperty("contact").GetProperty("phone_numbers").EnumerateArray().Select(phone => phone.Text("phone_number")!)];

    public static string? Email(this JsonElement line) => line.GetProperty("contact").Text("email");

    public static double Share<T>(this IEnumerable<T> values, Func<T, bool> test)
    {
        var (all, hits) = (0, 0);
        foreach (var value in values)
        {
            all++;
            hits += test(value) ? 1 : 0;
        }

        return (double)hits / all;
    }
}

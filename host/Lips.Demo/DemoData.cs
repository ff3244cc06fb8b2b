using System.Buffers;
using System.Text.Json;

namespace Lips.Demo;

/// <summary>An advertiser of the demo and how many interactions it has.</summary>
public sealed record DemoAdvertiser(string Id, int Count);

/// <summary>
/// Invented interactions, the same ones at each call and on each machine. They lie in 18 fixed months, so that loading them on another day
/// adds nothing. No person, address or phone number in them is real: names are drawn from lists, e-mails and urls use reserved domains (RFC
/// 2606), phone numbers the range kept for fiction.
/// </summary>
public static class DemoData
{
    private const int FlushAt = 64 * 1024;

    /// <summary>What <c>--demo</c> loads, the small ones first.</summary>
    public static IReadOnlyList<DemoAdvertiser> Advertisers { get; } = [new("TEST_2", 500), new("TEST_1", 5_000), new("USA_1", 50_000)];

    /// <summary>
    /// Writes <paramref name="count"/> interactions in order of time as NDJSON (UTF-8, a line feed after each), with flat memory. Another
    /// count gives other interactions with the same external ids, not more of the same.
    /// </summary>
    /// <param name="stream">Written to and left open.</param>
    /// <param name="advertiser">A global master advertiser id such as <c>USA_1</c>.</param>
    /// <param name="count">How many lines; 0 or more.</param>
    /// <param name="cancellationToken">Ends the writing between two lines.</param>
    /// <exception cref="ArgumentException"><paramref name="advertiser"/> is not of the form <c>PLATFORM_NUMBER</c>.</exception>
    public static Task WriteAsync(Stream stream, string advertiser, int count, CancellationToken cancellationToken = default) =>
        WriteAsync(stream, Generate(advertiser, count), written: null, cancellationToken);

    internal static IEnumerable<DemoInteraction> Generate(string advertiser, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var parts = advertiser.Split('_');
        if (parts is not [{ Length: > 0 }, { Length: > 0 and < 9 } digits] || !digits.All(char.IsAsciiDigit))
            throw new ArgumentException("Expected an advertiser such as USA_1.", nameof(advertiser));
        return Enumerate();

        IEnumerable<DemoInteraction> Enumerate()
        {
            var events = new DemoEvents(advertiser);
            var number = 0;
            foreach (var occurredAt in DemoCalendar.Arrivals(count, new SplitMix64(SplitMix64.Seed("arrivals of " + advertiser))))
                yield return events.Next(++number, occurredAt);
        }
    }

    /// <param name="stream">Written to and left open.</param>
    /// <param name="interactions">One becomes one line.</param>
    /// <param name="written">Told the number of lines so far, each time some have gone out.</param>
    /// <param name="cancellationToken">Ends the writing between two lines.</param>
    internal static async Task WriteAsync(
        Stream stream, IEnumerable<DemoInteraction> interactions, Action<int>? written, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(FlushAt * 2);
        await using var writer = new Utf8JsonWriter(buffer, DemoJson.Writer);
        var lines = 0;
        foreach (var interaction in interactions)
        {
            JsonSerializer.Serialize(writer, interaction, DemoJson.Default.DemoInteraction);
            await writer.FlushAsync(cancellationToken);
            writer.Reset();
            buffer.Write("\n"u8);
            lines++;
            if (buffer.WrittenCount >= FlushAt)
                await SendAsync();
        }

        if (buffer.WrittenCount > 0)
            await SendAsync();

        async Task SendAsync()
        {
            await stream.WriteAsync(buffer.WrittenMemory, cancellationToken);
            buffer.ResetWrittenCount();
            written?.Invoke(lines);
        }
    }
}

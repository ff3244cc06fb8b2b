using System.Buffers.Text;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;

namespace Lips.Kernel.Repeats;

/// <summary>Writes the answers of one connection to requests that come again: bytes of HTTP/1.1, head and body.</summary>
/// <param name="output">Where they go; whoever made this flushes it.</param>
public sealed class RepeatedAnswer(PipeWriter output)
{
    // Status line, length, type, date and tag, names and ends of lines included; the texts of tags are some 90 characters long.
    private const int OfHead = 512;

    private static Tuple<long, byte[]> date = Tuple.Create(0L, Array.Empty<byte>());

    private RepeatedRequest? request;

    /// <summary>Whether the answer was begun to be written.</summary>
    internal bool HasBegun { get; private set; }

    internal void Begin(RepeatedRequest answered) => (request, HasBegun) = (answered, false);

    /// <summary>Answers 200 with JSON.</summary>
    /// <param name="tag">The ETag.</param>
    /// <param name="what">What the body tells.</param>
    /// <param name="write">Writes the body.</param>
    public void Json<T>(string tag, T what, Action<Utf8JsonWriter, T> write)
    {
        var scratch = JsonScratch.Take();
        var body = scratch.Compose(what, write);
        var place = Place(tag, body.Length);
        var length = Append(place, 0, "HTTP/1.1 200 OK\r\nContent-Length: "u8);
        Utf8Formatter.TryFormat(body.Length, place[length..], out var digits);
        length = Append(place, length + digits, "\r\nContent-Type: application/json; charset=utf-8\r\n"u8);
        length = EndHead(place, length, tag);
        output.Advance(Append(place, length, body));
        scratch.Return();
    }

    /// <summary>Answers 304.</summary>
    /// <param name="tag">The ETag.</param>
    public void NotModified(string tag)
    {
        var place = Place(tag, 0);
        output.Advance(EndHead(place, Append(place, 0, "HTTP/1.1 304 Not Modified\r\n"u8), tag));
    }

    private Span<byte> Place(string tag, int body)
    {
        HasBegun = true;
        return output.GetSpan(OfHead + tag.Length + request!.Headers.Length + body);
    }

    private int EndHead(Span<byte> place, int length, string tag)
    {
        length = Append(place, length, "Date: "u8);
        length = Append(place, length, Date());
        length = Append(place, length, "\r\n"u8);
        length = Append(place, length, request!.Headers);
        length = Append(place, length, "ETag: "u8);
        length += Encoding.Latin1.GetBytes(tag, place[length..]);
        return Append(place, length, "\r\n\r\n"u8);
    }

    private static int Append(Span<byte> place, int length, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(place[length..]);
        return length + bytes.Length;
    }

    private static byte[] Date()
    {
        var now = DateTime.UtcNow;
        var second = now.Ticks / TimeSpan.TicksPerSecond;
        var last = date;
        if (last.Item1 != second)
            date = last = Tuple.Create(second, Encoding.ASCII.GetBytes(now.ToString("R", CultureInfo.InvariantCulture)));
        return last.Item2;
    }
}

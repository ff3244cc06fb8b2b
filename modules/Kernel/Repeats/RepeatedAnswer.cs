using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks.Sources;

namespace Lips.Kernel.Repeats;

/// <summary>The answers of one connection to requests that come again, one after the other: bytes of HTTP/1.1, head and body.</summary>
public sealed class RepeatedAnswer : IValueTaskSource<bool>
{
    // Status line, length, type, date, and the names of tag and links, ends of lines included.
    private const int OfHead = 512;

    // Memory for so much stays with the connection, for its next answer.
    private const int Kept = 4_096;

    private static Tuple<long, byte[]> date = Tuple.Create(0L, Array.Empty<byte>());

    private ManualResetValueTaskSourceCore<bool> end;
    private RepeatedRequest? request;
    private byte[] bytes = [];
    private int length;

    /// <summary>The last answer, until <see cref="Sent"/>.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes.AsMemory(0, length);

    /// <summary>Says that the answer was sent, and its memory can be used for another's.</summary>
    public void Sent()
    {
        if (bytes.Length <= Kept)
            return;
        ArrayPool<byte>.Shared.Return(bytes);
        (bytes, length) = ([], 0);
    }

    /// <summary>Has a request answered, if its caller is still let in.</summary>
    /// <param name="repeated">The request.</param>
    /// <returns>False when there is no answer, and the request is to go the ordinary way, which fails as well, or succeeds; it has the words for either. Awaited before the next.</returns>
    public ValueTask<bool> AnswerAsync(RepeatedRequest repeated)
    {
        if (!repeated.Credential.LetsIn())
            return new(false);
        (request, length) = (repeated, 0);
        end.Reset();
        var answered = new ValueTask<bool>(this, end.Version);
        repeated.Repeatable.Answer(this);
        return answered;
    }

    /// <summary>Answers 200 with JSON.</summary>
    /// <param name="tag">The ETag.</param>
    /// <param name="what">What the body tells.</param>
    /// <param name="write">Writes the body.</param>
    public void Json<T>(string tag, T what, Action<Utf8JsonWriter, T> write)
    {
        var scratch = JsonScratch.Take();
        Compose(tag, null, scratch.Compose(what, write));
        scratch.Return();
        end.SetResult(true);
    }

    /// <summary>Answers 200 with JSON that is written already.</summary>
    /// <param name="tag">The ETag.</param>
    /// <param name="links">The Link header.</param>
    /// <param name="body">The body; it is copied.</param>
    public void Json(string tag, string links, ReadOnlySpan<byte> body)
    {
        Compose(tag, links, body);
        end.SetResult(true);
    }

    /// <summary>Answers 304.</summary>
    /// <param name="tag">The ETag.</param>
    public void NotModified(string tag)
    {
        var place = Place(tag.Length);
        length = EndHead(place, Append(place, 0, "HTTP/1.1 304 Not Modified\r\n"u8), tag, null);
        end.SetResult(true);
    }

    /// <summary>Leaves the request to the ordinary way.</summary>
    public void Leave() => end.SetResult(false);

    bool IValueTaskSource<bool>.GetResult(short token) => end.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => end.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        end.OnCompleted(continuation, state, token, flags);

    private void Compose(string tag, string? links, ReadOnlySpan<byte> body)
    {
        var place = Place(tag.Length + (links?.Length ?? 0) + body.Length);
        var written = Append(place, 0, "HTTP/1.1 200 OK\r\nContent-Length: "u8);
        Utf8Formatter.TryFormat(body.Length, place[written..], out var digits);
        written = Append(place, written + digits, "\r\nContent-Type: application/json; charset=utf-8\r\n"u8);
        written = EndHead(place, written, tag, links);
        length = Append(place, written, body);
    }

    private Span<byte> Place(int more)
    {
        var needed = OfHead + request!.Headers.Length + more;
        if (bytes.Length < needed)
            bytes = ArrayPool<byte>.Shared.Rent(needed);
        return bytes;
    }

    private int EndHead(Span<byte> place, int at, string tag, string? links)
    {
        at = Append(place, at, "Date: "u8);
        at = Append(place, at, Date());
        at = Append(place, at, "\r\n"u8);
        at = Append(place, at, request!.Headers);
        if (links is not null)
            at = AppendLine(place, Append(place, at, "Link: "u8), links);
        at = AppendLine(place, Append(place, at, "ETag: "u8), tag);
        return Append(place, at, "\r\n"u8);
    }

    private static int AppendLine(Span<byte> place, int at, string value)
    {
        at += Encoding.Latin1.GetBytes(value, place[at..]);
        return Append(place, at, "\r\n"u8);
    }

    private static int Append(Span<byte> place, int at, ReadOnlySpan<byte> what)
    {
        what.CopyTo(place[at..]);
        return at + what.Length;
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

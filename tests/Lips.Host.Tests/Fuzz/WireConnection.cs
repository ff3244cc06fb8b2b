using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Lips.Host.Tests.Fuzz;

/// <summary>An answer as it came over the wire.</summary>
internal sealed record WireAnswer(int Status, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body)
{
    public string? Header(string name) => Headers.FirstOrDefault(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    public bool IsStream => Header("Content-Type") == "text/event-stream";

    /// <summary>Whether the server ends the connection behind it.</summary>
    public bool IsLast => "close".Equals(Header("Connection"), StringComparison.OrdinalIgnoreCase);
}

/// <summary>The answer was no HTTP.</summary>
internal sealed class WireException(string message) : Exception(message);

/// <summary>
/// One side of an HTTP/1.1 connection that is kept open from request to request. Sends bytes as they are: HttpClient would put them in order, or refuse.
/// </summary>
internal sealed class WireConnection(Uri node) : IDisposable
{
    private const int MaxHead = 1 << 20;

    private byte[] buffer = new byte[32 * 1024];
    private Socket? socket;
    private int start;
    private int end;

    /// <summary>Sends a request and reads its answer.</summary>
    /// <returns>Null when the server closed the connection without one.</returns>
    /// <exception cref="OperationCanceledException">No answer came in time.</exception>
    public async Task<WireAnswer?> AskAsync(FuzzRequest request, CancellationToken cancellation)
    {
        // A server may end a connection that waits for its next request at any time; then every client asks again on another (RFC 9112, 9.3.1).
        var isUsed = socket is not null;
        return await AskOnceAsync(request, cancellation) ?? (isUsed ? await AskOnceAsync(request, cancellation) : null);
    }

    public void Dispose() => Close();

    private async Task<WireAnswer?> AskOnceAsync(FuzzRequest request, CancellationToken cancellation)
    {
        if (socket is null)
        {
            (start, end) = (0, 0);
            socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(node.Host, node.Port, cancellation);
        }

        // The answer may come before all is sent, and the server need not read the rest.
        var sending = SendAsync(socket, request, cancellation);
        WireAnswer? answer = null;
        try
        {
            answer = await ReadAsync(request.Method, cancellation);
        }
        catch (SocketException) when (start == end || request.MayBeCut)
        {
            // A reset: no answer. Who has closed its half is taken for gone, also amid an answer that is too long to be sent at once.
        }

        if (answer is null || answer.IsLast || answer.IsStream || request.Ending != Ending.KeepAlive || !sending.IsCompleted)
            Close();
        await sending;
        return answer;
    }

    private static async Task SendAsync(Socket socket, FuzzRequest request, CancellationToken cancellation)
    {
        try
        {
            ReadOnlyMemory<byte> bytes = request.ToBytes();
            while (bytes.Length > 0)
                bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancellation)..];
            if (request.Ending == Ending.HalfClose)
                socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The server has enough of it, or the answer is there already: what it answered is what counts.
        }
    }

    private void Close()
    {
        socket?.Dispose();
        socket = null;
    }

    private async Task<WireAnswer?> ReadAsync(string method, CancellationToken cancellation)
    {
        while (true)
        {
            int length;
            while ((length = buffer.AsSpan(start, end - start).IndexOf("\r\n\r\n"u8)) < 0)
            {
                if (end - start > MaxHead)
                    throw new WireException("The answer's headers have no end.");
                if (!await MoreAsync(cancellation))
                    return start == end ? null : throw new WireException("The answer ends amid its headers.");
            }

            var head = Encoding.Latin1.GetString(buffer, start, length);
            start += length + 4;
            var answer = Parse(head);
            // 100 Continue is not the answer yet.
            if (answer.Status is >= 100 and < 200)
                continue;
            return answer with { Body = await BodyAsync(answer, method, cancellation) };
        }
    }

    private static WireAnswer Parse(string head)
    {
        var lines = head.Split("\r\n");
        if (!lines[0].StartsWith("HTTP/1.1 ", StringComparison.Ordinal) || lines[0].Length < 12 || !int.TryParse(lines[0].AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status))
            throw new WireException("This is no status line: " + lines[0]);
        var headers = new List<(string, string)>(lines.Length);
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || line.Any(c => c is < ' ' or > '~'))
                throw new WireException("This is no header: " + line);
            headers.Add((line[..colon], line[(colon + 1)..].Trim()));
        }

        return new WireAnswer(status, headers, []);
    }

    private async Task<byte[]> BodyAsync(WireAnswer answer, string method, CancellationToken cancellation)
    {
        if (method == "HEAD" || answer.Status is 204 or 304)
            return [];
        if (answer.Header("Content-Length") is { } text)
            return await ExactlyAsync(int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture), cancellation);
        if (answer.Header("Transfer-Encoding") == "chunked")
            return await ChunksAsync(answer.IsStream, cancellation);
        // An answer to HTTP/1.0 ends with the connection.
        var body = new MemoryStream();
        do
        {
            body.Write(buffer, start, end - start);
            start = end;
            if (answer.IsStream && body.ToArray().AsSpan().IndexOf("\n\n"u8) >= 0)
                break;
        }
        while (await MoreAsync(cancellation));
        return body.ToArray();
    }

    private async Task<byte[]> ChunksAsync(bool isStream, CancellationToken cancellation)
    {
        var body = new MemoryStream();
        while (true)
        {
            int line;
            while ((line = buffer.AsSpan(start, end - start).IndexOf("\r\n"u8)) < 0)
                await NeededAsync(cancellation);
            var length = int.Parse(Encoding.Latin1.GetString(buffer, start, line), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            start += line + 2;
            body.Write(await ExactlyAsync(length, cancellation));
            await ExactlyAsync(2, cancellation);
            // Of a stream the first event is enough; it would go on for ever.
            if (length == 0 || (isStream && body.ToArray().AsSpan().IndexOf("\n\n"u8) >= 0))
                return body.ToArray();
        }
    }

    private async Task<byte[]> ExactlyAsync(int length, CancellationToken cancellation)
    {
        while (end - start < length)
            await NeededAsync(cancellation);
        var bytes = buffer.AsSpan(start, length).ToArray();
        start += length;
        return bytes;
    }

    private async Task NeededAsync(CancellationToken cancellation)
    {
        if (!await MoreAsync(cancellation))
            throw new WireException("The answer ends amid its body.");
    }

    private async Task<bool> MoreAsync(CancellationToken cancellation)
    {
        if (start == end)
        {
            (start, end) = (0, 0);
        }
        else if (end == buffer.Length)
        {
            if (start > 0)
                buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            if (end == buffer.Length)
                Array.Resize(ref buffer, buffer.Length * 2);
        }

        var read = await socket!.ReceiveAsync(buffer.AsMemory(end), SocketFlags.None, cancellation);
        end += read;
        return read > 0;
    }
}

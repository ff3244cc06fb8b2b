using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lips.Testing;

/// <summary>
/// One side of an HTTP/1.1 connection. Sends bytes as they are and when a test says so: HttpClient would put them in order, or refuse.
/// </summary>
public sealed class RawConnection : IDisposable
{
    private const int MaxHead = 1 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] buffer = new byte[4096];
    private int start;
    private int end;

    private RawConnection()
    {
    }

    /// <summary>How many bytes have come since the last answer that was read.</summary>
    public int Available => end - start + socket.Available;

    /// <summary>The port at this end.</summary>
    public int Port => ((IPEndPoint)socket.LocalEndPoint!).Port;

    /// <summary>Connects to a node.</summary>
    /// <param name="node">Where to.</param>
    /// <param name="prepare">Done to the socket before it is connected; null for nothing.</param>
    public static Task<RawConnection> OpenAsync(LipsNode node, Action<Socket>? prepare = null) => OpenAsync(node.Address, prepare);

    /// <summary>Connects to an address.</summary>
    public static async Task<RawConnection> OpenAsync(
        Uri address, Action<Socket>? prepare = null, CancellationToken cancellation = default)
    {
        var connection = new RawConnection();
        prepare?.Invoke(connection.socket);
        await connection.socket.ConnectAsync(address.Host, address.Port, cancellation);
        return connection;
    }

    /// <summary>Opens one and sends the headers of a request that has a body.</summary>
    /// <param name="node">Where to.</param>
    /// <param name="target">What is asked for.</param>
    /// <param name="type">The type of the body.</param>
    /// <param name="length">Its length; null for one that is sent in chunks.</param>
    public static async Task<RawConnection> BeginAsync(LipsNode node, string target, string type, int? length)
    {
        var connection = await OpenAsync(node);
        var frame = length is null
            ? "Transfer-Encoding: chunked"
            : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {length}");
        await connection.SendAsync(
            $"POST {target} HTTP/1.1\r\nHost: lips.example\r\nAuthorization: token {LipsNode.AdminToken}\r\nContent-Type: "
                + $"{type}\r\n{frame}\r\n\r\n");
        return connection;
    }

    /// <summary>Sends a text, a char of which is a byte.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Sends bytes.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation = default)
    {
        while (bytes.Length > 0)
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancellation)..];
    }

    /// <summary>Sends bytes as a chunk of a body.</summary>
    public async Task SendChunkAsync(ReadOnlyMemory<byte> bytes)
    {
        await SendAsync(string.Create(CultureInfo.InvariantCulture, $"{bytes.Length:x}\r\n"));
        await SendAsync(bytes);
        await SendAsync("\r\n");
    }

    /// <summary>Sends a byte now and then until the other end answers or closes.</summary>
    /// <returns>What it answered; null when it closed without a word.</returns>
    /// <exception cref="TimeoutException">It went on reading for a minute.</exception>
    public async Task<RawAnswer?> DripAsync(char drop, TimeSpan pause)
    {
        for (var until = DateTime.UtcNow + Patience; DateTime.UtcNow < until; await Task.Delay(pause))
        {
            if (socket.Poll(0, SelectMode.SelectRead))
                return await AnswerAsync();
            try
            {
                await SendAsync(drop.ToString());
            }
            catch (SocketException)
            {
                return await AnswerAsync();
            }
        }

        throw new TimeoutException("It goes on reading.");
    }

    /// <summary>Says that nothing more will be sent.</summary>
    public void EndSending() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Has the end of this connection be a reset.</summary>
    public void EndAbruptly() => socket.LingerState = new LingerOption(enable: true, seconds: 0);

    /// <summary>The next answer, within a minute; null when the other end closed without a word.</summary>
    public async Task<RawAnswer?> AnswerAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        return await ReadAsync("GET", patience.Token);
    }

    /// <summary>Reads the answer to a request; of a stream of events what comes up to the end of one.</summary>
    /// <returns>Null when the server closed the connection, or reset it, without an answer.</returns>
    /// <exception cref="SocketException">A reset amid the answer.</exception>
    /// <exception cref="RawException">What came is no answer.</exception>
    public async Task<RawAnswer?> ReadAsync(string method, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                int length;
                while ((length = buffer.AsSpan(start, end - start).IndexOf("\r\n\r\n"u8)) < 0)
                {
                    if (end - start > MaxHead)
                        throw new RawException("The answer's headers have no end.");
                    if (!await MoreAsync(cancellation))
                        return start == end ? null : throw new RawException("The answer ends amid its headers.");
                }

                var answer = RawAnswer.Parse(Encoding.Latin1.GetString(buffer, start, length));
                start += length + 4;
                // 100 Continue is not the answer yet.
                if (answer.Status is < 100 or >= 200)
                    return answer with { Bytes = await BodyAsync(answer, method, cancellation) };
            }
        }
        catch (SocketException) when (start == end)
        {
            return null;
        }
    }

    /// <inheritdoc />
    public void Dispose() => socket.Dispose();

    private async Task<byte[]> BodyAsync(RawAnswer answer, string method, CancellationToken cancellation)
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
            if (answer.IsStream && HasEvent(body))
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
            var length = int.Parse(
                Encoding.Latin1.GetString(buffer, start, line), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            start += line + 2;
            body.Write(await ExactlyAsync(length, cancellation));
            await ExactlyAsync(2, cancellation);
            // Of a stream the first event is enough; it would go on for ever.
            if (length == 0 || (isStream && HasEvent(body)))
                return body.ToArray();
        }
    }

    private static bool HasEvent(MemoryStream body) => body.GetBuffer().AsSpan(0, (int)body.Length).IndexOf("\n\n"u8) >= 0;

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
            throw new RawException("The answer ends amid its body.");
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

        var read = await socket.ReceiveAsync(buffer.AsMemory(end), SocketFlags.None, cancellation);
        end += read;
        return read > 0;
    }
}

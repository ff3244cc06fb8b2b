using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Lips.Testing;

/// <summary>
/// A TCP port in front of the tests' PostgreSQL. It knows the client's half of the protocol: it tells which statements were executed
/// through it, whoever sent them; and it cuts a connection at any message, in such a way that the server executes all that came before,
/// and nobody hears of it.
/// </summary>
public sealed class PostgresRelay : IAsyncDisposable
{
    private readonly NpgsqlConnectionStringBuilder target;
    private readonly Lock guard = new();
    private readonly List<string> statements = [];
    private readonly List<Task> draining = [];
    private readonly HashSet<Socket> sockets = [];
    private readonly IPEndPoint address;
    private TcpListener listener;
    private TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource answers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int messagesUntilCut = -1;
    private bool isLastForwarded;
    private int clients;

    /// <summary>Listens at a port of its own, and passes on what comes.</summary>
    public PostgresRelay(string connectionString)
    {
        target = new NpgsqlConnectionStringBuilder(connectionString);
        gate.SetResult();
        answers.SetResult();
        listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        address = (IPEndPoint)listener.LocalEndpoint;
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Host = "127.0.0.1",
            Port = address.Port,
            SslMode = SslMode.Disable,
        }.ConnectionString;
        _ = AcceptAsync(listener);
    }

    /// <summary>Connects through the relay.</summary>
    public string ConnectionString { get; }

    /// <summary>Connects to the same database without it.</summary>
    public string DirectConnectionString => target.ConnectionString;

    /// <summary>Whether the cut that was asked for has happened.</summary>
    public bool HasCut
    {
        get
        {
            lock (guard)
                return messagesUntilCut == 0;
        }
    }

    /// <summary>The statements that were executed since the last call, in their order.</summary>
    public IReadOnlyList<string> TakeStatements()
    {
        lock (guard)
        {
            string[] taken = [.. statements];
            statements.Clear();
            return taken;
        }
    }

    /// <summary>Cuts the connection on which the n-th of the client's next messages comes.</summary>
    /// <param name="n">From 1.</param>
    /// <param name="forwarded">Whether that message still reaches the server. Its answer is lost either way.</param>
    public void CutAt(int n, bool forwarded)
    {
        lock (guard)
            (messagesUntilCut, isLastForwarded) = (n, forwarded);
    }

    /// <summary>Cuts nothing any more, and waits until the server has ended the sessions that were cut.</summary>
    public async Task SettleAsync()
    {
        Task[] ending;
        lock (guard)
        {
            messagesUntilCut = -1;
            ending = [.. draining];
            draining.Clear();
        }

        await Task.WhenAll(ending);
    }

    /// <summary>Waits until no client is connected.</summary>
    public async Task IdleAsync()
    {
        while (Volatile.Read(ref clients) > 0)
            await Task.Delay(10);
    }

    /// <summary>Holds back what clients send, from now on.</summary>
    public void Hold()
    {
        lock (guard)
            gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Holds back what the server answers, from now on.</summary>
    public void HoldAnswers() => answers = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets go the answers that were held.</summary>
    public void ReleaseAnswers() => answers.TrySetResult();

    /// <summary>Lets go what was held.</summary>
    public void Release()
    {
        lock (guard)
            gate.TrySetResult();
    }

    /// <summary>The database is away: connections break, and none is taken.</summary>
    public void Close()
    {
        listener.Dispose();
        lock (guard)
        {
            foreach (var socket in sockets)
                socket.Dispose();
            sockets.Clear();
        }
    }

    /// <summary>The database is back.</summary>
    public void Open()
    {
        listener = new TcpListener(address);
        listener.Start();
        _ = AcceptAsync(listener);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        Release();
        ReleaseAnswers();
        Close();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync(TcpListener from)
    {
        try
        {
            while (true)
            {
                var client = await from.AcceptSocketAsync();
                client.NoDelay = true;
                Interlocked.Increment(ref clients);
                var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                lock (guard)
                {
                    sockets.Add(client);
                    sockets.Add(server);
                }

                _ = ServeAsync(client, server);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private async Task ServeAsync(Socket client, Socket server)
    {
        await PassAsync(client, server);
        Interlocked.Decrement(ref clients);
        lock (guard)
        {
            sockets.Remove(client);
            sockets.Remove(server);
        }
    }

    private async Task PassAsync(Socket client, Socket server)
    {
        try
        {
            await GateAsync();
            await server.ConnectAsync(new UnixDomainSocketEndPoint($"{target.Host}/.s.PGSQL.{target.Port}"));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            client.Dispose();
            server.Dispose();
            return;
        }

        await AskAsync(client, server, AnswerAsync(server, client));
    }

    /// <summary>Passes answers on; goes on reading when nobody takes them, so that the server executes all that it has got.</summary>
    private async Task AnswerAsync(Socket server, Socket client)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await server.ReceiveAsync(buffer)) > 0)
            {
                await answers.Task;
                try
                {
                    await client.SendAsync(buffer.AsMemory(0, read));
                }
                catch (Exception e) when (e is SocketException or ObjectDisposedException)
                {
                    // Cut.
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The server has ended the session.
        }

        client.Dispose();
        server.Dispose();
    }

    private async Task AskAsync(Socket client, Socket server, Task answers)
    {
        var session = new Session();
        try
        {
            await using var stream = new NetworkStream(client);
            var header = new byte[5];
            for (var isFirst = true; ; isFirst = false)
            {
                // The first message has no type.
                var start = isFirst ? 1 : 0;
                await stream.ReadExactlyAsync(header.AsMemory(start));
                var message = new byte[1 + BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1))];
                header.CopyTo(message, 0);
                await stream.ReadExactlyAsync(message.AsMemory(5));
                await GateAsync();
                var (forward, cut) = isFirst ? (true, false) : Pass(session, message, answers);
                if (forward)
                    await SendAsync(server, message.AsMemory(start));
                if (cut)
                    break;
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The client has gone.
        }

        client.Dispose();
        try
        {
            server.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // So has the server.
        }
    }

    private static async Task SendAsync(Socket to, ReadOnlyMemory<byte> message)
    {
        while (!message.IsEmpty)
            message = message[await to.SendAsync(message)..];
    }

    private (bool Forward, bool Cut) Pass(Session session, ReadOnlySpan<byte> message, Task answers)
    {
        lock (guard)
        {
            var (forward, cut) = (true, false);
            if (messagesUntilCut > 0)
            {
                cut = --messagesUntilCut == 0;
                forward = !cut || isLastForwarded;
                if (cut)
                    draining.Add(answers);
            }

            if (forward && session.Executed(message) is { } statement)
                statements.Add(statement);
            return (forward, cut);
        }
    }

    private Task GateAsync()
    {
        lock (guard)
            return gate.Task;
    }

    /// <summary>What a connection's statements and portals are called.</summary>
    private sealed class Session
    {
        private readonly Dictionary<string, string> prepared = new(StringComparer.Ordinal);
        private readonly Dictionary<string, string> portals = new(StringComparer.Ordinal);

        /// <summary>The statement that a message executes; null for one that executes none.</summary>
        public string? Executed(ReadOnlySpan<byte> message)
        {
            var rest = message[5..];
            switch ((char)message[0])
            {
                case 'Q':
                    return Text(ref rest);
                case 'P':
                    prepared[Text(ref rest)] = Text(ref rest);
                    return null;
                case 'B':
                    portals[Text(ref rest)] = prepared[Text(ref rest)];
                    return null;
                case 'E':
                    return portals[Text(ref rest)];
                default:
                    return null;
            }
        }

        private static string Text(ref ReadOnlySpan<byte> rest)
        {
            var end = rest.IndexOf((byte)0);
            var text = Encoding.UTF8.GetString(rest[..end]);
            rest = rest[(end + 1)..];
            return text;
        }
    }
}

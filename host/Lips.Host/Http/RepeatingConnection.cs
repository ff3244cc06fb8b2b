using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Lips.Kernel.Repeats;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Lips.Host.Http;

/// <summary>
/// The connection of a client. What came before in the same bytes is answered here, where it is received, and the server neither reads nor routes it again. All else goes on
/// to the server untouched. Stands where it can tell where a request begins: at the beginning of the connection, and behind a request without a body that was
/// offered for repetition (<see cref="Repeating"/>), when the server has answered that and waits for the next.
/// </summary>
internal sealed class RepeatingConnection : DefaultConnectionContext, IRepeatingConnection, IConnectionSocketFeature, IMemoryPoolFeature
{
    // The server counts the time between its requests and closes a connection that has none for long, so it gets one now and then.
    private static readonly TimeSpan UsuallyBetweenServed = TimeSpan.FromSeconds(30);

    // As with the server's own transport: half a block of memory at least is free for what comes, and who sends more than this before the server reads it waits.
    private const int LeastReceived = 2_048;
    private const int MostUnread = 1 << 20;

    // Pages of the list are sent in one piece.
    private const int Sent = 1 << 15;

    private static long lastId = DateTime.UtcNow.Ticks;

    private readonly RepeatedRequests known;
    private readonly double betweenServed;
    private readonly PipeWriter input;
    private readonly ServersInput serversInput;
    private readonly PipeWriter output;
    private readonly RepeatedAnswer answer = new();
    private readonly CancellationTokenSource closed = new();
    private readonly Lock ending = new();
    private Exception? reason;
    private Task receiving = Task.CompletedTask;
    private long served = Environment.TickCount64;

    private RepeatingConnection(Socket socket, MemoryPool<byte> memory, RepeatedRequests known, TimeSpan betweenServed)
    {
        (Socket, MemoryPool, this.known, this.betweenServed) = (socket, memory, known, betweenServed.TotalMilliseconds);
        // Requests run where their bytes arrive. Nothing here blocks a thread, so a hop to another one for each would only cost.
        var pipe = new Pipe(new PipeOptions(memory, PipeScheduler.Inline, PipeScheduler.Inline, MostUnread, MostUnread / 2, useSynchronizationContext: false));
        input = pipe.Writer;
        serversInput = new ServersInput(pipe.Reader, known);
        output = PipeWriter.Create(new SentBytes(this), new StreamPipeWriterOptions(minimumBufferSize: Sent));
        ConnectionId = Interlocked.Increment(ref lastId).ToString("X", null);
        (LocalEndPoint, RemoteEndPoint, ConnectionClosed) = (socket.LocalEndPoint, socket.RemoteEndPoint, closed.Token);
        Transport = new Duplex(serversInput, output);
        Features.Set<IRepeatingConnection>(this);
        Features.Set<IConnectionSocketFeature>(this);
        Features.Set<IMemoryPoolFeature>(this);
    }

    public Socket Socket { get; }

    public MemoryPool<byte> MemoryPool { get; }

    /// <summary>Begins to receive.</summary>
    /// <param name="socket">The socket, connected; the connection disposes of it.</param>
    /// <param name="memory">For what is received.</param>
    /// <param name="known">The requests that may come again.</param>
    /// <param name="betweenServed">After how long the server gets a request that could be answered here; half a minute when it is not said.</param>
    public static RepeatingConnection Start(Socket socket, MemoryPool<byte> memory, RepeatedRequests known, TimeSpan? betweenServed = null)
    {
        var connection = new RepeatingConnection(socket, memory, known, betweenServed ?? UsuallyBetweenServed);
        connection.receiving = connection.ReceiveAsync();
        return connection;
    }

    public void Keep(RepeatedRequest request) => serversInput.Keep(request);

    public override void Abort(ConnectionAbortedException abortReason) => End(abortReason);

    public override async ValueTask DisposeAsync()
    {
        await serversInput.CompleteAsync();
        await output.CompleteAsync();
        End(null);
        await receiving;
        closed.Dispose();
        await base.DisposeAsync();
    }

    private async Task ReceiveAsync()
    {
        Exception? error = null;
        try
        {
            while (true)
            {
                var buffer = input.GetMemory(LeastReceived);
                var length = await Socket.ReceiveAsync(buffer, SocketFlags.None, CancellationToken.None);
                if (length == 0)
                    break;
                var answered = 0;
                while (answered < length && Find(buffer.Span[answered..length]) is { } found && await serversInput.TryPassAsync())
                {
                    var isAnswered = await answer.AnswerAsync(found.Request);
                    if (isAnswered)
                    {
                        answered += found.Length;
                        for (var rest = answer.Bytes; rest.Length > 0;)
                            rest = rest[await SendAsync(rest)..];
                        answer.Sent();
                    }

                    serversInput.EndPass();
                    if (!isAnswered)
                        break;
                }

                if (answered == length)
                    continue;
                if (answered > 0)
                    buffer.Span[answered..length].CopyTo(buffer.Span);
                served = Environment.TickCount64;
                serversInput.Take(length - answered);
                input.Advance(length - answered);
                var result = await input.FlushAsync(CancellationToken.None);
                if (result.IsCompleted || result.IsCanceled)
                    break;
            }
        }
        catch (SocketException e)
        {
            error = new ConnectionResetException(e.Message, e);
        }
        catch (Exception e)
        {
            error = e;
        }
        finally
        {
            serversInput.EndPass();
            await input.CompleteAsync(reason ?? error);
            await closed.CancelAsync();
        }
    }

    /// <summary>The request whose head came, and how long that is; null when it is not known, did not come in one piece, or is for the server in any case.</summary>
    private (RepeatedRequest Request, int Length)? Find(ReadOnlySpan<byte> bytes)
    {
        var length = ServersInput.LengthOfHead(bytes);
        return length > 0 && known.TryFind(bytes[..length], out var request) && Environment.TickCount64 - served <= betweenServed ? (request, length) : null;
    }

    private ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        var sending = Socket.SendAsync(bytes, SocketFlags.None, CancellationToken.None);
        return sending.IsCompletedSuccessfully ? sending : InTimeAsync(sending, RequestLimits.TimeToTake(bytes.Length));
    }

    // Who does not take an answer is gone, as for the server's own answers.
    private async ValueTask<int> InTimeAsync(ValueTask<int> sending, TimeSpan time)
    {
        var sent = sending.AsTask();
        try
        {
            return await sent.WaitAsync(time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            Abort(new ConnectionAbortedException("The client does not take its answers."));
            return await sent;
        }
    }

    // Who ends it first says why. Aborted, it is reset, so that the client does not take what it has for a whole answer.
    private void End(ConnectionAbortedException? why)
    {
        lock (ending)
        {
            if (reason is not null)
                return;
            reason = why ?? new ConnectionAbortedException("The connection was closed.");
            // Who waits for the server to read on need not.
            input.CancelPendingFlush();
            if (why is not null)
            {
                Socket.Close(timeout: 0);
                return;
            }

            try
            {
                Socket.Shutdown(SocketShutdown.Both);
            }
            catch (SocketException)
            {
                // The client was faster.
            }

            Socket.Dispose();
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>
    /// The way to the socket. A send is never cut short, since it would be unknown how much of it has gone; when the client or the connection goes, what is still to be sent
    /// is of no use to anybody.
    /// </summary>
    private sealed class SentBytes(RepeatingConnection connection) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                while (buffer.Length > 0)
                    buffer = buffer[await connection.Socket.SendAsync(buffer, SocketFlags.None, CancellationToken.None)..];
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                connection.Abort(new ConnectionAbortedException("The client is gone.", e));
            }
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

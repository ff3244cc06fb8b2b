using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Lips.Kernel.Repeats;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Lips.Host.Http;

/// <summary>
/// What a client sends, on its way to the server, without the requests that came before in the same bytes: those are answered here, and the server neither reads nor routes
/// them again. All else goes on untouched. Stands where it can tell where a request begins: at the beginning of the connection, and behind a request without a body that was
/// offered for repetition (<see cref="Repeating"/>).
/// </summary>
internal sealed class RepeatingConnection : PipeReader, IRepeatingConnection
{
    // The server counts the time between its requests and closes a connection that has none for long, so it gets one now and then.
    private static readonly TimeSpan UsuallyBetweenServed = TimeSpan.FromSeconds(30);

    // Who takes no answer for so long is gone, as for the server's own answers.
    private static readonly TimeSpan SlowestReader = TimeSpan.FromSeconds(10);

    private readonly ConnectionContext connection;
    private readonly PipeReader input;
    private readonly PipeWriter output;
    private readonly RepeatedRequests known;
    private readonly double betweenServed;
    private readonly RepeatedAnswer answer;
    private bool isAtHead = true;
    private long served = Environment.TickCount64;

    // Of the request that the server has just been given.
    private byte[]? head;
    private SequencePosition headEnd;

    /// <param name="connection">The connection, with the transport that the client is at the other end of.</param>
    /// <param name="known">The requests that may come again.</param>
    /// <param name="betweenServed">After how long the server gets a request that could be answered here; half a minute when it is not said.</param>
    public RepeatingConnection(ConnectionContext connection, RepeatedRequests known, TimeSpan? betweenServed = null)
    {
        (this.connection, this.known) = (connection, known);
        (input, output) = (connection.Transport.Input, connection.Transport.Output);
        this.betweenServed = (betweenServed ?? UsuallyBetweenServed).TotalMilliseconds;
        answer = new RepeatedAnswer(output);
    }

    /// <summary>Puts one in front of each of the server's HTTP connections.</summary>
    public static void Use(ListenOptions listen) => listen.Use(next => connection =>
    {
        var repeating = new RepeatingConnection(connection, listen.ApplicationServices.GetRequiredService<RepeatedRequests>());
        connection.Transport = new Duplex(repeating, connection.Transport.Output);
        connection.Features.Set<IRepeatingConnection>(repeating);
        return next(connection);
    });

    public void Keep(RepeatedRequest request)
    {
        isAtHead = true;
        if (head is not null)
            known.Keep(head, request);
        head = null;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        head = null;
        return isAtHead ? ReadPastRepeatsAsync(cancellationToken) : input.ReadAsync(cancellationToken);
    }

    public override bool TryRead(out ReadResult result)
    {
        (head, isAtHead) = (null, false);
        return input.TryRead(out result);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        // The server found the end of the head where it was found here, or it is not kept.
        if (!consumed.Equals(headEnd))
            head = null;
        input.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => input.Complete(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadPastRepeatsAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellation);
            var length = LengthOfHead(read);
            if (length == 0 || Find(read, length) is not { } request || !await request.TryAnswerAsync(answer))
                return ForServer(read, length);
            input.AdvanceTo(read.Buffer.GetPosition(length));
            var flush = output.FlushAsync(cancellation);
            if (!flush.IsCompletedSuccessfully)
                await FlushAsync(flush);
        }
    }

    /// <summary>How long the head is that came; 0 when it did not come in one piece, or is for the server in any case.</summary>
    private int LengthOfHead(in ReadResult read)
    {
        var bytes = read.Buffer.FirstSpan;
        if (read.IsCanceled || read.IsCompleted || !bytes.StartsWith("GET "u8) || Environment.TickCount64 - served > betweenServed)
            return 0;
        var end = bytes[..Math.Min(bytes.Length, RepeatedRequests.LongestHead)].IndexOf("\r\n\r\n"u8);
        return end < 0 ? 0 : end + 4;
    }

    private RepeatedRequest? Find(in ReadResult read, int length) => known.TryFind(read.Buffer.FirstSpan[..length], out var request) ? request : null;

    private ReadResult ForServer(in ReadResult read, int length)
    {
        isAtHead = false;
        served = Environment.TickCount64;
        if (length > 0)
        {
            (head, headEnd) = (read.Buffer.FirstSpan[..length].ToArray(), read.Buffer.GetPosition(length));
            // What is known of it is of no use any more; if the server answers it, it is offered anew.
            known.Remove(head);
        }

        return read;
    }

    private async Task FlushAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            await flush.AsTask().WaitAsync(SlowestReader, connection.ConnectionClosed);
        }
        catch (TimeoutException)
        {
            connection.Abort(new ConnectionAbortedException("The client does not take its answers."));
        }
        catch (OperationCanceledException) when (connection.ConnectionClosed.IsCancellationRequested)
        {
            // The next read tells the server so.
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}

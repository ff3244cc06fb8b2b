using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Lips.Kernel.Repeats;

namespace Lips.Host.Http;

/// <summary>
/// What a client sends to the server, as the server reads it; and whose turn it is. Where the server waits for the beginning of a request, whoever receives may pass
/// requests by it (<see cref="TryPassAsync"/>); from the first byte that it gets (<see cref="Take"/>) until it waits again it is the server's turn.
/// </summary>
/// <param name="reader">What the server gets.</param>
/// <param name="known">The requests that may come again.</param>
internal sealed class ServersInput(PipeReader reader, RepeatedRequests known) : PipeReader
{
    private readonly Lock guard = new();

    // Given to the server and read by it, in bytes.
    private long given;
    private long read;
    private bool isWaiting;
    private bool isReturning;
    private TaskCompletionSource? returned;
    private bool isPassing;
    private TaskCompletionSource? passed;

    // Of the server's side alone.
    private bool isAtHead = true;
    private ReadOnlySequence<byte> last;
    private byte[]? head;
    private SequencePosition headEnd;

    /// <summary>How long the head is that begins here; 0 when it is not all here, is too long to be kept or does not begin like one that is.</summary>
    public static int LengthOfHead(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith("GET "u8))
            return 0;
        var end = bytes[..Math.Min(bytes.Length, RepeatedRequests.LongestHead)].IndexOf("\r\n\r\n"u8);
        return end < 0 ? 0 : end + 4;
    }

    /// <summary>
    /// Takes the turn of the server, if it waits for the beginning of a request. A client that has its answer may ask again before the server is back at waiting; that is waited for.
    /// </summary>
    /// <returns>Whether it was taken.</returns>
    public ValueTask<bool> TryPassAsync()
    {
        lock (guard)
        {
            return isReturning
                ? TryPassAfterAsync((returned ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task)
                : new(isPassing = isWaiting);
        }
    }

    /// <summary>Gives the turn back.</summary>
    public void EndPass()
    {
        lock (guard)
        {
            isPassing = false;
            passed?.SetResult();
            passed = null;
        }
    }

    /// <summary>Says that the server is about to get so many bytes.</summary>
    public void Take(int length)
    {
        lock (guard)
        {
            isWaiting = false;
            given += length;
        }
    }

    /// <summary>Keeps the request that the server has read last. What the client sends next is the beginning of a request.</summary>
    public void Keep(RepeatedRequest request)
    {
        lock (guard)
            isReturning = true;
        isAtHead = true;
        if (head is not null)
            known.Keep(head, request);
        head = null;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        head = null;
        return isAtHead ? ReadHeadAsync(cancellationToken) : ReadOnAsync(cancellationToken);
    }

    public override bool TryRead(out ReadResult result)
    {
        (head, isAtHead) = (null, false);
        Return();
        if (!reader.TryRead(out result))
            return false;
        last = result.Buffer;
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        // The server found the end of the head where it was found here, or it is not kept.
        if (!consumed.Equals(headEnd))
            head = null;
        read += last.Slice(0, consumed).Length;
        last = default;
        reader.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => reader.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        Return();
        reader.Complete(exception);
    }

    private async ValueTask<bool> TryPassAfterAsync(Task before)
    {
        await before;
        lock (guard)
            return isPassing = isWaiting;
    }

    // It reads again, or will not.
    private void Return()
    {
        lock (guard)
            Returned();
    }

    private void Returned()
    {
        isReturning = false;
        returned?.SetResult();
        returned = null;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadOnAsync(CancellationToken cancellation)
    {
        var result = await reader.ReadAsync(cancellation);
        last = result.Buffer;
        return result;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadHeadAsync(CancellationToken cancellation)
    {
        lock (guard)
        {
            isWaiting = given == read;
            Returned();
        }

        var result = await reader.ReadAsync(cancellation);
        Task? passing;
        lock (guard)
        {
            isWaiting = false;
            passing = isPassing ? (passed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : null;
        }

        // The server was told to end while a request was answered past it: that answer goes first.
        if (passing is not null)
            await passing;
        isAtHead = false;
        last = result.Buffer;
        var length = result.IsCanceled || result.IsCompleted ? 0 : LengthOfHead(result.Buffer.FirstSpan);
        if (length > 0)
        {
            (head, headEnd) = (result.Buffer.FirstSpan[..length].ToArray(), result.Buffer.GetPosition(length));
            // What is known of it is of no use any more; if the server answers it, it is offered anew.
            known.Remove(head);
        }

        return result;
    }
}

using System.Net.Sockets;
using Lips.Testing;

namespace Lips.Host.Tests.Fuzz;

/// <summary>A connection that is kept open from request to request.</summary>
internal sealed class FuzzConnection(Uri node) : IDisposable
{
    private RawConnection? connection;

    /// <summary>Sends a request and reads its answer.</summary>
    /// <returns>Null when the server closed the connection without one.</returns>
    /// <exception cref="OperationCanceledException">No answer came in time.</exception>
    public async Task<RawAnswer?> AskAsync(FuzzRequest request, CancellationToken cancellation)
    {
        // A server may end a connection that waits for its next request at any time;
        // then every client asks again on another (RFC 9112, 9.3.1).
        var isUsed = connection is not null;
        return await AskOnceAsync(request, cancellation) ?? (isUsed ? await AskOnceAsync(request, cancellation) : null);
    }

    public void Dispose() => Close();

    private async Task<RawAnswer?> AskOnceAsync(FuzzRequest request, CancellationToken cancellation)
    {
        connection ??= await RawConnection.OpenAsync(node, cancellation: cancellation);
        // The answer may come before all is sent, and the server need not read the rest.
        var sending = SendAsync(connection, request, cancellation);
        RawAnswer? answer = null;
        try
        {
            answer = await connection.ReadAsync(request.Method, cancellation);
        }
        catch (Exception e) when ((e is SocketException && request.MayBeCut)
            || (e is RawException { Message: "The answer ends amid its body." } && request.Ending == Ending.HalfClose))
        {
            // Who has closed its half is taken for gone, also amid an answer that is too long to be sent at once.
        }

        if (answer is null || answer.IsLast || answer.IsStream || request.Ending != Ending.KeepAlive || !sending.IsCompleted)
            Close();
        await sending;
        return answer;
    }

    private static async Task SendAsync(RawConnection connection, FuzzRequest request, CancellationToken cancellation)
    {
        try
        {
            await connection.SendAsync(request.ToBytes(), cancellation);
            if (request.Ending == Ending.HalfClose)
                connection.EndSending();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The server has enough of it, or the answer is there already: what it answered is what counts.
        }
    }

    private void Close()
    {
        connection?.Dispose();
        connection = null;
    }
}

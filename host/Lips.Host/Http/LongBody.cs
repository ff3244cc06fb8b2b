using Lips.Kernel;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Lips.Host.Http;

/// <summary>Gives long requests another measure of slowness than ordinary ones have, and ends them when their client has gone.</summary>
internal sealed class LongBodyMiddleware(RequestDelegate next, HttpSettings settings, TimeProvider clock)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    public Task InvokeAsync(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<LongEndpoint>() is null ? next(http) : InvokeLongAsync(http);

    private async Task InvokeLongAsync(HttpContext http)
    {
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        http.Request.Body = new LongBody(http.Request.Body, settings.BulkPause, clock);
        await using var looks = AbortWhenClientGoes(http);
        await next(http);
    }

    // Kestrel finds out when it has read all that was sent before: that is as late as the body is long. Of a request without a body, such
    // as a stream, it finds out at once, and there may be thousands.
    private ITimer? AbortWhenClientGoes(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method))
            return null;
        if (http.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket
            || http.Features.Get<IHttpRequestLifetimeFeature>() is not { } request)
            return null;
        return clock.CreateTimer(_ => AbortIfGone(), state: null, BetweenLooks, BetweenLooks);

        void AbortIfGone()
        {
            if (socket.IsClosedByPeer())
                request.Abort();
        }
    }
}

/// <summary>
/// A body that may pause, and go on for hours, but not be held open for nothing: it ends with 408 when no byte comes for a whole pause, and
/// when after a pause's time of waiting in all there were fewer than <see cref="SlowestBytesPerSecond"/>. The server's own measure is the
/// second alone, an average since the beginning: who sent a megabyte could then hold the connection for an hour without another byte.
/// </summary>
internal sealed class LongBody(Stream body, TimeSpan pause, TimeProvider clock) : Stream
{
    /// <summary>A record of 300 bytes every 15 seconds passes, a byte now and then does not.</summary>
    public const double SlowestBytesPerSecond = 16;

    private long received;
    private TimeSpan waited;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var patience = new CancellationTokenSource(pause, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var begun = clock.GetTimestamp();
        int read;
        try
        {
            read = await body.ReadAsync(buffer, either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw TooSlow();
        }

        received += read;
        waited += clock.GetElapsedTime(begun);
        if (read > 0 && waited > pause && received < waited.TotalSeconds * SlowestBytesPerSecond)
            throw TooSlow();
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("The body is read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static BadHttpRequestException TooSlow() => new("The body comes too slowly.", StatusCodes.Status408RequestTimeout);
}

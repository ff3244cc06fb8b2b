using System.Buffers;
using System.Diagnostics;
using Lips.Kernel;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Lips.Host.Http;

/// <summary>
/// Gives a body to what Kestrel refuses before any of our code sees it: bytes that are no request, no Host, a space in the target (contract
/// section 3). Kestrel tells of it before it answers.
/// </summary>
internal sealed class RejectedRequests : IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private const string Rejected = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    private readonly IDisposable subscription;

    public RejectedRequests(DiagnosticListener listener) => subscription = listener.Subscribe(this, (name, _, _) => name == Rejected);

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key != Rejected || value.Value is not IFeatureCollection features
            || features.Get<IHttpResponseFeature>() is not { HasStarted: false } response
            || features.Get<IHttpResponseBodyFeature>() is not { } start
            || features.Get<IConnectionTransportFeature>() is not { } connection)
            return;
        LipsMeter.Refused("malformed");
        var http = new DefaultHttpContext(features);
        // A version that is not spoken here is the client's mistake like any other.
        if (response.StatusCode == StatusCodes.Status505HttpVersionNotsupported)
            response.StatusCode = StatusCodes.Status400BadRequest;
        SecurityHeaders.Apply(http.Response);
        http.Response.Headers.Connection = "close";
        var body = Errors.Body(response.StatusCode);
        http.Response.ContentType = JsonAnswer.MediaType;
        http.Response.ContentLength = body.Length;
        // No request was read, so Kestrel has no body to write to: it writes the head, and the body goes behind it, to where the head went.
        // Both stay in memory until they are flushed, so this completes at once.
        start.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        connection.Transport.Output.Write(body);
        _ = connection.Transport.Output.FlushAsync(CancellationToken.None).AsTask();
    }

    public void OnError(Exception error)
    {
        // There is nothing to be done about it here.
    }

    public void OnCompleted()
    {
        // The server has ended.
    }

    public void Dispose() => subscription.Dispose();
}

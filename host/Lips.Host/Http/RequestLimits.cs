using Lips.Kernel;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Net.Http.Headers;

namespace Lips.Host.Http;

/// <summary>
/// How much of everything a connection may take. Kestrel would refuse an address or headers that are too long by itself, but without a
/// body, and errors are always JSON (contract section 3): so its own limits lie above these, and are there for those who go far beyond. The
/// reasons for each: build/decisions/0010-guards.md.
/// </summary>
internal static class RequestLimits
{
    // A request of 100 advertisers and as many campaigns is some 10 KiB long.
    internal const int MaxTarget = 32 * 1024;
    private const int MaxHeaders = 32 * 1024;
    private const int MaxHeaderCount = 100;
    private const int KestrelsOwn = 256 * 1024;
    private const int KestrelsOwnCount = 2_000;

    // Bytes a second, on average since the beginning, of a body either way. If it is one record, it comes at once or something is wrong.
    private const double SlowestBody = 240;
    private static readonly TimeSpan BodyGrace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan HeadersPatience = TimeSpan.FromSeconds(15);

    // Longer than proxies keep a connection that nobody uses (nginx: 60 s): who sends on a connection while the other end closes it loses
    // the request.
    private static readonly TimeSpan IdleConnection = TimeSpan.FromSeconds(130);

    private static readonly ContentLengthEncoding ContentLength = new();

    public static void Apply(KestrelServerOptions kestrel, HttpSettings settings, Listeners listeners)
    {
        kestrel.ConfigureEndpointDefaults(endpoint =>
        {
            endpoint.Use(listeners.Follow);
            endpoint.Use(next => new ClientConnections(next, settings).OnConnectionAsync);
        });
        kestrel.RequestHeaderEncodingSelector =
            name => name.Equals(HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase) ? ContentLength : null;
        var limits = kestrel.Limits;
        limits.RequestHeadersTimeout = HeadersPatience;
        limits.KeepAliveTimeout = IdleConnection;
        limits.MinRequestBodyDataRate = new MinDataRate(SlowestBody, BodyGrace);
        // For where the kernel does not end what makes no progress (ClientConnections). A stream that has nothing to say is not meant.
        limits.MinResponseDataRate = new MinDataRate(SlowestBody, BodyGrace);
        limits.MaxConcurrentConnections = settings.Connections;
        // Nothing here speaks WebSocket.
        limits.MaxConcurrentUpgradedConnections = 0;
        limits.MaxRequestLineSize = KestrelsOwn;
        limits.MaxRequestHeadersTotalSize = KestrelsOwn;
        limits.MaxRequestHeaderCount = KestrelsOwnCount;
        // A body over the limit is refused by its endpoint in words of its own; this is what stands behind that. Bulk lifts it.
        limits.MaxRequestBodySize = 2 * Requests.MaxRecordBytes;
    }

    /// <summary>The status of a request that is over a limit; null for one that is not.</summary>
    public static int? Exceeded(HttpContext http)
    {
        if (http.Features.Get<IHttpRequestFeature>()?.RawTarget.Length > MaxTarget)
            return StatusCodes.Status414UriTooLong;
        var (length, count) = (0, 0);
        foreach (var (name, values) in http.Request.Headers)
        {
            count += values.Count;
            foreach (var value in values)
                length += name.Length + (value?.Length ?? 0);
        }

        return length > MaxHeaders || count > MaxHeaderCount ? StatusCodes.Status431RequestHeaderFieldsTooLarge : null;
    }
}

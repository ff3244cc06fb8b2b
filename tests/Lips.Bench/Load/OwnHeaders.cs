using System.Security.Cryptography;

namespace Lips.Bench.Load;

/// <summary>
/// The headers that proxies, browsers and tracers add, with other values for each request: nothing gains from two requests that have
/// the same bytes. Their length is always the same, so an answer that repeats one always has the same size.
/// </summary>
internal static class OwnHeaders
{
    // W3C Trace Context, level 1: version, trace, span, sampled.
    private const string TraceName = "traceparent";
    private const string RequestName = "X-Request-Id";
    private const int TraceBytes = 16;
    private const int SpanBytes = 8;
    private const int RequestBytes = 16;

    /// <summary>Both as lines of a request, with zeros as values; <see cref="Renew"/> gives it others.</summary>
    public static string Lines { get; } =
        $"{TraceName}: 00-{Zeros(TraceBytes)}-{Zeros(SpanBytes)}-01\r\n{RequestName}: {Zeros(RequestBytes)}\r\n";

    /// <summary>Gives a request values of its own, in place.</summary>
    /// <param name="request">The request, which has <see cref="Lines"/>.</param>
    /// <returns>The same request.</returns>
    public static byte[] Renew(byte[] request)
    {
        var lines = request.AsSpan(request.AsSpan().IndexOf("traceparent: 00-"u8), Lines.Length);
        Span<byte> random = stackalloc byte[TraceBytes + SpanBytes + RequestBytes];
        Random.Shared.NextBytes(random);
        var at = TraceName.Length + ": 00-".Length;
        Put(lines[at..], random[..TraceBytes]);
        at += (2 * TraceBytes) + 1;
        Put(lines[at..], random.Slice(TraceBytes, SpanBytes));
        at += (2 * SpanBytes) + $"-01\r\n{RequestName}: ".Length;
        Put(lines[at..], random[(TraceBytes + SpanBytes)..]);
        return request;

        static void Put(Span<byte> target, ReadOnlySpan<byte> value) => Convert.TryToHexStringLower(value, target, out _);
    }

    private static string Zeros(int bytes) => new('0', 2 * bytes);

    /// <summary>Adds them to the requests of an <see cref="HttpClient"/>.</summary>
    public sealed class Handler() : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.TryAddWithoutValidation(TraceName, $"00-{Hex(TraceBytes)}-{Hex(SpanBytes)}-01");
            request.Headers.TryAddWithoutValidation(RequestName, Hex(RequestBytes));
            return base.SendAsync(request, cancellationToken);

            static string Hex(int bytes) => RandomNumberGenerator.GetHexString(2 * bytes, lowercase: true);
        }
    }
}

using Lips.Kernel;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Lips.Host.Http;

/// <summary>
/// How long an address and the headers may be. Kestrel would refuse them by itself, but without a body, and errors are always JSON (contract section 3):
/// so its own limits lie above these, and are there for those who go far beyond.
/// </summary>
internal static class RequestLimits
{
    // A request of 100 advertisers and as many campaigns is some 10 KiB long.
    internal const int MaxTarget = 32 * 1024;
    private const int MaxHeaders = 32 * 1024;
    private const int MaxHeaderCount = 100;
    private const int KestrelsOwn = 256 * 1024;
    private const int KestrelsOwnCount = 2_000;

    public static void Apply(KestrelServerLimits limits)
    {
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

using System.Diagnostics;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Lips.Kernel.Repeats;

/// <summary>The feature of a connection that can answer the requests that come again by itself.</summary>
public interface IRepeatingConnection
{
    /// <summary>Takes note of how the request that is being served is answered when it comes again. What the client sends next is the beginning of a request.</summary>
    void Keep(RepeatedRequest request);
}

/// <summary>Where endpoints offer what comes again and again.</summary>
public static class Repeating
{
    /// <summary>
    /// Has the connection answer this request by itself when the same bytes come again, where nothing but those bytes, the caller's credential and <paramref name="repeatable"/>
    /// decides on the answer. Called when the answer's headers are set.
    /// </summary>
    public static void OfferToRepeat(this HttpContext http, IRepeatable repeatable)
    {
        if (http.Features.Get<IRepeatingConnection>() is { } connection && http.Caller().Credential is { } credential && IsRepeatable(http))
            connection.Keep(new RepeatedRequest(repeatable, credential, http.Response));
    }

    // Of HTTP/2, requests share a connection; of TLS, it carries other bytes than those of the request. Cross-origin answers have headers that are added when they are sent. Who
    // measures or traces requests wants to see each.
    private static bool IsRepeatable(HttpContext http)
    {
        var headers = http.Request.Headers;
        return HttpMethods.IsGet(http.Request.Method) && HttpProtocol.IsHttp11(http.Request.Protocol)
            && http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false } && http.Features.Get<ITlsHandshakeFeature>() is null
            && headers.Connection.Count == 0 && headers.Origin.Count == 0
            && http.Features.Get<IHttpMetricsTagsFeature>() is null && Activity.Current is null;
    }
}

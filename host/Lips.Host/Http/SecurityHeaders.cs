using Microsoft.Extensions.Primitives;

namespace Lips.Host.Http;

/// <summary>Headers that every answer has, so that a browser that is shown one treats it as data and nothing else.</summary>
internal static class SecurityHeaders
{
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues NothingLoads = "default-src 'none'; frame-ancestors 'none'";
    private static readonly StringValues NoStore = "no-store";

    /// <summary>Sets them, before an endpoint may set its own Cache-Control.</summary>
    public static void Apply(HttpResponse response)
    {
        var headers = response.Headers;
        headers.XContentTypeOptions = NoSniff;
        headers.ContentSecurityPolicy = NothingLoads;
        headers.CacheControl = NoStore;
    }
}

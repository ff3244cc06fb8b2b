using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;

namespace Lips.Host.Http;

/// <summary>
/// Compresses JSON and pages for clients that ask for it. Not small answers, which gain nothing; not answers with a strong ETag,
/// which names the very bytes; and never what carries secrets, whose length must not tell of them.
/// </summary>
internal sealed class Compression(IServiceProvider services, IOptions<ResponseCompressionOptions> options)
    : ResponseCompressionProvider(services, options)
{
    private const int Smallest = 1_024;

    /// <summary>Adds it.</summary>
    public static void AddTo(IServiceCollection services)
    {
        services.AddResponseCompression(compression =>
        {
            compression.EnableForHttps = true;
            compression.MimeTypes = ["application/json", "text/html"];
        });
        services.AddSingleton<IResponseCompressionProvider, Compression>();
    }

    public override bool ShouldCompressResponse(HttpContext context)
    {
        var response = context.Response;
        return response.ContentLength > Smallest && !context.Request.Path.StartsWithSegments("/tokens", StringComparison.OrdinalIgnoreCase)
            && (response.Headers.ETag is not [{ } tag] || tag.StartsWith("W/", StringComparison.Ordinal))
                && base.ShouldCompressResponse(context);
    }
}

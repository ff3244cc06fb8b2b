using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;

namespace Lips.Demo;

/// <summary>Interactions as a gzip-encoded NDJSON body, made while it is sent. It can be sent again: HTTP may have to.</summary>
internal sealed class NdjsonContent : HttpContent
{
    private readonly IReadOnlyList<DemoInteraction> _interactions;
    private readonly Action<int> _written;

    /// <param name="interactions">The lines.</param>
    /// <param name="written">Told the number of lines sent so far.</param>
    public NdjsonContent(IReadOnlyList<DemoInteraction> interactions, Action<int> written)
    {
        _interactions = interactions;
        _written = written;
        Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        Headers.ContentEncoding.Add("gzip");
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true);
        await DemoData.WriteAsync(gzip, _interactions, _written, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

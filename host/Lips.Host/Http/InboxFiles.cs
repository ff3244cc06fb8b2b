using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using Lips.Kernel;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Lips.Host.Http;

/// <summary>
/// The inbox at <c>/app/</c>: the files of Lips.Web, which lie beside the program, from memory and compressed once. They hold nothing of
/// anybody and are served to everybody; all that they show comes by the API, with the reader's token. Also what <c>/</c> says.
/// </summary>
internal sealed class InboxFiles
{
    private const string Root = "/app";
    private const string Index = "index.html";
    // What Vite puts here bears a hash of its content in its name.
    private const string Hashed = "assets/";
    private const int SmallestToCompress = 1_024;

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    private readonly FrozenDictionary<string, InboxFile> _files;
    private readonly StringValues _policy;

    private InboxFiles(FrozenDictionary<string, InboxFile> files, IReadOnlyList<string> recordingOrigins)
    {
        _files = files;
        _policy = Policy(recordingOrigins);
    }

    /// <summary>Reads the files. Without any, as in a build that left them out, the inbox is 404.</summary>
    public static InboxFiles Read(string folder, IReadOnlyList<string> recordingOrigins)
    {
        var types = new FileExtensionContentTypeProvider();
        var files = new Dictionary<string, InboxFile>(StringComparer.Ordinal);
        if (Directory.Exists(folder))
        {
            foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            {
                var name = Path.GetRelativePath(folder, path).Replace('\\', '/');
                files[name] = new InboxFile(name, types.TryGetContentType(name, out var type) ? type : "application/octet-stream", path);
            }
        }

        return new InboxFiles(files.ToFrozenDictionary(StringComparer.Ordinal), recordingOrigins);
    }

    /// <summary>What a page of the inbox may do: nothing but what it is made of.</summary>
    private static string Policy(IReadOnlyList<string> recordingOrigins) => string.Join("; ",
    [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:",
        string.Join(' ', ["media-src 'self'", .. recordingOrigins]), "require-trusted-types-for 'script'", "trusted-types 'none'",
        "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'",
    ]);

    /// <summary>Answers what is the inbox's; the rest goes on.</summary>
    public Task AnswerAsync(HttpContext http, RequestDelegate next)
    {
        var path = http.Request.Path;
        if (path == "/")
            return AnswerRootAsync(http, next);
        if (!path.StartsWithSegments(Root, StringComparison.Ordinal, out var rest))
            return next(http);
        if (!Methods.Contains(http.Request.Method, StringComparer.Ordinal))
        {
            http.Response.Headers.Allow = "GET, HEAD";
            return http.Status(StatusCodes.Status405MethodNotAllowed);
        }

        if (!rest.HasValue)
        {
            http.Response.Headers.CacheControl = "no-cache";
            http.Response.Redirect($"{http.Request.PathBase}{Root}/{http.Request.QueryString}", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        }

        return Find(rest.Value![1..]) is { } file ? AnswerAsync(http, file) : http.Status(StatusCodes.Status404NotFound);
    }

    // The addresses inside the inbox are the page's own affair; each of them is the page.
    private InboxFile? Find(string name) =>
        _files.GetValueOrDefault(name) ?? (name.StartsWith(Hashed, StringComparison.Ordinal) ? null : _files.GetValueOrDefault(Index));

    private async Task AnswerAsync(HttpContext http, InboxFile file)
    {
        var isHashed = file.Name.StartsWith(Hashed, StringComparison.Ordinal);
        var response = http.Response;
        var headers = response.Headers;
        var (body, tag, encoding) = file.For(http.Request.Headers.AcceptEncoding);
        headers.ETag = tag;
        headers.Vary = HeaderNames.AcceptEncoding;
        headers.CacheControl = isHashed ? "public, max-age=31536000, immutable" : "no-cache";
        headers.ContentSecurityPolicy = _policy;
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        if (http.Request.Headers.IfNoneMatch.Any(tags => tags is not null && tags.Contains(tag, StringComparison.Ordinal)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = file.MediaType;
        response.ContentLength = body.Length;
        if (encoding is not null)
            headers.ContentEncoding = encoding;
        if (HttpMethods.IsGet(http.Request.Method))
            await response.Body.WriteAsync(body, http.RequestAborted);
    }

    /// <summary>A browser goes to the inbox; everybody else is told where things are.</summary>
    private static Task AnswerRootAsync(HttpContext http, RequestDelegate next)
    {
        if (!Methods.Contains(http.Request.Method, StringComparer.Ordinal))
            return next(http);
        http.Response.Headers.Vary = HeaderNames.Accept;
        if (http.Request.Headers.Accept.Any(accept => accept?.Contains("text/html", StringComparison.OrdinalIgnoreCase) == true))
        {
            http.Response.Redirect($"{http.Request.PathBase}{Root}/", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        }

        return http.AnswerJson(StatusCodes.Status200OK, static json =>
        {
            json.WriteStartObject();
            json.WriteString("inbox"u8, "/app/"u8);
            json.WriteString("reference"u8, "/docs"u8);
            json.WriteString("openapi"u8, "/openapi.json"u8);
            json.WriteString("health"u8, "/health/ready"u8);
            json.WriteEndObject();
        });
    }

    /// <summary>A file, compressed when it is first asked for.</summary>
    private sealed class InboxFile
    {
        private readonly byte[] _plain;
        private readonly string _hash;
        private readonly Lazy<byte[]> _brotli;
        private readonly Lazy<byte[]> _gzip;

        public InboxFile(string name, string mediaType, string path)
        {
            Name = name;
            IsText = mediaType.StartsWith("text/", StringComparison.Ordinal) || mediaType.EndsWith("svg+xml", StringComparison.Ordinal);
            MediaType = mediaType.StartsWith("text/", StringComparison.Ordinal) ? mediaType + "; charset=utf-8" : mediaType;
            _plain = File.ReadAllBytes(path);
            _hash = Convert.ToHexStringLower(SHA256.HashData(_plain).AsSpan(0, 8));
            _brotli = new(() => Compress(stream => new BrotliStream(stream, CompressionLevel.SmallestSize)));
            _gzip = new(() => Compress(stream => new GZipStream(stream, CompressionLevel.SmallestSize)));
        }

        public string Name { get; }

        public string MediaType { get; }

        private bool IsText { get; }

        public (byte[] Body, string Tag, string? Encoding) For(StringValues accepted)
        {
            if (IsText && _plain.Length >= SmallestToCompress)
            {
                if (Takes(accepted, "br"))
                    return (_brotli.Value, $"\"{_hash}-br\"", "br");
                if (Takes(accepted, "gzip"))
                    return (_gzip.Value, $"\"{_hash}-gzip\"", "gzip");
            }

            return (_plain, $"\"{_hash}\"", null);
        }

        private static bool Takes(StringValues accepted, string encoding) =>
            StringWithQualityHeaderValue.TryParseList(accepted, out var list)
            && list.Any(one => one.Quality is not 0 && one.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase));

        private byte[] Compress(Func<Stream, Stream> around)
        {
            var into = new MemoryStream();
            using (var stream = around(into))
                stream.Write(_plain);
            return into.ToArray();
        }
    }
}

using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Lips.Testing;
using Xunit.Abstractions;

namespace Lips.Web.Tests;

/// <summary>The inbox is a handful of small files, each with what browsers are to know of it.</summary>
public sealed partial class FilesTests(NodeFixture fixture, ITestOutputHelper output) : IClassFixture<NodeFixture>
{
    private const int MostScript = 60_000;

    [Fact]
    public async Task The_script_is_small_when_compressed()
    {
        var page = await Anybody().GetAnswerAsync("/app/");
        var scripts = Script().Matches(page.Body).Select(m => m.Groups[1].Value).ToList();

        Assert.NotEmpty(scripts);
        foreach (var encoding in new[] { "br", "gzip" })
        {
            var bytes = 0;
            foreach (var script in scripts)
                bytes += (await DownloadAsync(script, encoding)).Length;
            output.WriteLine($"Measured: the script takes {bytes:N0} bytes as {encoding}.");
            Assert.InRange(bytes, 1, MostScript);
        }
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    [InlineData("identity")]
    public async Task A_file_is_the_same_in_each_encoding(string encoding)
    {
        var page = await Anybody().GetAnswerAsync("/app/");
        var script = Script().Match(page.Body).Groups[1].Value;
        var bytes = await DownloadAsync(script, encoding);
        await using Stream opened = encoding switch
        {
            "br" => new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress),
            "gzip" => new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress),
            _ => new MemoryStream(bytes),
        };
        using var reader = new StreamReader(opened, Encoding.UTF8);

        Assert.Equal((await Anybody().GetAnswerAsync(script)).Body, await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task What_bears_a_hash_is_kept_for_ever_and_the_page_is_asked_for_each_time()
    {
        var page = (await Anybody().GetAnswerAsync("/app/")).Is(200);
        var script = (await Anybody().GetAnswerAsync(Script().Match(page.Body).Groups[1].Value)).Is(200);

        Assert.Equal("public, max-age=31536000, immutable", string.Join(", ", script.Headers.GetValues("Cache-Control")).Replace(
            "max-age=31536000, public", "public, max-age=31536000", StringComparison.Ordinal));
        Assert.Equal("no-cache", page.Headers.CacheControl!.ToString());
        Assert.Equal("text/html; charset=utf-8", page.ContentHeaders.ContentType!.ToString());
        Assert.StartsWith("text/javascript", script.ContentHeaders.ContentType!.ToString(), StringComparison.Ordinal);
        Assert.Contains("Accept-Encoding", page.Headers.Vary);
        var tag = page.Headers.ETag!.ToString();
        Assert.Equal("", (await Anybody().SendAsync(HttpMethod.Get, "/app/", null, ("If-None-Match", tag))).Is(304).Body);
        (await Anybody().SendAsync(HttpMethod.Get, "/app/", null, ("If-None-Match", "\"other\""))).Is(200);
    }

    [Theory]
    [InlineData("/app/USA_1")]
    [InlineData("/app/USA_1/123?read=false")]
    [InlineData("/app/USA_1/reports")]
    public async Task An_address_inside_the_inbox_is_the_page(string address) =>
        Assert.Equal((await Anybody().GetAnswerAsync("/app/")).Body, (await Anybody().GetAnswerAsync(address)).Is(200).Body);

    [Fact]
    public async Task A_file_that_there_is_not_is_404_and_no_page() =>
        Assert.Equal("not_found", (string)(await Anybody().GetAnswerAsync("/app/assets/gone-12345678.js")).Is(404).Json["name"]!);

    [Fact]
    public async Task The_files_are_only_read()
    {
        var answer = (await Anybody().PostAsync("/app/", new { })).Is(405);

        Assert.Equal(["GET", "HEAD"], answer.ContentHeaders.Allow);
        Assert.Equal("", (await Anybody().SendAsync(HttpMethod.Head, "/app/")).Is(200).Body);
    }

    [Fact]
    public async Task The_page_may_do_nothing_but_what_it_is_made_of()
    {
        var page = (await Anybody().GetAnswerAsync("/app/")).Is(200);

        Assert.Equal(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; media-src 'self'; "
            + "require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
            page.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", page.Headers.GetValues("Referrer-Policy").Single());
        Assert.DoesNotMatch(InlineScript(), page.Body);
        Assert.DoesNotContain("style=", page.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recordings_are_played_from_the_origins_of_a_setting()
    {
        await using var node = await LipsNode.StartWithAsync(
            null, ("Lips:Inbox:RecordingOrigins", "https://recordings.example.com, https://other.example:8443"));
        var page = (await node.NewClient(null).GetAnswerAsync("/app/")).Is(200);

        Assert.Contains(
            "media-src 'self' https://recordings.example.com https://other.example:8443;",
            page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_that_asks_for_the_root_goes_to_the_inbox_and_others_are_told_where_things_are()
    {
        var browser = (await Anybody().SendAsync(HttpMethod.Get, "/", null, ("Accept", "text/html,application/xml,*/*;q=0.8"))).Is(307);
        var program = (await Anybody().SendAsync(HttpMethod.Get, "/", null, ("Accept", "*/*"))).Is(200);

        Assert.Equal("/app/", browser.Headers.Location!.ToString());
        Assert.Equal("/app/", (string)program.Json["inbox"]!);
        Assert.Equal("/docs", (string)program.Json["reference"]!);
        Assert.Equal("/openapi.json", (string)program.Json["openapi"]!);
        Assert.Equal("/health/ready", (string)program.Json["health"]!);
        Assert.Contains("Accept", program.Headers.Vary);
        Assert.Equal("/app/?q=a", (await Anybody().GetAnswerAsync("/app?q=a")).Is(307).Headers.Location!.ToString());
    }

    private HttpClient Anybody() => fixture.Node.NewClient(null);

    private async Task<byte[]> DownloadAsync(string address, string encoding)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", encoding);
        using var response = await Anybody().SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(encoding == "identity" ? [] : [encoding], response.Content.Headers.ContentEncoding);
        return await response.Content.ReadAsByteArrayAsync();
    }

    [GeneratedRegex("<script[^>]* src=\"([^\"]+)\"")]
    private static partial Regex Script();

    [GeneratedRegex("<script(?![^>]* src=)")]
    private static partial Regex InlineScript();
}

using System.IO.Compression;
using System.Net;
using Lips.Host.Tests.Processes;
using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Http;

/// <summary>JSON is compressed for clients that ask, and what is small, streamed or secret is not.</summary>
public sealed class CompressionTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private const string List = "/contact_interactions?global_master_advertiser_id=USA_1";

    [Theory]
    [Each("gzip", "br")]
    public async Task A_page_is_compressed_for_who_asks_and_is_the_same(string coding)
    {
        (await fixture.Client.BulkAsync(Enumerable.Range(0, 20).Select(i => Records.New($"p{i}")))).Is(200);
        var plain = (await fixture.Client.GetAnswerAsync(List)).Is(200).Body;

        using var response = await GetAsync(List, coding);
        await using var body = await response.Content.ReadAsStreamAsync();
        await using Stream plainBody =
            coding == "br" ? new BrotliStream(body, CompressionMode.Decompress) : new GZipStream(body, CompressionMode.Decompress);
        using var reader = new StreamReader(plainBody);

        Assert.Equal([coding], response.Content.Headers.ContentEncoding);
        Assert.Equal(plain, await reader.ReadToEndAsync());
    }

    [Theory]
    [Each("/contact_interactions/totals?global_master_advertiser_id=USA_1",
        "/contact_interactions/totals/stream?global_master_advertiser_id=USA_1", "/tokens")]
    public async Task What_is_small_or_streamed_or_secret_is_not_compressed(string target)
    {
        for (var i = 0; i < 10 && target == "/tokens"; i++)
        {
            var token = new { token = new { name = new string('n', 200), advertisers = "all" } };
            (await fixture.Client.PostAsync("/tokens", token)).Is(201);
        }

        using var response = await GetAsync(target, "gzip, br");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(response.Content.Headers.ContentEncoding);
    }

    private Task<HttpResponseMessage> GetAsync(string target, string coding)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(target, UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Accept-Encoding", coding);
        return fixture.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}

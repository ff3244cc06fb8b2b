using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Http;

/// <summary>Under which names the service answers, and what it says of https.</summary>
public sealed class HostAndSchemeTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lips-https-").FullName;

    [Fact]
    public async Task A_host_that_is_not_allowed_gets_400_as_JSON()
    {
        await using var node = await LipsNode.StartWithAsync(null, ("AllowedHosts", "lips.example;*.lips.example"));

        var refused = (await AskAsync(node, "evil.example")).Is(400);

        Assert.Equal("bad_request", (string?)refused.Json["name"]);
        Assert.Equal("application/json", refused.ContentHeaders.ContentType!.MediaType);
        Assert.Equal("nosniff", Assert.Single(refused.Headers.GetValues("X-Content-Type-Options")));
        (await AskAsync(node, "lips.example")).Is(200);
        (await AskAsync(node, "eu.lips.example:8443")).Is(200);
    }

    [Fact]
    public async Task By_default_every_host_is_allowed()
    {
        await using var node = await LipsNode.StartAsync();

        (await AskAsync(node, "whatever.example")).Is(200);
    }

    [Fact]
    public async Task Over_https_browsers_are_told_to_stay_there_when_it_is_configured()
    {
        var (certificate, key) = await NewCertificateAsync();
        (string, string)[] https =
        [
            ("Urls", "https://127.0.0.1:0"), ("Kestrel:Certificates:Default:Path", certificate),
            ("Kestrel:Certificates:Default:KeyPath", key),
        ];
        await using var silent = await LipsNode.StartWithAsync(null, https);
        await using var node = await LipsNode.StartWithAsync(silent.ConnectionString, [.. https, ("Lips:HstsDays", "30")]);

        Assert.Equal("https", node.Address.Scheme);
        Assert.Equal(
            "max-age=2592000",
            Assert.Single((await AskAsync(node, "lips.example")).Is(200).Headers.GetValues("Strict-Transport-Security")));
        Assert.False((await AskAsync(silent, "lips.example")).Is(200).Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Over_http_they_are_told_so_only_behind_a_configured_proxy_that_was_asked_over_https()
    {
        await using var proxied = await LipsNode.StartWithAsync(null, ("Lips:HstsDays", "30"), ("Lips:Proxies", "127.0.0.1"));
        await using var open = await LipsNode.StartWithAsync(proxied.ConnectionString, ("Lips:HstsDays", "30"));

        Assert.True((await AskAsync(proxied, "lips.example", ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "203.0.113.1"))).Headers
            .Contains("Strict-Transport-Security"));
        Assert.False((await AskAsync(proxied, "lips.example")).Headers.Contains("Strict-Transport-Security"));
        Assert.False((await AskAsync(open, "lips.example", ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "203.0.113.1"))).Headers
            .Contains("Strict-Transport-Security"));
    }

    [Theory]
    [InlineData("/contact_interactions?global_master_advertiser_id=USA_1", 200)]
    [InlineData("/contact_interactions/totals?global_master_advertiser_id=USA_1", 200)]
    [InlineData("/contact_interactions/987654321", 404)]
    [InlineData("/tokens", 200)]
    [InlineData("/health/ready", 200)]
    public async Task HEAD_is_answered_as_GET_without_the_body(string address, int status)
    {
        await using var node = await LipsNode.StartAsync();

        var get = (await node.Client.GetAnswerAsync(address)).Is(status);
        var head = (await node.Client.SendAsync(HttpMethod.Head, address)).Is(status);
        var again = (await node.Client.GetAnswerAsync(address)).Is(status);

        Assert.Empty(head.Body);
        // The list of tokens tells when they were used, which is noted at some moment behind the first request.
        Assert.Contains(head.ContentHeaders.ContentLength, new[] { get.ContentHeaders.ContentLength, again.ContentHeaders.ContentLength });
        Assert.Equal(get.ContentHeaders.ContentType, head.ContentHeaders.ContentType);
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
    }

    [Fact]
    public async Task HEAD_of_a_stream_that_never_ends_is_405()
    {
        await using var node = await LipsNode.StartAsync();

        (await node.Client.SendAsync(HttpMethod.Head, "/contact_interactions/totals/stream?global_master_advertiser_id=USA_1")).Is(405);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static async Task<Answer> AskAsync(LipsNode node, string host, params (string Name, string Value)[] headers)
    {
        using var trusting = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } };
        using var client = new HttpClient(trusting) { BaseAddress = node.Address };
        return await client.SendAsync(HttpMethod.Get, "/health/live", null, [("Host", host), .. headers]);
    }

    private async Task<(string Certificate, string Key)> NewCertificateAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        var request = new CertificateRequest("CN=lips.example", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (certificateFile, keyFile) = (Path.Combine(folder, "certificate.pem"), Path.Combine(folder, "key.pem"));
        await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem());
        return (certificateFile, keyFile);
    }
}

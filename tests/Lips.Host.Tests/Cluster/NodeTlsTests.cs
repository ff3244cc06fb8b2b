using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Cluster;

public sealed class NodeTlsTests
{
    private const string Password = "a password";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nodes_join_those_with_the_same_certificate_alone(bool isSame)
    {
        using var home = new TempHome();
        Directory.CreateDirectory(home.Folder);
        var database = await TestPostgres.NewDatabaseAsync();
        var certificate = WriteCertificate(home);
        (string, string)[] settings =
        [
            ("ConnectionStrings__Lips", TestPostgres.AsApplication(database)), ("Lips__AdminToken", LipsProcess.Token),
            ("Lips__Cluster__CertificatePassword", Password),
        ];
        await using var first = await LipsProcess.ServeReadyAsync(home, [.. settings, ("Lips__Cluster__Certificate", certificate)]);
        var other = isSame ? certificate : WriteCertificate(home);
        await using var second = LipsProcess.Serve(home, [.. settings, ("Lips__Cluster__Certificate", other)]);
        const string statuses = "SELECT count(*)::integer FROM orleans.silos WHERE status = ";
        if (isSame)
        {
            await second.ReadyAsync();
            Assert.Equal(2, await TestPostgres.ScalarAsync<int>(database, statuses + "3"));
            await second.StopAsync();
        }
        else
        {
            await second.PrintedAsync(new Regex("Failed to get ping responses from 1 of 1 active silos"));
            Assert.Equal(1, await TestPostgres.ScalarAsync<int>(database, statuses + "3"));
            await second.StopAsync();
        }

        await first.StopAsync();
    }

    private static string WriteCertificate(TempHome home)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=lips", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var file = Path.Combine(home.Folder, Guid.NewGuid().ToString("N") + ".pfx");
        File.WriteAllBytes(file, certificate.Export(X509ContentType.Pfx, Password));
        return file;
    }
}

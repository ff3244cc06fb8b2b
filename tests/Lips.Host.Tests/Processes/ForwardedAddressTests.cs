using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Processes;

/// <summary>Whose address the audit trail keeps behind a proxy.</summary>
public sealed class ForwardedAddressTests
{
    [Theory]
    [Each(true, false)]
    public async Task The_proxys_word_counts_where_the_operator_says_so_and_nowhere_else(bool isBehindProxy)
    {
        using var home = new TempHome();
        (string, string)[] settings =
        [
            ("ConnectionStrings__Lips", await TestPostgres.NewDatabaseAsync()), ("Lips__AdminToken", LipsProcess.Token),
        ];
        await using var host = await LipsProcess.ServeReadyAsync(
            home, isBehindProxy ? [.. settings, ("Lips__Proxies", "127.0.0.1")] : settings);
        using var client = host.NewClient(LipsProcess.Token);

        // The last is the proxy's; before it stands what the client said of itself.
        string[] forwarded = ["192.0.2.1", "198.51.100.7, 192.0.2.1", "192.0.2.2"];
        foreach (var (i, addresses) in forwarded.Index())
            (await client.PostAsync(
                "/contact_interactions", new { contact_interaction = Records.New($"{i}") }, ("X-Forwarded-For", addresses))).Is(201);

        var kept = (await client.GetAnswerAsync("/audit?action=ingest")).Is(200).Json["audit"]!.AsArray()
            .Select(e => (string)e!["address"]!).ToList();
        Assert.Equal(3, kept.Count);
        Assert.Equal(kept[2], kept[1]);
        Assert.Equal(isBehindProxy, kept[0] != kept[1]);
        await host.StopAsync();
    }
}

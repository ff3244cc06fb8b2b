using System.Text.RegularExpressions;
using Lips.Kernel;
using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Cluster;

/// <summary>Orleans' dashboard: not there unless a setting says so, and then for admin tokens alone.</summary>
public sealed partial class DashboardTests
{
    private const string Page = "/orleans/";
    private const string Question = "/orleans/DashboardCounters";

    private static readonly string[] Addresses = ["/orleans", Page, "/orleans/index.min.js", "/orleans/version", Question];

    [Fact]
    public async Task Without_the_setting_nothing_of_it_is_there()
    {
        await using var node = await LipsNode.StartAsync();
        foreach (var address in Addresses)
            Assert.Equal(404, (await node.Client.GetAnswerAsync(address)).Status);
    }

    [Fact]
    public async Task Admin_tokens_see_it_and_no_others()
    {
        await using var node = await StartAsync();
        using var nobody = node.NewClient(null);
        using var other = await node.NewCallerAsync(abilities: ["read", "write", "ingest"]);
        foreach (var address in Addresses)
        {
            Assert.Equal(401, (await nobody.GetAnswerAsync(address)).Status);
            Assert.Equal(403, (await other.GetAnswerAsync(address)).Status);
        }

        Assert.Equal(301, (await node.Client.GetAnswerAsync("/orleans")).Status);
        var page = (await node.Client.GetAnswerAsync(Page)).Is(200);
        var parts = Part().Matches(page.Body).Select(part => part.Groups[1].Value).Distinct().ToList();
        Assert.Contains(parts, part => part.EndsWith(".js", StringComparison.Ordinal));
        Assert.Contains(parts, part => part.EndsWith(".css", StringComparison.Ordinal));
        foreach (var part in parts)
        {
            // Relative ones only: the page may load nothing from elsewhere.
            var answer = (await node.Client.GetAnswerAsync(new Uri(new Uri(node.Address, Page), part).PathAndQuery)).Is(200);
            Assert.NotEqual("", answer.Body);
            Assert.Equal(["default-src 'self'; img-src 'self' data:; font-src 'self' data:; "
                + "style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"], answer.Headers.GetValues("Content-Security-Policy"));
        }

        // It gathers them each second.
        var patience = DateTime.UtcNow.AddSeconds(30);
        while ((await node.Client.GetAnswerAsync(Question)).Is(200).Json["hosts"]!.AsArray().Count != 1)
        {
            Assert.True(DateTime.UtcNow < patience, "The node itself is not shown.");
            await Task.Delay(100);
        }

        Assert.Equal(403, (await node.Client.GetAnswerAsync("/orleans/Trace")).Status);
    }

    [Fact]
    public async Task A_browser_gets_its_page()
    {
        await using var node = await StartAsync();
        var page = await node.Client.SendAsync(
            HttpMethod.Get, Page, (HttpContent?)null, ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        Assert.Equal("text/html", page.Is(200).ContentHeaders.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_setting_that_is_neither_true_nor_false_ends_the_start() =>
        await Assert.ThrowsAsync<SettingException>(() => LipsNode.StartWithAsync(null, ("Lips:Cluster:Dashboard", "yes")));

    private static Task<LipsNode> StartAsync() => LipsNode.StartWithAsync(null, ("Lips:Cluster:Dashboard", "true"));

    [GeneratedRegex("(?:src|href)=\"([^\"]+)\"")]
    private static partial Regex Part();
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Lips.Testing;
using Lips.Testing.Reference;
using Xunit;

namespace Lips.Host.Tests.OpenApi;

/// <summary>The reference as a node serves it, and its parameters as the node reads them.</summary>
public sealed partial class ServedReferenceTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task The_document_is_served_without_a_credential()
    {
        using var anybody = fixture.Node.NewClient(null);

        var answer = (await anybody.GetAnswerAsync("/openapi.json")).Is(200);

        Assert.True(JsonNode.DeepEquals(ApiDocument.Root, answer.Json));
    }

    [Fact]
    public async Task The_page_has_no_script_and_asks_nothing_of_any_host()
    {
        using var anybody = fixture.Node.NewClient(null);

        var answer = (await anybody.GetAnswerAsync("/docs")).Is(200);

        Assert.Equal("text/html; charset=utf-8", answer.ContentHeaders.ContentType!.ToString());
        var style = Style().Match(answer.Body).Groups[1].Value;
        Assert.Equal(
            $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)))}'; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
        Assert.Empty(Asks(answer.Body));
    }

    [Theory]
    [InlineData("<script src=\"/a.js\"></script>")]
    [InlineData("<img src=\"https://other.example/a.png\">")]
    [InlineData("<a href=\"https://other.example/\">a</a>")]
    [InlineData("<link rel=\"stylesheet\" href=\"/a.css\">")]
    [InlineData("<p onclick=\"a()\">")]
    [InlineData("<p style=\"color: red\">")]
    [InlineData("<style>@import '/a.css'; a { background: url(/a.png) }</style>")]
    public void A_page_that_does_is_found(string html) => Assert.NotEmpty(Asks(html));

    [Fact]
    public async Task The_page_shows_every_operation_and_every_schema()
    {
        var page = (await fixture.Client.GetAnswerAsync("/docs")).Is(200).Body;

        var operations = ApiDocument.Root["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject())
            .Select(o => (string)o.Value!["operationId"]!);
        var schemas = ApiDocument.Root["components"]!["schemas"]!.AsObject().Select(s => "schema-" + s.Key);
        Assert.All(operations.Concat(schemas), id => Assert.Contains($"id=\"{id}\"", page, StringComparison.Ordinal));
        var targets = Target().Matches(page).Select(m => m.Groups[1].Value);
        Assert.Empty(targets.Where(id => !page.Contains($"id=\"{id}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_strict_request_may_have_the_described_parameters_and_no_others()
    {
        var found = 0;
        foreach (var (path, operations) in ApiDocument.Root["paths"]!.AsObject())
        {
            if (operations!["get"]?["parameters"] is not JsonArray parameters)
                continue;
            var names = parameters.Where(p => (string)p!["in"]! == "query").Select(p => (string)p!["name"]!).ToList();
            if (names.Count == 0)
                continue;
            found++;
            var address = path.Replace("{id}", "1", StringComparison.Ordinal) + "?nobody=1"
                + string.Concat(names.Select(n => $"&{Uri.EscapeDataString(n)}=x"));

            var answer = await fixture.Client.SendAsync(HttpMethod.Get, address, null, ("Prefer", "handling=strict"));

            var unknown = answer.Is(422).Json.AsArray().Where(line => (string)line!["message"]! == "is not a known parameter");
            Assert.Equal(["nobody"], unknown.Select(line => (string)line!["attribute"]!));
        }

        Assert.True(found > 5, $"Only {found} operations have parameters.");
    }

    /// <summary>Whatever in a page loads something, leads to another host, or runs.</summary>
    private static IEnumerable<string> Asks(string html) => Loading().Matches(html).Select(m => m.Value);

    [GeneratedRegex(@"<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();

    [GeneratedRegex("href=\"#([^\"]+)\"")]
    private static partial Regex Target();

    [GeneratedRegex(
        """<(script|link|img|iframe|object|embed|form|base|svg|video|audio)\b|\s(src|srcset|style|on\w+)\s*=|href="(?!#|/)|@import|url\(""",
        RegexOptions.IgnoreCase)]
    private static partial Regex Loading();
}

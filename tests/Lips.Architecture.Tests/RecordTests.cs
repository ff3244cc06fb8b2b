using Xunit;

namespace Lips.Architecture.Tests;

/// <summary>Decision records fit a page.</summary>
public sealed class RecordTests
{
    private const int MostLines = 45;
    private const int MostColumns = 140;

    [Fact]
    public void Every_record_fits_a_page()
    {
        var records = Product.Files("build/decisions", "*.md").ToList();

        Assert.True(records.Count > 10, $"Only {records.Count} records were found.");
        Assert.Empty(records.SelectMany(file => Violations(file, File.ReadAllText(Path.Combine(Product.Root, file)))));
    }

    [Fact]
    public void A_record_that_does_not_is_found()
    {
        const string record = "# 1. A\n\n**Context.** a\n\n**Decision.** b\n\n**Rejected.** c\n\n**Consequences.** d\n";

        Assert.Empty(Violations("a.md", record));
        Assert.Equal(["a.md has 46 lines"], Violations("a.md", record + new string('\n', 37)));
        Assert.Equal(["a.md has a line of 141 columns"], Violations("a.md", record + new string('x', 141)));
        Assert.Equal(["a.md has no Rejected"], Violations("a.md", record.Replace("**Rejected", "**Considered", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Violations(string file, string text)
    {
        var lines = text.Split('\n');
        if (text.AsSpan().Count('\n') is var count and > MostLines)
            yield return $"{file} has {count} lines";
        foreach (var line in lines.Where(l => l.Length > MostColumns))
            yield return $"{file} has a line of {line.Length} columns";
        string[] headings = ["Context", "Decision", "Rejected", "Consequences"];
        foreach (var heading in headings.Where(h => !text.Contains($"**{h}", StringComparison.Ordinal)))
            yield return $"{file} has no {heading}";
    }
}

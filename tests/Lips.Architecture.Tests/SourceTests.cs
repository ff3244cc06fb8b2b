using System.Text.RegularExpressions;
using Xunit;

namespace Lips.Architecture.Tests;

/// <summary>Nothing is left for later in the sources, a file can be read in one sitting, and cancelled work harms nobody.</summary>
public sealed partial class SourceTests
{
    private const int MostLines = 450;

    // What lends, and what ends with the process when it is cancelled (build/decisions/0016-cancelled-statements.md).
    private static readonly string[] Openers = ["modules/Kernel/Database/LentConnection.cs", "modules/Kernel/Database/Migrator.cs", "modules/Access/AdminToken.cs"];

    [Fact]
    public void Sources_are_finished_and_short()
    {
        var files = new[] { "modules", "host" }.SelectMany(folder => new[] { "*.cs", "*.sql" }.SelectMany(pattern => Product.Files(folder, pattern))).ToList();

        Assert.True(files.Count > 60, $"Only {files.Count} files were found.");
        Assert.Empty(files.SelectMany(file => Violations(file, File.ReadAllText(Path.Combine(Product.Root, file)))));
    }

    [Fact]
    public void A_source_that_is_not_is_found()
    {
        Assert.Equal(["a.cs has TODO"], Violations("a.cs", "var a = 1; // TODO: mend"));
        Assert.Equal(["a.sql has FIXME"], Violations("a.sql", "-- FIXME"));
        Assert.Equal(["a.cs has HACK"], Violations("a.cs", "/* HACK */"));
        Assert.Equal(["a.cs has 451 lines"], Violations("a.cs", string.Concat(Enumerable.Repeat("x\n", 451))));
        Assert.Equal(["a.cs opens a connection for work that is cancelled; LendAsync"], Violations("a.cs", "await using var connection = await database.OpenConnectionAsync(cancellation);"));
        Assert.Empty(Violations("a.cs", "await using var connection = await database.OpenConnectionAsync();"));
        Assert.Empty(Violations("a.cs", string.Concat(Enumerable.Repeat("x\n", 450)) + "hacks and todos"));
    }

    private static IEnumerable<string> Violations(string file, string text)
    {
        foreach (var marker in Marker().Matches(text).Select(m => m.Value).Distinct())
            yield return $"{file} has {marker}";
        if (text.AsSpan().Count('\n') is var lines and > MostLines)
            yield return $"{file} has {lines} lines";
        if (OpenedWithToken().IsMatch(text) && !Openers.Contains(file))
            yield return $"{file} opens a connection for work that is cancelled; LendAsync";
    }

    [GeneratedRegex(@"OpenConnectionAsync\([^)]")]
    private static partial Regex OpenedWithToken();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK)\b")]
    private static partial Regex Marker();
}

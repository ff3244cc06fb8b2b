using System.Text.RegularExpressions;
using Xunit;

namespace Lips.Architecture.Tests;

/// <summary>
/// Nothing is left for later in the sources, a file can be read in one sitting, a line without scrolling, and cancelled work harms nobody.
/// </summary>
public sealed partial class SourceTests
{
    private const int MostLines = 450;
    private const int MostColumns = 140;

    // What lends, and what ends with the process when it is cancelled (build/decisions/0016-cancelled-statements.md).
    private static readonly string[] Openers =
    [
        "modules/Kernel/Database/Connections.cs", "modules/Kernel/Database/Migrator.cs", "modules/Access/AdminToken.cs",
    ];

    [Fact]
    public void Sources_are_finished_and_short()
    {
        var files = new[] { "modules", "host" }
            .SelectMany(folder => new[] { "*.cs", "*.sql" }.SelectMany(pattern => Product.Files(folder, pattern))).ToList();

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
        Assert.Equal(
            ["a.cs opens a connection for work that is cancelled; RunAsync"],
            Violations("a.cs", "await using var connection = await database.OpenConnectionAsync(cancellation);"));
        Assert.Empty(Violations("a.cs", "await using var connection = await database.OpenConnectionAsync();"));
        Assert.Empty(Violations("a.cs", string.Concat(Enumerable.Repeat("x\n", 450)) + "hacks and todos"));
    }

    [Fact]
    public void Lines_end_at_140_columns()
    {
        var files = new[] { ".ci", "build", "host", "modules", "tests" }.SelectMany(folder => Product.Files(folder, "*"))
            .Concat(Directory.EnumerateFiles(Product.Root).Select(file => Path.GetFileName(file))).Where(IsWrapped).ToList();

        Assert.True(files.Count > 200, $"Only {files.Count} files were found.");
        Assert.Empty(files.SelectMany(file => LongLines(file, File.ReadAllText(Path.Combine(Product.Root, file)))));
    }

    [Fact]
    public void A_longer_line_is_found()
    {
        var wide = string.Concat(Enumerable.Repeat("ä b ", 35));

        Assert.Empty(LongLines("a.cs", $"{wide}\n{wide}\r\n"));
        Assert.Equal(["a.cs has 141 columns in line 2", "a.cs has 145 columns in line 3"], LongLines("a.cs", $"x\n{wide}c\n{wide}c d e"));
        Assert.Equal(["a.md has 143 columns in line 2"], LongLines("a.md", $"| {wide}c |\n{wide}c d\n"));
        // No line can be broken in an address.
        Assert.Empty(LongLines("a.md", "    https://lips.example/" + new string('x', 140)));
        Assert.Empty(
            new[]
            {
                "a.json", "packages.lock.json", "a.svg", "tests/a/Seeds/a.txt", "modules/Counters/Migrations/0003_runs.sql",
            }.Where(IsWrapped));
        string[] checkedFiles = ["a.cs", "README.md", "a.sql", ".ci/run", "a.yml", "a.csproj", "Directory.Build.props", "tests/a/b.cs"];
        Assert.Equal(checkedFiles, checkedFiles.Where(IsWrapped));
    }

    private static bool IsWrapped(string file) =>
        Path.GetExtension(file) is ".cs" or ".md" or ".sql" or ".sh" or ".yml" or ".csproj" or ".props" or "" && file is not "LICENSE"
        && !file.StartsWith(".git", StringComparison.Ordinal) && !IsReleased(file);

    // A migration is never edited (build/decisions/0003-migrations.md).
    private static bool IsReleased(string file) => ReleasedMigration().IsMatch(file);

    private static IEnumerable<string> LongLines(string file, string text)
    {
        foreach (var (number, line) in text.Split('\n').Select(line => line.TrimEnd('\r')).Index())
        {
            // A row of a table is a line, and a text of many words that stands alone is one.
            var isRow = line.StartsWith('|') && file.EndsWith(".md", StringComparison.Ordinal);
            if (line.Length > MostColumns && !isRow && !LoneText().IsMatch(line) && line.TrimStart().Contains(' '))
                yield return $"{file} has {line.Length} columns in line {number + 1}";
        }
    }

    private static IEnumerable<string> Violations(string file, string text)
    {
        foreach (var marker in Marker().Matches(text).Select(m => m.Value).Distinct())
            yield return $"{file} has {marker}";
        if (text.AsSpan().Count('\n') is var lines and > MostLines)
            yield return $"{file} has {lines} lines";
        if (OpenedWithToken().IsMatch(text) && !Openers.Contains(file))
            yield return $"{file} opens a connection for work that is cancelled; RunAsync";
    }

    [GeneratedRegex(@"^modules/\w+/Migrations/000[1-3]_\w+\.sql$")]
    private static partial Regex ReleasedMigration();

    // A literal, a line of JSON, a text of a setting.
    [GeneratedRegex(@"^\s*(\+ )?(\$?""|\{|Append\(\$""""""|\w+: .*\$\{)")]
    private static partial Regex LoneText();

    [GeneratedRegex(@"OpenConnectionAsync\([^)]")]
    private static partial Regex OpenedWithToken();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK)\b")]
    private static partial Regex Marker();
}

using System.Text.RegularExpressions;
using Xunit;

namespace Lips.Interactions.Tests.Seeds;

/// <summary>The full API's document, read as its reader does: code fences and tables.</summary>
internal static partial class Seed
{
    public static string Text { get; } = ReadText();

    /// <summary>What stands between pairs of <c>```</c>, in order.</summary>
    public static IReadOnlyList<string> Fences { get; } = [.. Fence().Matches(Text).Select(m => m.Groups[1].Value)];

    /// <summary>Every curl command, as it stands there.</summary>
    public static IReadOnlyList<string> Curls { get; } = [.. Fences.Select(f => f.Trim()).Where(f => f.StartsWith("curl ", StringComparison.Ordinal))];

    /// <summary>The rows of a table of fields.</summary>
    /// <param name="title">What stands in bold above it.</param>
    public static IReadOnlyList<Field> Table(string title)
    {
        var lines = Text.Split('\n').SkipWhile(line => line.Trim() != $"**{title}**").Skip(1)
            .SkipWhile(line => !line.StartsWith('|')).TakeWhile(line => line.StartsWith('|')).Skip(2);
        var fields = lines.Select(line => line.Split('|').Select(cell => cell.Trim()).ToList())
            .Select(cells => new Field(cells[1], cells[2].ToUpperInvariant(), cells[3].ToUpperInvariant() switch
            {
                "YES" => true,
                "NO" => false,
                _ => throw new InvalidOperationException($"{title}.{cells[1]} is neither nullable nor not."),
            })).ToList();
        Assert.NotEmpty(fields);
        return fields;
    }

    private static string ReadText()
    {
        using var reader = new StreamReader(typeof(Seed).Assembly.GetManifestResourceStream("seed-full.txt")!);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("^```[a-z]*\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Fence();
}

/// <summary>A row of a table of fields.</summary>
/// <param name="Name">The field.</param>
/// <param name="Type">Its type in capitals: <c>INTEGER</c>, <c>STRING</c>, <c>DATETIME</c> or <c>OBJECT</c>.</param>
/// <param name="IsNullable">Whether it may be null.</param>
internal sealed record Field(string Name, string Type, bool IsNullable);

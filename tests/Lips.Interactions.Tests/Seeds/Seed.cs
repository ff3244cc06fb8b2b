using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Lips.Interactions.Tests.Seeds;

/// <summary>A document of the API, read as its reader does: code fences and tables.</summary>
internal sealed partial class Seed
{
    private Seed(string resource)
    {
        using var reader = new StreamReader(typeof(Seed).Assembly.GetManifestResourceStream(resource)!);
        Text = reader.ReadToEnd();
        Fences = [.. Fence().Matches(Text).Select(m => m.Groups[1].Value)];
        Curls = [.. Fences.Select(f => f.Trim()).Where(f => f.StartsWith("curl ", StringComparison.Ordinal))];
        Parameters = [.. Parameter().Matches(Text).Select(m => m.Groups[1].Value)];
        Assert.NotEmpty(Parameters);
    }

    /// <summary>The document of the full API.</summary>
    public static Seed Full { get; } = new("seed-full.txt");

    /// <summary>The document that partners have.</summary>
    public static Seed Partner { get; } = new("seed-partner.txt");

    public string Text { get; }

    /// <summary>The first 16 digits of the SHA-256 of the text.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)))[..16];

    /// <summary>What stands between pairs of <c>```</c>, in order; behind the last one that is not closed, all the rest.</summary>
    public IReadOnlyList<string> Fences { get; }

    /// <summary>Every curl command, as it stands there.</summary>
    public IReadOnlyList<string> Curls { get; }

    /// <summary>The query parameters of the index, such as <c>event_type[]</c>.</summary>
    public IReadOnlyList<string> Parameters { get; }

    /// <summary>The rows of a table of fields.</summary>
    /// <param name="title">What stands in bold above it.</param>
    public IReadOnlyList<Field> Table(string title)
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

    [GeneratedRegex(
        @"^\|`([^`]+)`\|(?:Yes|No|Yes/No)\|", RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();

    [GeneratedRegex(
        @"^```[a-z]*\n(.*?)(?:^```|\z)", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Fence();
}

/// <summary>A row of a table of fields.</summary>
/// <param name="Name">The field.</param>
/// <param name="Type">Its type in capitals: <c>INTEGER</c>, <c>STRING</c>, <c>DATETIME</c> or <c>OBJECT</c>.</param>
/// <param name="IsNullable">Whether it may be null.</param>
internal sealed record Field(string Name, string Type, bool IsNullable);

using System.Text.RegularExpressions;

namespace Lips.Host.Tests.Telemetry;

/// <summary>What an expression of Prometheus names.</summary>
internal static partial class PromQl
{
    private static readonly string[] Words =
    [
        "and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "offset", "bool", "inf", "nan",
    ];

    /// <summary>The metrics, each with the labels that are asked of it in braces.</summary>
    public static IEnumerable<(string Metric, IReadOnlyList<string> Labels)> Metrics(string expression)
    {
        var plain = Grouping().Replace(Range().Replace(Quoted().Replace(expression, "\"\""), ""), "");
        foreach (Match name in Name().Matches(plain))
        {
            if (!Words.Contains(name.Groups["name"].Value, StringComparer.OrdinalIgnoreCase))
                yield return (name.Groups["name"].Value, [.. Label().Matches(name.Groups["labels"].Value).Select(l => l.Groups[1].Value)]);
        }
    }

    [GeneratedRegex("\"(\\\\.|[^\"\\\\])*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\[[^\]]*\]")]
    private static partial Regex Range();

    [GeneratedRegex(@"\b(by|without|on|ignoring)\s*\([^)]*\)")]
    private static partial Regex Grouping();

    // Not a function, which has a bracket behind it; not a number's or a duration's end.
    [GeneratedRegex(@"(?<![\w:.])(?<name>[A-Za-z_:][\w:]*)(?!\w)(?!\s*\()(\{(?<labels>[^}]*)\})?")]
    private static partial Regex Name();

    [GeneratedRegex(@"([A-Za-z_]\w*)\s*(=~|!~|!=|=)")]
    private static partial Regex Label();
}

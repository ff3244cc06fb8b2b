using System.Globalization;
using System.Text.Json.Serialization;

namespace Lips.Bench;

/// <summary>What a row measures against what, and what it shall reach.</summary>
/// <param name="Name">As in the table "Targets" of the design, or what is measured besides.</param>
/// <param name="Unit">Of floor and product.</param>
/// <param name="Target">The ratio to reach; null when there is none.</param>
/// <param name="IsRate">Whether more is better; else less is.</param>
internal sealed record Goal(string Name, string Unit, double? Target = null, bool IsRate = false)
{
    public bool? IsReachedBy(double ratio) => Target is null ? null : IsRate ? ratio >= Target : ratio <= Target;

    public string? Text => Target is { } target ? (IsRate ? "≥ " : "≤ ") + target.ToString("0.##", CultureInfo.InvariantCulture) : null;
}

/// <summary>One round of a row: both sides measured within the same seconds.</summary>
internal readonly record struct Round(double Floor, double Product)
{
    public double Ratio => Product / Floor;
}

/// <summary>
/// A measured row. Its numbers are medians of the rounds, and its ratio the median of the rounds' ratios. What a row does not have is null.
/// </summary>
internal sealed record Result(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("unit")] string Unit,
    [property: JsonPropertyName("floor")] double? Floor,
    [property: JsonPropertyName("product")] double Product,
    [property: JsonPropertyName("ratio")] double? Ratio,
    [property: JsonPropertyName("ratio_min")] double? RatioMin,
    [property: JsonPropertyName("ratio_max")] double? RatioMax,
    [property: JsonPropertyName("target")] string? Target,
    [property: JsonPropertyName("ok")] bool? Ok)
{
    public static Result Of(Goal goal, IReadOnlyList<Round> rounds)
    {
        var ratios = rounds.Select(r => r.Ratio).Order().ToList();
        var ratio = Median(ratios);
        return new Result(
            goal.Name, goal.Unit, Median(rounds.Select(r => r.Floor)), Median(rounds.Select(r => r.Product)), ratio, ratios[0], ratios[^1],
                goal.Text, goal.IsReachedBy(ratio));
    }

    /// <summary>A number without a floor.</summary>
    public static Result Of(string name, string unit, double product) => new(name, unit, null, product, null, null, null, null, null);

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        var middle = sorted.Count / 2;
        return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

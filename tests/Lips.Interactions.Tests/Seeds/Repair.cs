using Xunit;

namespace Lips.Interactions.Tests.Seeds;

/// <summary>A slip in a seed and what is read instead.</summary>
internal sealed record Repair(string Why, string Slip, string Instead, int Times)
{
    public static string All(string text, IEnumerable<Repair> repairs) => repairs.Aggregate(text, (t, repair) => repair.Apply(t));

    private string Apply(string text)
    {
        var times = text.Split(Slip).Length - 1;
        Assert.True(times == Times, $"{Why} That is so {times} times and not {Times}.");
        return text.Replace(Slip, Instead, StringComparison.Ordinal);
    }
}

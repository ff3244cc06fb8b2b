using System.Globalization;

namespace Lips.Bench;

/// <summary>What the bench tells while it runs.</summary>
internal static class Say
{
    /// <summary>Prints a line, its numbers written alike everywhere.</summary>
    public static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}

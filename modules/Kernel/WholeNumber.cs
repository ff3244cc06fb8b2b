using System.Globalization;

namespace Lips.Kernel;

/// <summary>Whole numbers as clients write them: <c>95</c>, <c>95.0</c> and <c>9.5e1</c> are the same (contract section 1).</summary>
public static class WholeNumber
{
    private const int DigitsOfLong = 19;

    /// <summary>Reads a whole number.</summary>
    /// <returns>False when the text is no whole number, or one that a long does not hold.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        return Digits(text, DigitsOfLong) is { } digits
            && long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>The number without a point and an exponent, exactly.</summary>
    /// <returns>Null when the text is no whole number, or one of more than <paramref name="most"/> digits.</returns>
    public static string? Digits(ReadOnlySpan<char> text, int most)
    {
        var sign = text.StartsWith('-') ? "-" : "";
        text = text[sign.Length..];
        long scale = 0;
        if (text.IndexOfAny('e', 'E') is var exponent and >= 0)
        {
            if (!int.TryParse(text[(exponent + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power))
                return null;
            scale = power;
            text = text[..exponent];
        }

        ReadOnlySpan<char> fraction = default;
        if (text.IndexOf('.') is var point and >= 0)
        {
            fraction = text[(point + 1)..];
            text = text[..point];
            if (fraction.IsEmpty)
                return null;
        }

        if (text.IsEmpty || text.ContainsAnyExceptInRange('0', '9') || fraction.ContainsAnyExceptInRange('0', '9'))
            return null;
        var digits = string.Concat(text, fraction).TrimStart('0');
        var significant = digits.TrimEnd('0');
        if (significant.Length == 0)
            return "0";
        scale += digits.Length - significant.Length - fraction.Length;
        return scale < 0 || significant.Length + scale > most ? null : string.Concat(sign, significant, new string('0', (int)scale));
    }
}

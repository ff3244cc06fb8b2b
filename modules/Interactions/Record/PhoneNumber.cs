using System.Text.RegularExpressions;
using Lips.Kernel;

namespace Lips.Interactions.Record;

/// <summary>
/// A phone number as it is kept and compared: E.164, or the bare digits of what fits no rule, and an extension beside it
/// (contract section 4). Two of them are the same number when both parts are equal.
/// </summary>
/// <param name="Number"><c>+19893643647</c>, or digits only.</param>
/// <param name="Extension">Digits; empty for none.</param>
internal readonly partial record struct PhoneNumber(string Number, string Extension)
{
    /// <summary>The most characters that are read as a number.</summary>
    public const int MaxLength = 64;

    /// <summary>The served form: <c>+19893643647 x241</c>.</summary>
    public override string ToString() => Extension.Length == 0 ? Number : $"{Number} x{Extension}";

    /// <summary>
    /// Normalizes a number. A leading space is a <c>+</c> that a query string has eaten. Never refuses what has a digit.
    /// </summary>
    /// <returns>Null when there is no digit in it.</returns>
    public static PhoneNumber? Parse(string text, Platform platform)
    {
        var international = text.StartsWith(' ') || text.TrimStart().StartsWith('+');
        var extension = "";
        if (ExtensionAtEnd().Match(text) is { Success: true } match)
        {
            extension = match.Groups[1].Value;
            text = text[..match.Index];
        }

        // +44 (0)20 …: the zero is dialled at home only.
        if (international)
            text = text.Replace("(0)", "", StringComparison.Ordinal);
        var digits = string.Concat(text.Where(char.IsAsciiDigit));
        if (digits.Length == 0)
            return null;
        return new PhoneNumber(ToE164(digits, international, platform) ?? digits, extension);
    }

    private static string? ToE164(string digits, bool international, Platform platform)
    {
        if (international)
            return IsValidAbroad(digits) ? "+" + digits : null;
        return platform switch
        {
            Platform.Aus => FromAustralia(digits),
            Platform.Gbr => FromBritain(digits),
            _ => FromNorthAmerica(digits),
        };
    }

    // E.164 allows 15 digits; below 8 no country's number with its code is known. The North American plan is checked further because most
    // numbers here are of it.
    private static bool IsValidAbroad(string digits) =>
        digits.Length is >= 8 and <= 15 && digits[0] != '0' && (digits[0] != '1' || IsNorthAmerican(digits.AsSpan(1)));

    private static bool IsNorthAmerican(ReadOnlySpan<char> national) => national.Length == 10 && national[0] >= '2';

    private static string? FromNorthAmerica(string digits)
    {
        if (IsNorthAmerican(digits))
            return "+1" + digits;
        if (digits[0] == '1' && IsNorthAmerican(digits.AsSpan(1)))
            return "+" + digits;
        return WithPrefix(digits, "011");
    }

    private static string? FromAustralia(string digits) => digits switch
    {
        ['0', '0', '1', '1', ..] => WithPrefix(digits, "0011"),
        ['0', >= '2' and <= '8', ..] when digits.Length == 10 => "+61" + digits[1..],
        [>= '2' and <= '8', ..] when digits.Length == 9 => "+61" + digits,
        ['6', '1', >= '2' and <= '8', ..] when digits.Length == 11 => "+" + digits,
        ['1', '3' or '8', '0', '0', ..] when digits.Length == 10 => "+61" + digits,
        ['1', '3', ..] when digits.Length == 6 => "+61" + digits,
        _ => null,
    };

    private static string? FromBritain(string digits) => digits switch
    {
        ['0', '0', ..] => WithPrefix(digits, "00"),
        ['0', >= '1', ..] when digits.Length is 10 or 11 => "+44" + digits[1..],
        ['4', '4', >= '1', ..] when digits.Length is 11 or 12 => "+" + digits,
        [>= '1', ..] when digits.Length == 10 => "+44" + digits,
        _ => null,
    };

    private static string? WithPrefix(string digits, string prefix) =>
        digits.StartsWith(prefix, StringComparison.Ordinal) && IsValidAbroad(digits[prefix.Length..]) ? "+" + digits[prefix.Length..] : null;

    [GeneratedRegex(@"[\s,;]*(?:x|ext\.?|extension|#)[\s.:]*([0-9]{1,10})\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ExtensionAtEnd();
}

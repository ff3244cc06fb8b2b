using System.Buffers;
using System.Collections.Frozen;
using System.Text;
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

    private const int FewestThatIdentify = 7;

    private static readonly SearchValues<char> Plain = SearchValues.Create("+0123456789 -.()");

    // What Twilio gives for the number of a caller that has none: anonymous, restricted, unavailable, blocked and unknown, spelled on a
    // dial.
    private static readonly FrozenSet<string> Withheld =
        new[] { "266696687", "7378742833", "86282452253", "2562533", "8656696" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The served form: <c>+19893643647 x241</c>.</summary>
    public override string ToString() => Extension.Length == 0 ? Number : $"{Number} x{Extension}";

    /// <summary>Normalizes a number. Never refuses what has a digit.</summary>
    /// <returns>Null when there is no digit in it.</returns>
    public static PhoneNumber? Parse(string text, Platform platform) => Parse(text, platform, out _);

    /// <inheritdoc cref="Parse(string, Platform)"/>
    /// <param name="text">As it was written: digits of any script, punctuation, a <c>tel:</c> URI (RFC 3966).</param>
    /// <param name="platform">Its country is that of a number without a country's code.</param>
    /// <param name="identifies">Whether it tells one person from another. A number that does not is kept and served, but finds no contact
    /// (contract section 4).</param>
    public static PhoneNumber? Parse(string text, Platform platform, out bool identifies)
    {
        var isIndented = text.StartsWith(' ');
        var extension = "";
        if (text.AsSpan().ContainsAnyExcept(Plain))
            (text, extension) = WithoutExtension(WithoutParameters(InAscii(text), ref extension), extension);
        var digits = DigitsOf(text);
        identifies = false;
        if (digits.Length == 0)
            return null;

        var first = text.AsSpan().IndexOfAnyInRange('0', '9');
        var isInternational = text.AsSpan(0, first).Contains('+');
        var number = NumberingPlans.ToE164(isInternational ? "+" + digits : digits, platform, out var national);
        // Where a plus sign was lost, mostly a space is left of it.
        if (number is null && isIndented && !isInternational)
            number = NumberingPlans.ToE164("+" + digits, platform, out national);
        // Letters stand for digits that were not read, unless the number is whole without them ("212-555-0150 (office)").
        identifies = (number is not null || !text.Skip(first).Any(char.IsLetter)) && Identifies(digits, national);
        return new PhoneNumber(number ?? digits, extension);
    }

    private static bool Identifies(string digits, string? national)
    {
        if (digits.Length < FewestThatIdentify)
            return false;
        ReadOnlySpan<string> readings = [digits, national ?? digits, digits[0] == '1' ? digits[1..] : digits];
        foreach (var reading in readings)
        {
            if (Withheld.Contains(reading) || !reading.AsSpan().ContainsAnyExcept(reading.AsSpan(0, 1)))
                return false;
        }

        return true;
    }

    private static string DigitsOf(string text) => string.Create(text.Count(char.IsAsciiDigit), text, static (digits, text) =>
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c))
                continue;
            digits[0] = c;
            digits = digits[1..];
        }
    });

    /// <summary>Digits of every script, and full-width characters, as those of ASCII.</summary>
    private static string InAscii(string text)
    {
        if (Ascii.IsValid(text))
            return text;
        var ascii = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsDigit(rune))
                ascii.Append((int)Rune.GetNumericValue(rune));
            else if (rune.Value is >= 0xFF01 and <= 0xFF5E)
                ascii.Append((char)(rune.Value - 0xFEE0));
            else
                ascii.Append(rune.ToString());
        }

        return ascii.ToString();
    }

    /// <summary>Takes away the parameters of a <c>tel:</c> URI. A context is the beginning of its number.</summary>
    private static string WithoutParameters(string text, ref string extension)
    {
        foreach (Match parameter in Parameter().Matches(text))
        {
            var value = parameter.Groups[2].Value;
            if (parameter.Groups[1].ValueSpan.Equals("ext", StringComparison.OrdinalIgnoreCase))
                extension = DigitsOf(value);
            else if (parameter.Groups[1].ValueSpan.Equals("phone-context", StringComparison.OrdinalIgnoreCase) && value.StartsWith('+'))
                text = value + text;
        }

        return Parameter().Replace(text, "");
    }

    private static (string Number, string Extension) WithoutExtension(string text, string extension) =>
        ExtensionAtEnd().Match(text) is { Success: true } match
        ? (text[..match.Index], match.Groups[1].Value)
        : (text, extension);

    [GeneratedRegex(@";\s*([a-z-]+)\s*=([^;]*)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();

    // The x of "Fax" is none. "#", ",," and ";" are one only behind a number.
    [GeneratedRegex(
        @"[\s,;]*(?:(?<![a-z])(?:x|extn?\.?|extension)|(?<=[0-9][^0-9]*)(?:\#|,,|;))[\s.:,;]*([0-9]{1,10})[^0-9]*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex ExtensionAtEnd();
}

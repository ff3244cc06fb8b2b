using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Lips.Kernel;

/// <summary>
/// Times as clients see them: UTC, ISO 8601, milliseconds and <c>Z</c> (contract section 1). Finer input is cut, not rounded.
/// </summary>
public static class UtcTime
{
    /// <summary>Length of <c>2021-09-06T16:16:08.000Z</c>.</summary>
    public const int FormattedLength = 24;

    /// <summary>The time with everything below a millisecond cut off.</summary>
    public static DateTime CutToMilliseconds(DateTime time) =>
        new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMillisecond), DateTimeKind.Utc);

    /// <summary>Writes the 24 bytes of the served form.</summary>
    public static void Format(DateTime utc, Span<byte> destination)
    {
        // Utf8Formatter's 'O' gives 2021-09-06T16:16:08.0000000Z; the first 23 bytes are the served form without its Z.
        Span<byte> full = stackalloc byte[28];
        Utf8Formatter.TryFormat(DateTime.SpecifyKind(utc, DateTimeKind.Utc), full, out _, 'O');
        full[..23].CopyTo(destination);
        destination[23] = (byte)'Z';
    }

    /// <summary>The served form as text.</summary>
    public static string Format(DateTime utc)
    {
        Span<byte> bytes = stackalloc byte[FormattedLength];
        Format(utc, bytes);
        return System.Text.Encoding.ASCII.GetString(bytes);
    }

    /// <summary>Reads <c>YYYY-MM-DD</c>, also with a <c>+</c> before it, or with the space that a query string makes of that.</summary>
    public static bool TryParseDate(ReadOnlySpan<char> text, out DateTime day)
    {
        day = default;
        text = WithoutPlus(text);
        if (text.Length != 10 || text[4] != '-' || text[7] != '-'
            || !Digits(text[..4], out var year) || !Digits(text[5..7], out var month) || !Digits(text[8..10], out var date)
            || year < 1 || month is < 1 or > 12 || date < 1 || date > DateTime.DaysInMonth(year, month))
            return false;
        day = new DateTime(year, month, date, 0, 0, 0, DateTimeKind.Utc);
        return true;
    }

    /// <summary>
    /// Reads an ISO 8601 instant with any offset, <c>Z</c>, <c>UTC</c>, or none (UTC); a bare date is its midnight. A space between date
    /// and time stands for
    /// <c>T</c>, and one where a <c>+</c> belongs for that, which is what a query string makes of it. Before the offset there may be a
    /// space besides, as Ruby and SQL write it.
    /// </summary>
    /// <returns>False when the text is no such time, or its instant lies outside the years 1 to 9999.</returns>
    public static bool TryParse([NotNullWhen(true)] string? value, out DateTime utc)
    {
        utc = default;
        var text = WithoutPlus(value);
        if (text.Length < 10 || !TryParseDate(text[..10], out var day))
            return false;
        if (text.Length == 10)
        {
            utc = day;
            return true;
        }

        if (text[10] is not ('T' or 't' or ' ') || text.Length < 16 || text[13] != ':'
            || !Digits(text[11..13], out var hour) || !Digits(text[14..16], out var minute) || hour > 23 || minute > 59)
            return false;
        text = text[16..];
        var ticks = (hour * TimeSpan.TicksPerHour) + (minute * TimeSpan.TicksPerMinute);
        if (text.Length > 0 && text[0] == ':')
        {
            if (text.Length < 3 || !Digits(text[1..3], out var second) || second > 59)
                return false;
            ticks += second * TimeSpan.TicksPerSecond;
            text = text[3..];
            if (text.Length > 0 && text[0] is '.' or ',')
            {
                if (!TryReadFraction(text[1..], out var milliseconds, out var length))
                    return false;
                ticks += milliseconds * TimeSpan.TicksPerMillisecond;
                text = text[(1 + length)..];
            }
        }

        if (!TryReadOffset(text, out var offset))
            return false;
        ticks = day.Ticks + ticks - offset;
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks)
            return false;
        utc = new DateTime(ticks, DateTimeKind.Utc);
        return true;
    }

    private static bool TryReadFraction(ReadOnlySpan<char> text, out int milliseconds, out int length)
    {
        milliseconds = 0;
        for (length = 0; length < text.Length && char.IsAsciiDigit(text[length]); length++)
        {
            if (length < 3)
                milliseconds = (milliseconds * 10) + (text[length] - '0');
        }

        for (var i = length; i < 3; i++)
            milliseconds *= 10;
        return length > 0;
    }

    private static bool TryReadOffset(ReadOnlySpan<char> text, out long ticks)
    {
        ticks = 0;
        if (text is [' ', not (>= '0' and <= '9'), ..])
            text = text[1..];
        if (text.IsEmpty || text.Equals("Z", StringComparison.OrdinalIgnoreCase)
            || text.Equals("UTC", StringComparison.OrdinalIgnoreCase) || text.Equals("GMT", StringComparison.OrdinalIgnoreCase))
            return true;
        if (text.Length is not (3 or 5 or 6) || text[0] is not ('+' or '-' or ' ' or '\u2212') || !Digits(text[1..3], out var hours)
            || hours > 23)
            return false;
        var minutes = 0;
        if ((text.Length == 5 && !Digits(text[3..5], out minutes))
            || (text.Length == 6 && (text[3] != ':' || !Digits(text[4..6], out minutes))) || minutes > 59)
            return false;
        ticks = (hours * TimeSpan.TicksPerHour) + (minutes * TimeSpan.TicksPerMinute);
        if (text[0] is '-' or '\u2212')
            ticks = -ticks;
        return true;
    }

    private static ReadOnlySpan<char> WithoutPlus(ReadOnlySpan<char> text) => text is ['+' or ' ', ..] ? text[1..] : text;

    private static bool Digits(ReadOnlySpan<char> text, out int value)
    {
        value = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c))
                return false;
            value = (value * 10) + (c - '0');
        }

        return true;
    }
}

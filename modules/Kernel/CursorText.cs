using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Lips.Kernel;

/// <summary>
/// Cursors as clients see them: opaque, in one form for all routes. Each begins with its route's word, so that one of another route is
/// refused.
/// </summary>
public static class CursorText
{
    /// <summary>Writes a cursor.</summary>
    /// <param name="route">The route's word.</param>
    /// <param name="fields">What it says; no text with a space, and ASCII alone.</param>
    public static string Write(string route, params ReadOnlySpan<object> fields)
    {
        var text = new StringBuilder(route);
        foreach (var field in fields)
            text.Append(CultureInfo.InvariantCulture, $" {field}");
        return Base64Url.EncodeToString(Encoding.ASCII.GetBytes(text.ToString()));
    }

    /// <summary>Reads what <see cref="Write"/> made.</summary>
    /// <param name="text">The cursor.</param>
    /// <param name="route">The route's word.</param>
    /// <param name="longest">How many characters it has at most.</param>
    /// <returns>The fields; null for anything else than a cursor of the route.</returns>
    public static string[]? Read(string text, string route, int longest) =>
        text.Length <= longest && Base64Url.IsValid(text)
        && Encoding.ASCII.GetString(Base64Url.DecodeFromChars(text)).Split(' ') is [var first, .. var fields] && first == route
            ? fields
            : null;

    /// <summary>Reads a field that is a number, 0 or more.</summary>
    public static bool TryNumber(string field, out long number) =>
        long.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>Reads a field that is a time: its <see cref="DateTime.Ticks"/>, UTC.</summary>
    public static bool TryTime(string field, out DateTime time)
    {
        var isTime = TryNumber(field, out var ticks) && ticks <= DateTime.MaxValue.Ticks;
        time = isTime ? new DateTime(ticks, DateTimeKind.Utc) : default;
        return isTime;
    }
}

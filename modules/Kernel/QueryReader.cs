using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Lips.Kernel;

/// <summary>
/// The parameters of a query string, read strictly: a broken escape is an error and not a guess, <c>p[]</c> is <c>p</c>, and what is
/// wrong goes to <see cref="Errors"/>, all of it (contract section 1).
/// </summary>
public sealed class QueryReader
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<Parameter> parameters;

    private QueryReader(List<Parameter> parameters) => this.parameters = parameters;

    /// <summary>What was wrong so far.</summary>
    public ValidationErrors Errors { get; } = new();

    /// <summary>Decodes a query string, with or without its <c>?</c>.</summary>
    /// <returns>False when an escape is broken or the bytes are not UTF-8.</returns>
    public static bool TryParse(QueryString query, [NotNullWhen(true)] out QueryReader? reader)
    {
        reader = null;
        var parameters = new List<Parameter>();
        var text = query.Value.AsSpan();
        if (text.StartsWith("?"))
            text = text[1..];
        foreach (var range in text.Split('&'))
        {
            var pair = text[range];
            if (pair.IsEmpty)
                continue;
            var cut = pair.IndexOf('=');
            if (!TryDecode(cut < 0 ? pair : pair[..cut], out var name) || !TryDecode(cut < 0 ? default : pair[(cut + 1)..], out var value))
                return false;
            parameters.Add(new Parameter(name.EndsWith("[]", StringComparison.Ordinal) ? name[..^2] : name, value));
        }

        reader = new QueryReader(parameters);
        return true;
    }

    /// <summary>All values of a parameter in their order; empty when it was not given. An empty value is an error.</summary>
    public IReadOnlyList<string> Many(string name)
    {
        List<string>? values = null;
        foreach (var parameter in parameters)
        {
            if (parameter.Name != name)
                continue;
            parameter.IsKnown = true;
            if (parameter.Value.Length == 0)
                Errors.Add(name, "must not be empty");
            else if (parameter.Value.Contains('\0', StringComparison.Ordinal))
                Errors.Add(name, "must not contain the NUL character");
            else
                (values ??= []).Add(parameter.Value);
        }

        return values ?? (IReadOnlyList<string>)[];
    }

    /// <summary>The value of a parameter that may be given once; null when it was not given or is wrong.</summary>
    public string? Single(string name)
    {
        var count = 0;
        foreach (var parameter in parameters)
        {
            if (parameter.Name != name)
                continue;
            parameter.IsKnown = true;
            count++;
        }

        if (count <= 1)
            return count == 1 && Many(name) is [var value] ? value : null;
        Errors.Add(name, "must be given only once");
        return null;
    }

    /// <summary>A whole number within bounds; null when it was not given or is wrong.</summary>
    public int? Integer(string name, int least, int most, string rule)
    {
        if (Single(name) is not { } text)
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            return value;
        Errors.Add(name, rule);
        return null;
    }

    /// <summary>
    /// A bound of a range of times, as what comes before it: a start at its instant, an end behind it, for both are inclusive. A date is its whole UTC day.
    /// Null when it was not given or is wrong.
    /// </summary>
    public DateTime? TimeBound(string name, bool isEnd)
    {
        if (Single(name) is not { } text)
            return null;
        if (UtcTime.TryParseDate(text, out var day))
            return isEnd ? After(day, TimeSpan.TicksPerDay) : day;
        if (UtcTime.TryParse(text, out var instant))
            return isEnd ? After(instant, TimeSpan.TicksPerMillisecond) : instant;
        Errors.Add(name, "must be a date such as 2021-09-06, or an ISO 8601 time such as 2021-09-06T16:16:08Z");
        return null;
    }

    /// <summary>Ids of a parameter that takes several, also separated by commas; each once.</summary>
    public IReadOnlyList<GlobalId> GlobalIds(string name, int most)
    {
        var values = Many(name);
        if (values.Count == 0)
            return [];
        if (values is [var single] && GlobalId.TryParse(single, out var one))
            return [one];
        var ids = new List<GlobalId>();
        foreach (var text in values.SelectMany(v => v.Split(',')))
        {
            if (!GlobalId.TryParse(text, out var id))
            {
                Errors.Add(name, $"has an id that is not PLATFORM_NUMBER such as USA_123: {Shown(text)}");
                continue;
            }

            if (!ids.Contains(id))
                ids.Add(id);
            if (ids.Count > most)
            {
                Errors.Add(name, string.Create(CultureInfo.InvariantCulture, $"must have at most {most} ids"));
                break;
            }
        }

        return ids;
    }

    /// <summary>
    /// Where the client asked for it (<c>Prefer: handling=strict</c>, RFC 7240), makes an error of every parameter that nobody asked
    /// this reader for. Called after all reads.
    /// </summary>
    public void RefuseUnknown(HttpRequest request)
    {
        if (!request.HttpContext.Prefers("handling=strict"))
            return;
        foreach (var name in parameters.Where(p => !p.IsKnown).Select(p => p.Name).Distinct(StringComparer.Ordinal))
            Errors.Add(Shown(name), "is not a known parameter");
    }

    /// <summary>A client's own words as an error may repeat them: short, and nothing in them that is not print.</summary>
    public static string Shown(string text)
    {
        var shown = text.Length > 40 ? string.Concat(text.AsSpan(0, 40), "…") : text;
        return string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
    }

    // Both ends are inclusive. Stored times are whole milliseconds, so "before the next one" says the same and suits every index.
    private static DateTime After(DateTime time, long ticks) =>
        time.Ticks > DateTime.MaxValue.Ticks - ticks ? DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc) : time.AddTicks(ticks);

    private static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out string? decoded)
    {
        if (!text.ContainsAny('%', '+') && !text.ContainsAnyExceptInRange(' ', '~'))
        {
            decoded = text.ToString();
            return true;
        }

        decoded = null;
        var bytes = new byte[StrictUtf8.GetMaxByteCount(text.Length)];
        var length = 0;
        try
        {
            for (var i = 0; i < text.Length; i++)
            {
                if (text[i] == '%')
                {
                    if (i + 2 >= text.Length || !byte.TryParse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[length]))
                        return false;
                    length++;
                    i += 2;
                }
                else if (text[i] == '+')
                {
                    bytes[length++] = (byte)' ';
                }
                else
                {
                    var width = char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;
                    length += StrictUtf8.GetBytes(text.Slice(i, width), bytes.AsSpan(length));
                    i += width - 1;
                }
            }

            decoded = StrictUtf8.GetString(bytes, 0, length);
            return true;
        }
        catch (ArgumentException)
        {
            // Both encoder and decoder fall back with subtypes of ArgumentException: a lone surrogate or bytes that are not UTF-8.
            return false;
        }
    }

    private sealed class Parameter(string name, string value)
    {
        public string Name { get; } = name;

        public string Value { get; } = value;

        /// <summary>Whether anybody asked for it.</summary>
        public bool IsKnown { get; set; }
    }
}

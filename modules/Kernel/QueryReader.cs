using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Lips.Kernel;

/// <summary>
/// The parameters of a query string, read strictly: a broken escape is an error and not a guess, <c>p[]</c> and <c>p[0]</c> are <c>p</c>,
/// and what is wrong goes to <see cref="Errors"/>, all of it (contract section 1). The names that it is asked for are the names that the
/// endpoint knows: nothing else declares them.
/// </summary>
public sealed class QueryReader
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<Parameter> parameters;
    private readonly List<string> asked = [];
    private TimeZoneInfo? zone;

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
            parameters.Add(new Parameter(WithoutIndex(name), value));
        }

        reader = new QueryReader(parameters);
        return true;
    }

    /// <summary>The names that something asks a reader for, each once.</summary>
    public static IReadOnlyList<string> NamesAskedBy(Action<QueryReader> read)
    {
        var reader = new QueryReader([]);
        read(reader);
        return [.. reader.asked.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The parameters of something else than a query string, such as a JSON object.</summary>
    /// <param name="parameters">Names and values; a name may come more than once.</param>
    public static QueryReader Of(IEnumerable<(string Name, string Value)> parameters) =>
        new([.. parameters.Select(p => new Parameter(WithoutIndex(p.Name), p.Value))]);

    /// <summary>What nobody has asked this reader for; called after all reads.</summary>
    public IEnumerable<string> Unknown => parameters.Where(p => !p.IsKnown).Select(p => p.Name).Distinct(StringComparer.Ordinal);

    /// <summary>
    /// The parameter that a part of a query string is of: its name decoded, without <c>[]</c> or <c>[0]</c>. Null when it cannot be
    /// decoded.
    /// </summary>
    public static string? NameOf(ReadOnlySpan<char> part) =>
        TryDecode(part.IndexOf('=') is var cut and >= 0 ? part[..cut] : part, out var name) ? WithoutIndex(name) : null;

    /// <summary>
    /// All values of a parameter in their order; empty when it was not given. A blank value is an error: an empty filter is a bug of the
    /// caller's.
    /// </summary>
    public IReadOnlyList<string> Many(string name)
    {
        asked.Add(name);
        List<string>? values = null;
        foreach (var parameter in parameters)
        {
            if (parameter.Name != name)
                continue;
            parameter.IsKnown = true;
            if (string.IsNullOrWhiteSpace(parameter.Value))
                Errors.Add(name, "must not be empty");
            else if (parameter.Value.Contains('\0', StringComparison.Ordinal))
                Errors.Add(name, "must not contain the NUL character");
            else
                (values ??= []).Add(parameter.Value);
        }

        return values ?? (IReadOnlyList<string>)[];
    }

    /// <summary>Whether a parameter was given, with any value. The endpoint knows it then.</summary>
    public bool Has(string name)
    {
        asked.Add(name);
        return parameters.Exists(p => p.Name == name);
    }

    /// <summary>The value of a parameter that may be given once; null when it was not given or is wrong.</summary>
    public string? Single(string name)
    {
        var count = parameters.Count(p => p.Name == name);
        if (count <= 1)
            return Many(name) is [var value] ? value : null;
        asked.Add(name);
        parameters.FindAll(p => p.Name == name).ForEach(p => p.IsKnown = true);
        Errors.Add(name, "must be given only once");
        return null;
    }

    /// <summary><c>true</c>, <c>false</c>, <c>1</c> or <c>0</c>, in any case; null when it was not given or is wrong.</summary>
    public bool? Boolean(string name)
    {
        switch (Single(name)?.ToUpperInvariant())
        {
            case "TRUE" or "1":
                return true;
            case "FALSE" or "0":
                return false;
            case null:
                return null;
            default:
                Errors.Add(name, "must be true or false");
                return null;
        }
    }

    /// <summary>A number that is an id; null when it was not given or is wrong.</summary>
    public long? Id(string name)
    {
        if (Single(name) is not { } text)
            return null;
        if (WholeNumber.TryParse(text, out var id) && id >= 0)
            return id;
        Errors.Add(name, "must be a whole number");
        return null;
    }

    /// <summary>A whole number within bounds; null when it was not given or is wrong.</summary>
    public int? Integer(string name, int least, int most, string rule)
    {
        if (Single(name) is not { } text)
            return null;
        if (WholeNumber.TryParse(text, out var value) && value >= least && value <= most)
            return (int)value;
        Errors.Add(name, rule);
        return null;
    }

    /// <summary>The parameter <c>time_zone</c>: what a whole day is. UTC when it was not given or is wrong.</summary>
    public TimeZoneInfo Zone => zone ??= ReadZone();

    /// <summary>
    /// A bound of a range of times, as what comes before it: a start at its instant, an end behind it, for both are inclusive. A date is
    /// its whole day. Null when it was not given or is wrong.
    /// </summary>
    /// <param name="name">The parameter.</param>
    /// <param name="isEnd">Whether it is the end.</param>
    /// <param name="place">Where a day is one; null for UTC.</param>
    public DateTime? TimeBound(string name, bool isEnd, TimeZoneInfo? place = null)
    {
        if (Single(name) is not { } text)
            return null;
        if (UtcTime.TryParseDate(text, out var day))
        {
            var next = isEnd ? After(day, TimeSpan.TicksPerDay) : day;
            return place is null || next.Date != next ? next : place.StartOf(DateOnly.FromDateTime(next));
        }

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
    /// Refuses what nobody has asked this reader for. A known parameter in a form that is not read, such as <c>event_type[x]</c>, is an
    /// error: without it the answer would be wider than the question. Any other name is one where the client wants that (<c>Prefer:
    /// handling=strict</c>), and ignored elsewhere. Called after all reads.
    /// </summary>
    public void RefuseUnknown(HttpRequest request)
    {
        var isStrict = request.HttpContext.Prefers(Requests.Strict);
        foreach (var name in Unknown)
        {
            if (asked.Find(known => ParameterWords.MeanTheSame(known, name)) is { } meant)
                Errors.Add(meant, $"is given in a form that is not read: {Shown(name)}");
            else if (isStrict)
                Errors.Add(Shown(name), "is not a known parameter");
        }
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

    // What PHP and Rails clients write behind the name of a parameter that takes several values.
    private static string WithoutIndex(string name) =>
        name.EndsWith(']') && name.LastIndexOf('[') is var open and >= 0
            && !name.AsSpan(open + 1, name.Length - open - 2).ContainsAnyExceptInRange('0', '9') ? name[..open] : name;

    private TimeZoneInfo ReadZone()
    {
        if (Single("time_zone") is not { } text)
            return TimeZoneInfo.Utc;
        if (TimeZones.TryFind(text, out var found))
            return found;
        Errors.Add("time_zone", "must be the IANA name of a time zone, such as America/New_York");
        return TimeZoneInfo.Utc;
    }

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
                    if (i + 2 >= text.Length || !byte.TryParse(
                        text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[length]))
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

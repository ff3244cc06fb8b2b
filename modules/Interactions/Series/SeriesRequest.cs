using System.Globalization;
using Lips.Interactions.Filter;
using Lips.Kernel;

namespace Lips.Interactions.Series;

/// <summary>How long a bucket of a series is.</summary>
internal enum Interval
{
    Hour,
    Day,
    Week,
    Month,
}

/// <summary>What a series is told by.</summary>
internal enum SeriesBy
{
    None,
    EventType,
    Channel,
}

/// <summary>A range of time of a series.</summary>
/// <param name="Label">What it is called.</param>
/// <param name="From">Its first instant.</param>
/// <param name="Until">The first instant behind it.</param>
internal readonly record struct Bucket(string Label, DateTime From, DateTime Until);

/// <summary>What a series is asked for (contract section 11): a filter with a beginning and an end, and how it is cut.</summary>
/// <param name="filter">The filter.</param>
/// <param name="interval">How long a bucket is.</param>
/// <param name="by">What it is told by.</param>
/// <param name="zone">Where days begin.</param>
/// <param name="buckets">The buckets, without a gap.</param>
internal sealed class SeriesRequest(
    InteractionFilter filter, Interval interval, SeriesBy by, TimeZoneInfo zone, IReadOnlyList<Bucket> buckets)
    : FilterRequest(filter)
{
    public const int MaxBuckets = 800;

    public Interval Interval => interval;

    public SeriesBy By => by;

    public TimeZoneInfo Zone => zone;

    public IReadOnlyList<Bucket> Buckets => buckets;

    public override string Key => $"{base.Key}|{interval}|{by}|{zone.Id}";

    /// <summary>Reads it from a query string; what is wrong goes to the reader's errors.</summary>
    public static new SeriesRequest Read(QueryReader query, Caller caller)
    {
        var filter = InteractionFilter.Read(query);
        var zone = query.Zone;
        var interval = Word("interval", Interval.Day, ("hour", Interval.Hour), ("day", Interval.Day), ("week", Interval.Week),
            ("month", Interval.Month));
        var by = Word(
            "by", SeriesBy.None, ("none", SeriesBy.None), ("event_type", SeriesBy.EventType), ("channel", SeriesBy.Channel));
        foreach (var name in new[] { "start_date", "end_date" }.Where(name => !query.Has(name)))
            query.Errors.Add(name, "is missing");
        var buckets = query.Errors.None ? Cut(filter, interval, zone) : [];
        if (buckets is null)
            query.Errors.Add("interval", string.Create(CultureInfo.InvariantCulture, $"must make at most {MaxBuckets} buckets"));
        return new SeriesRequest(filter, interval, by, zone, buckets ?? []);

        T Word<T>(string name, T usual, params (string Word, T Value)[] words)
        {
            if (query.Single(name) is not { } text)
                return usual;
            foreach (var (word, value) in words)
            {
                if (text.Equals(word, StringComparison.OrdinalIgnoreCase))
                    return value;
            }

            query.Errors.Add(name, $"must be one of {string.Join(", ", words.Select(w => w.Word))}");
            return usual;
        }
    }

    /// <summary>Cuts the filter's range where hours, days, weeks or months begin.</summary>
    /// <returns>Null when there are too many.</returns>
    private static List<Bucket>? Cut(InteractionFilter filter, Interval interval, TimeZoneInfo zone)
    {
        var (from, until) = (filter.From!.Value, filter.Until!.Value);
        var cut = new List<Bucket>();
        var start = interval == Interval.Hour ? FloorOfHour(from, zone) : default;
        var day = FloorOf(DateOnly.FromDateTime(zone.ToLocal(from)), interval);
        while (true)
        {
            DateTime begin;
            DateTime end;
            string label;
            if (interval == Interval.Hour)
            {
                (begin, end) = (start, Added(start, TimeSpan.TicksPerHour));
                label = LabelOfHour(start, zone);
                start = end;
            }
            else
            {
                var next = After(day, interval);
                (begin, end) = (zone.StartOf(day), next is { } one ? zone.StartOf(one) : until);
                label = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
                day = next ?? day;
            }

            if (begin >= until)
                return cut;
            if (cut.Count == MaxBuckets)
                return null;
            cut.Add(new Bucket(label, begin < from ? from : begin, end > until ? until : end));
            if (end >= until || end <= begin)
                return cut;
        }
    }

    private static DateOnly FloorOf(DateOnly day, Interval interval) => interval switch
    {
        // From Monday on; the first days of the calendar have none before them.
        Interval.Week => day.AddDays(-Math.Min(((int)day.DayOfWeek + 6) % 7, day.DayNumber)),
        Interval.Month => new DateOnly(day.Year, day.Month, 1),
        _ => day,
    };

    /// <summary>Null behind the end of the calendar.</summary>
    private static DateOnly? After(DateOnly day, Interval interval)
    {
        var last = DateOnly.MaxValue;
        return interval switch
        {
            Interval.Week => day > last.AddDays(-7) ? null : day.AddDays(7),
            Interval.Month => day > last.AddMonths(-1) ? null : day.AddMonths(1),
            _ => day == last ? null : day.AddDays(1),
        };
    }

    // Where an offset has minutes, so has the hour's beginning.
    private static DateTime FloorOfHour(DateTime utc, TimeZoneInfo zone) =>
        Added(utc, -(Added(utc, zone.GetUtcOffset(utc).Ticks).TimeOfDay.Ticks % TimeSpan.TicksPerHour));

    private static string LabelOfHour(DateTime utc, TimeZoneInfo zone)
    {
        var offset = zone.GetUtcOffset(utc);
        var local = Added(utc, offset.Ticks).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        return offset == TimeSpan.Zero
            ? local + "Z"
            : local + (offset < TimeSpan.Zero ? "-" : "+") + offset.ToString("hh\\:mm", CultureInfo.InvariantCulture);
    }

    private static DateTime Added(DateTime utc, long ticks) =>
        new(Math.Clamp(utc.Ticks + ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks), DateTimeKind.Utc);
}

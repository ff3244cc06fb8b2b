using Lips.Interactions.Filter;
using Lips.Kernel.Reference;

namespace Lips.Interactions.Series;

/// <summary>What the reference says of series.</summary>
internal static class SeriesReference
{
    private static readonly string[] Intervals = ["hour", "day", "week", "month"];
    private static readonly string[] By = ["none", "event_type", "channel"];

    public static NamedSchema Answer { get; } = new("Series", () => Schema.Object(
        "Counts by time. The sums are those of the totals.",
        ("interval", Schema.OneOf(null, Intervals)),
        ("by", Schema.OneOf(null, By)),
        ("time_zone", Schema.Text()),
        ("buckets", Schema.List(Schema.Text(), "The day on which each begins, or of hours the time. Every one is there.", most: 800)),
        ("series", Schema.List(Schema.Object(
            null,
            ("key", Schema.Text("`events`; by type `call_events` and so on; by channel its name.")),
            ("totals", Schema.List(Schema.Count(), "A number for each bucket.")),
            ("unread", Schema.List(Schema.Count(), "A number for each bucket.")))))));

    public static OperationDescription Operation { get; } = new(
        "getSeries", "Numbers", "The counts of a filter by hour, day, week or month.")
    {
        Details = "At most 800 buckets.",
        Query =
        [
            .. FilterParameters.All.Select(p => p.Name is "start_date" or "end_date" ? p with { IsRequired = true } : p),
            new("interval", "How long a bucket is. Weeks begin on Monday.", () => Schema.OneOf(null, Intervals).Usually("day")),
            new("by", "What the numbers are told by.", () => Schema.OneOf(null, By).Usually("none")),
        ],
        Headers = [CommonHeaders.IfNoneMatch],
        Answers =
        [
            new(200, "The series.",
                ContentDescription.Json(
                    () => Schema.Ref(Answer),
                    ("Two days",
                        """
                        {"interval": "day", "by": "none", "time_zone": "UTC", "buckets": ["2026-06-01", "2026-06-02"],
                        "series": [{"key": "events", "totals": [85, 91], "unread": [68, 70]}]}
                        """)),
                "ETag", "Preference-Applied"),
            new(304, "Nothing has changed since `If-None-Match`.", null, "ETag"),
        ],
    };
}

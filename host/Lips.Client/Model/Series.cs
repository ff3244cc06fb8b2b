using System.Text.Json.Serialization;

namespace Lips.Client;

/// <summary>Counts by time. The sums are those of the totals.</summary>
public sealed record Series
{
    /// <summary>How long a bucket is: <c>hour</c>, <c>day</c>, <c>week</c> (from Monday on) or <c>month</c>.</summary>
    public required string Interval { get; init; }

    /// <summary>What the lines are told by: <c>none</c>, <c>event_type</c> or <c>channel</c>.</summary>
    public required string By { get; init; }

    /// <summary>What a day is here, such as <c>America/New_York</c>.</summary>
    public required string TimeZone { get; init; }

    /// <summary>The day on which each begins, or of hours the time. Every one is there.</summary>
    public required IReadOnlyList<string> Buckets { get; init; }

    /// <summary>A line for each type or channel; one with <c>none</c>.</summary>
    [JsonPropertyName("series")]
    public required IReadOnlyList<SeriesLine> Lines { get; init; }
}

/// <summary>The counts of a kind, a number for each bucket.</summary>
public sealed record SeriesLine
{
    /// <summary><c>events</c>; by type <c>call_events</c> and so on; by channel its name.</summary>
    public required string Key { get; init; }

    /// <summary>A number for each bucket.</summary>
    public required IReadOnlyList<long> Totals { get; init; }

    /// <summary>A number for each bucket.</summary>
    public required IReadOnlyList<long> Unread { get; init; }
}

using Lips.Counters.Contracts;

namespace Lips.Interactions.Filter;

/// <summary>
/// A filter cut where days begin: the whole days of its range, which the live counters know, and what is left at the two ends, each less
/// than a day, which they do not. A range within one day is all <see cref="Early"/>.
/// </summary>
internal sealed record DaySplit
{
    /// <summary>What lies before the first whole day.</summary>
    public InteractionFilter? Early { get; private init; }

    /// <summary>The whole days; null where there is none.</summary>
    public CellFilter? Days { get; private init; }

    /// <summary>What lies behind the last whole day.</summary>
    public InteractionFilter? Late { get; private init; }

    /// <summary>The whole days, where that is all; null where there is more.</summary>
    public CellFilter? OnlyDays => Early is null && Late is null ? Days : null;

    /// <summary>Cuts a filter; null when the counters do not know one of its other filters.</summary>
    public static DaySplit? Of(InteractionFilter filter)
    {
        if (!filter.IsOfCells)
            return null;
        var from = filter.From ?? DateTime.MinValue;
        var until = filter.Until ?? DateTime.MaxValue;
        var (firstDay, lastDay) = (CeilingOf(from), FloorOf(until));
        // An end that lies in the same day as the beginning belongs to that piece.
        var early = from == firstDay ? null : filter with { Until = until < firstDay ? until : firstDay };
        var late = until == lastDay || lastDay < firstDay ? null : filter with { From = lastDay };
        var days = firstDay < lastDay || (early is null && late is null)
            ? new CellFilter
            {
                Campaigns = filter.Campaigns,
                Kinds = filter.Kinds,
                Channels = filter.Channels,
                From = firstDay == DateTime.MinValue ? null : DateOnly.FromDateTime(firstDay),
                Until = lastDay == DateTime.MaxValue ? null : DateOnly.FromDateTime(lastDay),
                Archived = filter.Archived,
            }
            : null;
        return new DaySplit { Early = early, Days = days, Late = late };
    }

    // The last day of the calendar has no end; there, as in a filter without one, the latest time stands for it.
    private static DateTime CeilingOf(DateTime time)
    {
        var floor = time.Date;
        if (time == floor || time == DateTime.MaxValue)
            return time;
        return floor == DateTime.MaxValue.Date ? DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc) : floor.AddDays(1);
    }

    private static DateTime FloorOf(DateTime time) => time == DateTime.MaxValue ? time : time.Date;
}

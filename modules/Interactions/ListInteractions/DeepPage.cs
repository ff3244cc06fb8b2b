using Lips.Interactions.Filter;

namespace Lips.Interactions.ListInteractions;

/// <summary>
/// Where a page far behind begins: in a day that the counters can name, so that the list starts there and does not walk over all that stands before.
/// </summary>
internal static class DeepPage
{
    // Up to so many rows an index is walked faster than the days are summed.
    private const int Shallow = 500;

    /// <summary>Whether it pays, and whether the list is in the order of days.</summary>
    public static bool IsDeep(Paging paging) => paging.SortBy == SortBy.OccurredAt && paging.Skip > Shallow;

    /// <summary>Narrows the filter to the page's day and what comes behind it.</summary>
    /// <param name="filter">The filter of the list.</param>
    /// <param name="paging">The page; one that has rows.</param>
    /// <param name="days">How many interactions the filter selects on each UTC day.</param>
    /// <returns>The narrower filter, and how many of its rows stand before the page.</returns>
    public static (InteractionFilter Filter, long Skip) Narrow(InteractionFilter filter, Paging paging, IReadOnlyDictionary<DateOnly, long> days)
    {
        var skip = paging.Skip;
        foreach (var (day, count) in paging.Descending ? days.OrderByDescending(d => d.Key) : days.OrderBy(d => d.Key))
        {
            if (skip >= count)
            {
                skip -= count;
                continue;
            }

            var start = day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
            return (paging.Descending ? filter with { Until = start.AddDays(1) } : filter with { From = start }, skip);
        }

        throw new InvalidOperationException("A page that has rows begins on one of the days.");
    }
}

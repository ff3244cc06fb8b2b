using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Kernel.Database;

namespace Lips.Interactions.Listing;

/// <summary>
/// Where a page far behind begins. The counters name its half (of a list sorted by importance), its month and its day; within a day that
/// has many rows anchors name the place. So page 10,000 walks over no more rows than page 1 does.
/// </summary>
internal sealed class DeepPage(Connections database, LiveCounters counters, AnchorCache anchors)
{
    // Up to so many rows the list is as well walked from the beginning, or a day from its edge: anchors that are not there yet cost a
    // statement.
    private const int Shallow = 100;

    /// <summary>Whether it pays, and the counters know the place.</summary>
    public static bool IsDeep(IndexRequest request) => request.Paging?.Skip > Shallow && !IsOfHalves(request);

    // How many of the read, or of the unread, are important the counters do not know.
    private static bool IsOfHalves(IndexRequest request) =>
        request.Filter.IsRead is not null && request.Order.By == SortBy.Important;

    /// <summary>Finds where to begin.</summary>
    /// <param name="request">The page; one that has rows.</param>
    /// <param name="split">The days of its filter.</param>
    /// <param name="counts">What they select.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>Null when something has changed since it was counted: then all is to be read again.</returns>
    public async Task<ListStart?> FindAsync(
        IndexRequest request, DaySplit split, SplitCounts counts, CancellationToken cancellation)
    {
        var (important, skip) = HalfOf(request.Paging!, counts.All);
        var newestFirst = request.Order.NewestFirst;
        if (await FindDayAsync(split, counts, important, newestFirst, skip, cancellation) is not { } place)
            return null;
        var (from, until, day) = place;
        if (day.Before > Shallow)
        {
            var narrow = request.Filter with { From = from, Until = until };
            var key = $"{narrow.ToKey()}{important}";
            if (!anchors.TryFind(key, out var found) || found.Count != day.Count || !day.IsUnchanged(found.Mark))
            {
                // Apart from the page: a page that waits in a batch holds no connection.
                found = await database.RunAsync(
                    connection => Anchors.ReadAsync(connection, narrow, important, day, cancellation), cancellation);
                if (found is null)
                    return null;
                anchors.Keep(key, found);
            }

            if (found.Before(day.Before, newestFirst) is var (time, id, between))
                return new ListStart(time, id, between, important);
        }

        // Ids are above 0: no row stands between an edge and the one that is named so.
        return new ListStart(newestFirst ? until : from, 0, day.Before, important);
    }

    /// <summary>
    /// The ranges of time that have the rows, of a list of the read or the unread: they may be few among many, and no index knows them. So
    /// the list reads the days of whose interactions the counters count one, and no others.
    /// </summary>
    /// <param name="slice">The rows.</param>
    /// <param name="split">The days of the filter.</param>
    /// <param name="counts">What they select.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>Whether they are known; none where all is to be read. When they are not known, all is to be read again.</returns>
    public async ValueTask<(bool AreKnown, IReadOnlyList<TimeRange>? Days)> FindDaysAsync(
        ListSlice slice, DaySplit split, SplitCounts counts, CancellationToken cancellation)
    {
        if (slice.Filter.IsRead is null || slice.Order.By == SortBy.Important)
            return (true, null);
        var days = new List<TimeRange>();
        foreach (var piece in new[] { split.Early, split.Late })
        {
            if (piece is not null)
                days.Add(new(piece.From ?? DateTime.MinValue, piece.Until ?? DateTime.MaxValue));
        }

        if (split.Days is null)
            return (true, days);
        // One more tells whether there is another.
        var rows = slice.Rows + 1 + (slice.Start?.Skip ?? slice.Skip);
        var from = slice.Start is { } start ? DateOnly.FromDateTime(start.Time) : (DateOnly?)null;
        if (await counters.FindDaysAsync(counts.Days, split.Days, slice.Order.NewestFirst, from, rows, cancellation) is not { } found)
            return (false, null);
        days.AddRange(found.Select(day => new TimeRange(
            StartOf(day), day == DateOnly.MaxValue ? DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc) : StartOf(day.AddDays(1)))));
        return (true, days);
    }

    private static (bool? Important, long Skip) HalfOf(Paging paging, Counts counts)
    {
        if (paging.Order.By != SortBy.Important)
            return (null, paging.Skip);
        var importantFirst = paging.Order.ImportantFirst;
        var first = importantFirst ? counts.Important : counts.Events - counts.Important;
        return paging.Skip < first ? (importantFirst, paging.Skip) : (!importantFirst, paging.Skip - first);
    }

    private async ValueTask<(DateTime From, DateTime Until, LiveDay Day)?> FindDayAsync(
        DaySplit split, SplitCounts counts, bool? important, bool newestFirst, long skip, CancellationToken cancellation)
    {
        var early = (Filter: split.Early, Count: CountOf(counts.Early, important));
        var late = (Filter: split.Late, Count: CountOf(counts.Late, important));
        var (first, last) = newestFirst ? (late, early) : (early, late);
        var whole = split.Days is null ? 0 : CountOf(counts.Days.Counts, important);
        if (skip >= first.Count && skip < first.Count + whole)
        {
            skip -= first.Count;
            return await counters.FindDayAsync(counts.Days, split.Days!, important, newestFirst, skip, cancellation) is { } day
                ? (StartOf(day.Day), StartOf(day.Day.AddDays(1)), day)
                : null;
        }

        var (piece, before) = skip < first.Count ? (first, skip) : (last, skip - first.Count - whole);
        var (from, until) = (piece.Filter!.From!.Value, piece.Filter.Until!.Value);
        return await counters.PieceOfDayAsync(counts.Days, DateOnly.FromDateTime(from), before, piece.Count, cancellation) is { } found
            ? (from, until, found)
            : null;
    }

    private static DateTime StartOf(DateOnly day) => day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);

    private static long CountOf(Counts? counts, bool? important) => counts is null ? 0 : important switch
    {
        null => counts.Events,
        true => counts.Important,
        false => counts.Events - counts.Important,
    };
}

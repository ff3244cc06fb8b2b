using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Interactions.ListInteractions;

/// <summary>Where a list is begun to be read: at a row that is known, a short way before the page.</summary>
/// <param name="Time">The row's time; the list begins with the row itself, or with the next one where there is no such row.</param>
/// <param name="Id">The row's id.</param>
/// <param name="Skip">How many rows stand between.</param>
/// <param name="Important">Of a list sorted by importance: the half in which that is. Null for others.</param>
internal sealed record ListStart(DateTime Time, long Id, long Skip, bool? Important);

/// <summary>
/// Where a page far behind begins. The counters name its half (of a list sorted by importance), its month and its day; within a day that
/// has many rows anchors name the place. So page 10,000 walks over no more rows than page 1 does.
/// </summary>
internal sealed class DeepPage(NpgsqlDataSource database, LiveCounters counters, AnchorCache anchors)
{
    // Up to so many rows the list is as well walked from the beginning, or a day from its edge: anchors that are not there yet cost a
    // statement.
    private const int Shallow = 100;

    /// <summary>Whether it pays.</summary>
    public static bool IsDeep(Paging paging) => paging.Skip > Shallow;

    /// <summary>Finds where to begin.</summary>
    /// <param name="request">The page; one that has rows.</param>
    /// <param name="split">The days of its filter.</param>
    /// <param name="counts">What they select.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>Null when something has changed since it was counted: then all is to be read again.</returns>
    public async Task<ListStart?> FindAsync(
        IndexRequest request, DaySplit split, SplitCounts counts, CancellationToken cancellation)
    {
        var (important, skip) = HalfOf(request.Paging, counts.All);
        var newestFirst = important is not null || request.Paging.Descending;
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
                await using var lent = await database.LendAsync(cancellation);
                found = await Anchors.ReadAsync(lent.Connection, narrow, important, day, cancellation);
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

    private static (bool? Important, long Skip) HalfOf(Paging paging, Counts counts)
    {
        if (paging.SortBy != SortBy.Important)
            return (null, paging.Skip);
        var first = paging.Descending ? counts.Important : counts.Events - counts.Important;
        return paging.Skip < first ? (paging.Descending, paging.Skip) : (!paging.Descending, paging.Skip - first);
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

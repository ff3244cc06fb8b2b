using Lips.Interactions.Filter;
using Lips.Interactions.Writing;

namespace Lips.Interactions.Listing;

/// <summary>What is read of a list: some rows, one behind the other.</summary>
/// <param name="Filter">What the list selects.</param>
/// <param name="Order">The order in which it is read.</param>
/// <param name="Rows">How many rows at most.</param>
internal sealed record ListSlice(InteractionFilter Filter, ListOrder Order, int Rows)
{
    /// <summary>How many rows of the list stand before the first, where no <see cref="Start"/> is given.</summary>
    public long Skip { get; init; }

    /// <summary>Where the list is begun to be read; null for its beginning.</summary>
    public ListStart? Start { get; init; }

    /// <summary>The ranges of time that have rows; null where that is not known, and all is read.</summary>
    public IReadOnlyList<TimeRange>? Days { get; init; }

    /// <summary>The greatest id of a row; what came in later has a greater one. Null for any.</summary>
    public long? Newest { get; init; }

    /// <summary>Only rows that are not all like this; null for all.</summary>
    public NewState? Unlike { get; init; }

    /// <summary>Whether the keys of the rows are wanted too, and whether there is another row behind them.</summary>
    public bool HasKeys { get; init; }
}

/// <summary>Where a list is begun to be read: at a row that is known, a short way before the page.</summary>
/// <param name="Time">The row's time; the list begins with the row itself, or with the next one where there is no such row.</param>
/// <param name="Id">The row's id.</param>
/// <param name="Skip">How many rows stand between.</param>
/// <param name="Important">Of a list sorted by importance: the half in which that is. Null for others.</param>
internal sealed record ListStart(DateTime Time, long Id, long Skip, bool? Important);

/// <summary>A range of time.</summary>
/// <param name="From">Its first instant.</param>
/// <param name="Until">The first instant behind it.</param>
internal readonly record struct TimeRange(DateTime From, DateTime Until);

using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lips.Interactions.Filter;
using Lips.Kernel;

namespace Lips.Interactions.Listing;

/// <summary>The rows of a list beside a place (contract section 11): whatever comes in meanwhile, none is skipped or shown twice.</summary>
/// <param name="Limit">How many rows at most.</param>
/// <param name="Order">The list's order.</param>
/// <param name="After">The row behind which they stand; null for none.</param>
/// <param name="Before">The row before which they stand; null for none.</param>
/// <param name="At">The instant at which the list begins; null for none.</param>
internal sealed record CursorPaging(int Limit, ListOrder Order, ListCursor? After, ListCursor? Before, DateTime? At)
{
    private static readonly string[] Names = ["limit", "after", "before", "at"];

    /// <summary>The order in which the rows are read: those before a row from that row on.</summary>
    public ListOrder Walk => Order with { Backward = Before is not null };

    /// <summary>The same for the same rows only.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{Limit}.{Order.Key}.{After}.{Before}.{At?.Ticks}");

    /// <summary>Reads the parameters; what is wrong goes to the reader's errors.</summary>
    /// <returns>Null when none of them is given: a page is asked for.</returns>
    public static CursorPaging? Read(QueryReader query, InteractionFilter filter, Caller caller)
    {
        var limit = query.Integer("limit", 1, Paging.MaxPerPage, "must be between 1 and 500");
        var (after, before, at) = (query.Single("after"), query.Single("before"), query.Single("at"));
        if (!Names.Any(query.Has))
            return null;
        foreach (var name in new[] { "page", "per_page" }.Where(query.Has))
        {
            query.Single(name);
            query.Errors.Add(name, "must not be given with limit, after, before or at");
        }

        if ((after is null ? 0 : 1) + (before is null ? 0 : 1) + (at is null ? 0 : 1) > 1)
            query.Errors.Add(after is null ? "before" : "after", "must be the only one of after, before and at");
        var order = ListOrder.Read(query, caller);
        DateTime? instant = null;
        if (at is not null && UtcTime.TryParse(at, out var time))
            instant = UtcTime.CutToMilliseconds(time);
        else if (at is not null)
            query.Errors.Add("at", "must be an ISO 8601 time such as 2021-09-06T16:16:08Z");
        if (at is not null && order.By == SortBy.Important)
            query.Errors.Add("at", "is a place of a list that is sorted by occurred_at");
        return new CursorPaging(limit ?? Paging.DefaultOf(caller), order, Place("after", after), Place("before", before), instant);

        ListCursor? Place(string name, string? text)
        {
            if (text is null)
                return null;
            var cursor = ListCursor.Parse(text);
            if (cursor is null)
                query.Errors.Add(name, "must be the next or previous of an earlier answer");
            else if (query.Errors.None && cursor.List != ListCursor.ListOf(filter, order))
                query.Errors.Add(name, "is of a list with another filter or order");
            return cursor;
        }
    }

    /// <summary>Where the list of a filter is begun to be read; null for its beginning.</summary>
    public ListStart? StartIn(InteractionFilter filter)
    {
        var newestFirst = Walk.NewestFirst;
        var start = (After ?? Before) is { } place
            // The row itself is not among them.
            ? new ListStart(place.Time, newestFirst ? place.Id - 1 : place.Id + 1, 0, Order.By == SortBy.Important ? place.Important : null)
            : At is { } at ? new ListStart(at, newestFirst ? long.MaxValue : 0, 0, null) : null;
        // The start takes the place of the filter's own bound.
        if (start is { Important: null })
        {
            if (newestFirst && start.Time >= filter.Until)
                return null;
            if (!newestFirst && start.Time < filter.From)
                return null;
        }

        return start;
    }
}

/// <summary>A row of a list, as the place of those behind it and before it. Opaque to clients.</summary>
/// <param name="List">The list: a hash of its filter and order.</param>
/// <param name="Time">When the row's interaction occurred.</param>
/// <param name="Id">The interaction.</param>
/// <param name="Important">Whether it was important.</param>
/// <param name="Newest">The greatest id that was given out when the row was read: what came in later has a greater one.</param>
internal sealed record ListCursor(string List, DateTime Time, long Id, bool Important, long Newest)
{
    // Cursors of other routes begin otherwise.
    private const string Route = "list";

    /// <summary>What names a list in its cursors.</summary>
    public static string ListOf(InteractionFilter filter, ListOrder order) => Base64Url.EncodeToString(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{filter.ToKey()}|{(order with { Backward = false }).Key}")).AsSpan(0, 9));

    /// <summary>Reads what <see cref="ToString"/> made; null for anything else.</summary>
    public static ListCursor? Parse(string text) =>
        CursorText.Read(text, Route, 200) is [var list, var time, var id, var important and ("0" or "1"), var newest]
            && CursorText.TryTime(time, out var at) && CursorText.TryNumber(id, out var atId) && atId < long.MaxValue
            && CursorText.TryNumber(newest, out var newestId)
                ? new ListCursor(list, at, atId, important == "1", newestId)
                : null;

    public override string ToString() => CursorText.Write(Route, List, Time.Ticks, Id, Important ? 1 : 0, Newest);
}

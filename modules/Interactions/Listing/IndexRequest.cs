using System.Globalization;
using System.Text;
using Lips.Interactions.Filter;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Interactions.Listing;

/// <summary>What the index is asked for: a filter, and some rows of the list: a page, or those beside a cursor.</summary>
/// <param name="filter">The filter.</param>
/// <param name="paging">The page; null for rows beside a cursor.</param>
/// <param name="cursor">The rows beside a cursor; null for a page.</param>
/// <param name="isSummary">Whether transcripts, extra fields and notes are left out.</param>
internal sealed class IndexRequest(InteractionFilter filter, Paging? paging, CursorPaging? cursor, bool isSummary)
    : FilterRequest(filter)
{
    public Paging? Paging => paging;

    public CursorPaging? Cursor => cursor;

    public bool IsSummary => isSummary;

    /// <summary>The list's own order.</summary>
    public ListOrder Order => paging?.Order ?? cursor!.Order;

    public override string Key => $"{base.Key}|{paging?.Key ?? cursor!.Key}{(isSummary ? "s" : "")}";

    /// <summary>Reads it from a query string in the caller's profile; what is wrong goes to the reader's errors.</summary>
    public static new IndexRequest Read(QueryReader query, Caller caller)
    {
        if (caller.Profile == Profile.Partner)
            return new IndexRequest(PartnerFilter.Read(query), Paging.Read(query, caller), null, isSummary: false);
        var filter = InteractionFilter.Read(query);
        var isSummary = ReadFields(query);
        var cursor = CursorPaging.Read(query, filter, caller);
        return new IndexRequest(filter, cursor is null ? Paging.Read(query, caller) : null, cursor, isSummary);
    }

    /// <summary>The same page of other advertisers.</summary>
    public IndexRequest Of(IReadOnlyList<GlobalId> advertisers) =>
        new(Filter with { Advertisers = advertisers }, paging, cursor, isSummary);

    /// <summary>The rows of the list.</summary>
    /// <param name="start">Where to begin, for a page where that is known.</param>
    /// <param name="days">The days that have rows, where they are known.</param>
    public ListSlice Slice(ListStart? start = null, IReadOnlyList<TimeRange>? days = null) => cursor is null
        ? new(Filter, paging!.Order, paging.PerPage) { Skip = paging.Skip, Start = start, Days = days }
        : new(Filter, cursor.Walk, cursor.Limit) { Start = cursor.StartIn(Filter), Days = days, HasKeys = true };

    private static bool ReadFields(QueryReader query)
    {
        var fields = query.Single("fields");
        if (fields is not (null or "summary"))
            query.Errors.Add("fields", "must be summary");
        return fields is not null;
    }
}

/// <summary>Which page of a list, and in which order (contract section 4).</summary>
internal sealed record Paging(int Page, int PerPage, ListOrder Order)
{
    public const int MaxPerPage = 500;

    private const int PerPageByDefault = 25;
    private const int PerPageOfTrusted = 100;

    /// <summary>The same for the same page only.</summary>
    public string Key =>
        string.Create(CultureInfo.InvariantCulture, $"{Page}.{PerPage}.{Order.Key}");

    /// <summary>How many interactions stand before the page.</summary>
    public long Skip => (Page - 1L) * PerPage;

    /// <summary>Reads the parameters; what is wrong goes to the reader's errors.</summary>
    public static Paging Read(QueryReader query, Caller caller)
    {
        var page = query.Integer("page", 1, int.MaxValue, "must be a whole number from 1") ?? 1;
        var perPage = query.Integer("per_page", 1, MaxPerPage, "must be between 1 and 500");
        return new Paging(page, perPage ?? DefaultOf(caller), ListOrder.Read(query, caller));
    }

    /// <summary>How many rows a caller gets that does not say.</summary>
    public static int DefaultOf(Caller caller) =>
        caller is { Trusted: true, Profile: Profile.Full } ? PerPageOfTrusted : PerPageByDefault;

    /// <summary>At least 1.</summary>
    public long TotalPages(long events) => Math.Max(1, (events + PerPage - 1) / PerPage);

    /// <summary>The <c>Link</c> header (RFC 8288): first, prev, next and last, relative to the request's own address.</summary>
    public string Links(HttpRequest request, long totalPages)
    {
        string path = request.PathBase + request.Path;
        var query = request.QueryString.Value ?? "";
        var others = new StringBuilder();
        foreach (var parameter in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            if (QueryReader.NameOf(parameter) != "page")
                others.Append(HeaderSafe(parameter)).Append('&');
        }

        var links = new List<string> { Link("first", 1) };
        if (Page > 1)
            links.Add(Link("prev", Math.Min(Page - 1, totalPages)));
        if (Page < totalPages)
            links.Add(Link("next", Page + 1L));
        links.Add(Link("last", totalPages));
        return string.Join(", ", links);

        string Link(string relation, long page) =>
            string.Create(CultureInfo.InvariantCulture, $"<{path}?{others}page={page}>; rel=\"{relation}\"");
    }

    // A header holds printable ASCII, and a link ends at '>': whatever else a client sent unescaped is escaped here.
    private static string HeaderSafe(string parameter) => string.Concat(parameter.EnumerateRunes().Select(r =>
        r.Value is > ' ' and <= '~' and not ('<' or '>' or '"') ? r.ToString() : Uri.EscapeDataString(r.ToString())));
}

/// <summary>What a list is sorted by.</summary>
internal enum SortBy
{
    OccurredAt,
    Important,
}

/// <summary>The order in which a list is read.</summary>
/// <param name="By">What it is sorted by. By importance, the newest come first in each of the halves.</param>
/// <param name="Descending">Whether the list begins with the newest, or with the important.</param>
/// <param name="Backward">Whether it is read from its end.</param>
internal readonly record struct ListOrder(SortBy By, bool Descending, bool Backward = false)
{
    /// <summary>The same for the same order only.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{(int)By}.{(Descending ? 1 : 0)}{(Backward ? "b" : "")}");

    /// <summary>Whether newer ones are read before older ones, by importance within a half.</summary>
    public bool NewestFirst => (By == SortBy.Important || Descending) != Backward;

    /// <summary>Whether the important are read before the others.</summary>
    public bool ImportantFirst => Descending != Backward;

    /// <summary>Reads the parameters; what is wrong goes to the reader's errors.</summary>
    public static ListOrder Read(QueryReader query, Caller caller)
    {
        var isPartner = caller.Profile == Profile.Partner;
        // The partners' document knows no sorting.
        var by = isPartner ? null : query.Single("sort_by")?.ToUpperInvariant();
        var direction = isPartner ? null : query.Single("sort_dir")?.ToUpperInvariant();
        if (by is not (null or "IMPORTANT" or "OCCURRED_AT"))
            query.Errors.Add("sort_by", "must be important or occurred_at");
        if (direction is not (null or "ASC" or "DESC"))
            query.Errors.Add("sort_dir", "must be asc or desc");
        return new ListOrder(
            by == "IMPORTANT" ? SortBy.Important : SortBy.OccurredAt,
            // Without either parameter the newest come first; with one of them the default direction is ascending (the seed's table).
            direction == "DESC" || (direction is null && by is null));
    }

    /// <summary>The order as SQL, of the rows of a table.</summary>
    /// <param name="alias">The table; <c>t</c> is that of tags.</param>
    public string Sql(string alias)
    {
        var time = NewestFirst ? "DESC" : "ASC";
        if (alias == "t")
            return $"t.occurred_at {time}, t.interaction_id {time}";
        var importance = By == SortBy.Important ? $"{alias}.important {(ImportantFirst ? "DESC" : "ASC")}, " : "";
        return $"{importance}{alias}.occurred_at {time}, {alias}.id {time}";
    }
}

using System.Text;
using Lips.Interactions.Filter;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Interactions.ListInteractions;

/// <summary>What the index is asked for: a filter, and a page of it.</summary>
/// <param name="filter">The filter.</param>
/// <param name="paging">The page.</param>
internal sealed class IndexRequest(InteractionFilter filter, Paging paging) : FilterRequest(filter)
{
    public Paging Paging => paging;

    public override string Key => $"{base.Key}|{paging.Key}";

    /// <summary>Reads it from a query string in the caller's profile; what is wrong goes to the reader's errors.</summary>
    public static new IndexRequest Read(QueryReader query, Caller caller) => new(
        caller.Profile == Profile.Partner ? PartnerFilter.Read(query) : InteractionFilter.Read(query), Paging.Read(query, caller));

    /// <summary>The same page of other advertisers.</summary>
    public IndexRequest Of(IReadOnlyList<GlobalId> advertisers) => new(Filter with { Advertisers = advertisers }, paging);
}

/// <summary>What a list is sorted by.</summary>
internal enum SortBy
{
    OccurredAt,
    Important,
}

/// <summary>Which page of a list, and in which order (contract section 4).</summary>
internal sealed record Paging(int Page, int PerPage, SortBy SortBy, bool Descending)
{
    public const int MaxPerPage = 500;

    private const int PerPageByDefault = 25;
    private const int PerPageOfTrusted = 100;

    /// <summary>The same for the same page only.</summary>
    public string Key =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Page}.{PerPage}.{(int)SortBy}.{(Descending ? 1 : 0)}");

    /// <summary>How many interactions stand before the page.</summary>
    public long Skip => (Page - 1L) * PerPage;

    /// <summary>Reads the parameters; what is wrong goes to the reader's errors.</summary>
    public static Paging Read(QueryReader query, Caller caller)
    {
        var page = query.Integer("page", 1, int.MaxValue, "must be a whole number from 1") ?? 1;
        var perPage = query.Integer("per_page", 1, MaxPerPage, "must be between 1 and 500");
        var isPartner = caller.Profile == Profile.Partner;
        // The partners' document knows no sorting, and nothing of trust.
        var by = isPartner ? null : query.Single("sort_by")?.ToUpperInvariant();
        var direction = isPartner ? null : query.Single("sort_dir")?.ToUpperInvariant();
        if (by is not (null or "IMPORTANT" or "OCCURRED_AT"))
            query.Errors.Add("sort_by", "must be important or occurred_at");
        if (direction is not (null or "ASC" or "DESC"))
            query.Errors.Add("sort_dir", "must be asc or desc");
        return new Paging(
            page,
            perPage ?? (caller.Trusted && !isPartner ? PerPageOfTrusted : PerPageByDefault),
            by == "IMPORTANT" ? SortBy.Important : SortBy.OccurredAt,
            // Without either parameter the newest come first; with one of them the default direction is ascending (the seed's table).
            direction == "DESC" || (direction is null && by is null));
    }

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
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"<{path}?{others}page={page}>; rel=\"{relation}\"");
    }

    // A header holds printable ASCII, and a link ends at '>': whatever else a client sent unescaped is escaped here.
    private static string HeaderSafe(string parameter) => string.Concat(parameter.EnumerateRunes().Select(r =>
        r.Value is > ' ' and <= '~' and not ('<' or '>' or '"') ? r.ToString() : Uri.EscapeDataString(r.ToString())));
}

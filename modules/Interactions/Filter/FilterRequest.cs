using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Interactions.Filter;

/// <summary>A request that names interactions by the filters of contract section 4.</summary>
/// <param name="filter">The filter.</param>
internal class FilterRequest(InteractionFilter filter)
{
    public InteractionFilter Filter => filter;

    /// <summary>The filter as it is counted; null when the counters do not know all of it.</summary>
    public DaySplit? Split { get; } = DaySplit.Of(filter);

    /// <summary>The same text for the same question in the same words, and another for any other.</summary>
    public virtual string Key => filter.ToKey();

    /// <summary>Reads it from a query string; what is wrong goes to the reader's errors.</summary>
    public static FilterRequest Read(QueryReader query, Caller caller) => new(InteractionFilter.Read(query));

    /// <summary>The reason of a 403: the caller may not ask this. Null when it may.</summary>
    public string? RefusalFor(Caller caller)
    {
        if (!caller.MaySeeAll(filter.Advertisers))
            return "advertiser";
        return !caller.Pii && filter.TellsOfAPerson ? "pii" : null;
    }

    /// <summary>Answers are one caller's alone and always asked for again (contract section 6).</summary>
    public static void SetCaching(HttpContext http)
    {
        http.Response.Headers.CacheControl = "private, no-cache";
        http.Response.Headers.Vary = "Authorization, x-api-key, Accept-Encoding";
    }
}

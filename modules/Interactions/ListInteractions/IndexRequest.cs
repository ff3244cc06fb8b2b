using Lips.Interactions.Filter;
using Lips.Kernel;

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

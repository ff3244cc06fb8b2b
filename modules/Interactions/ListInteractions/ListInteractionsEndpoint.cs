using FastEndpoints;
using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Interactions.Listing;
using Lips.Interactions.Serving;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Interactions.ListInteractions;

/// <summary><c>GET /contact_interactions</c>: the index, in either profile (contract section 4).</summary>
internal sealed class ListInteractionsEndpoint(
    LiveCounters counters, CountInteractions count, DeepPage deep, PageReader pages, PartnerFilter partners)
    : Endpoint<IndexRequest>
{
    public override void Configure()
    {
        Verbs(Http.GET, Http.HEAD);
        Routes("/contact_interactions");
        Policies(Allow.ReadInAnyProfile);
        RequestBinder(Definition.Query(IndexRequest.Read));
        Definition.WaitsFor<PageReader>();
        Definition.Describe(ListInteractionsReference.Operation);
    }

    public override async Task HandleAsync(IndexRequest request, CancellationToken cancellation)
    {
        var http = HttpContext;
        var caller = http.Caller();
        if (request.RefusalFor(caller) is { } reason)
        {
            await http.NotAuthorized(reason);
            return;
        }

        if (request.Filter.Advertisers.Count == 0)
            request = request.Of(await partners.AdvertisersAsync(request.Filter, caller, cancellation));
        if (request.Filter.Advertisers.Count > InteractionFilter.MaxAdvertisers)
        {
            await http.Invalid(PartnerFilter.TooMany());
            return;
        }

        FilterRequest.SetCaching(http);
        var reading = await counters.ReadAsync(request.Filter.Advertisers, request.Split?.Days, cancellation);
        if (EntityTag.IsNotModified(http, request.Key, reading))
            return;
        var (page, counts) = await ReadAsync(request, reading, caller, cancellation);
        using (page)
        {
            if (request.Paging is { } paging)
                http.Response.Headers.Link = paging.Links(http.Request, paging.TotalPages(counts.Events));
            await http.AnswerJson(StatusCodes.Status200OK, BodyOf(request, page, counts));
        }
    }

    /// <summary>The page and the counts, of one and the same version.</summary>
    private async Task<(PageBody Page, Counts Counts)> ReadAsync(
        IndexRequest request, LiveReading reading, Caller caller, CancellationToken cancellation)
    {
        for (var attempt = 1; request.Split is { } split && attempt <= CountInteractions.Tries; attempt++)
        {
            if (await TryReadAsync(request, split, reading, caller, cancellation) is { } answer)
                return answer;
            reading = await counters.ReadAsync(request.Filter.Advertisers, split.Days, cancellation);
        }

        return await pages.ScanAsync(request, caller, cancellation);
    }

    /// <summary>Null when a change came between what was read for the counts, the page's place and the page.</summary>
    private async Task<(PageBody Page, Counts Counts)?> TryReadAsync(
        IndexRequest request, DaySplit split, LiveReading reading, Caller caller, CancellationToken cancellation)
    {
        if (await count.CountAsync(request.Filter, split, reading, cancellation) is not { } counts)
            return null;
        if (request.Paging?.Skip >= counts.All.Events)
            return (new PageBody(caller, request.IsSummary), counts.All);
        ListStart? start = null;
        if (DeepPage.IsDeep(request) && (start = await deep.FindAsync(request, split, counts, cancellation)) is null)
            return null;
        var (areKnown, days) = await deep.FindDaysAsync(request.Slice(start), split, counts, cancellation);
        if (!areKnown)
            return null;
        var page = await pages.ReadAsync(
            request.Slice(start, days), () => new PageBody(caller, request.IsSummary), cancellation);
        if (await AtAsync(page.Versions) is { } all)
            return (page, all);
        page.Dispose();
        return null;

        // The counts of the page's own version: a change may have come in between.
        async ValueTask<Counts?> AtAsync(long[] ofPage)
        {
            if (counts.Days.Versions.SequenceEqual(ofPage))
                return counts.All;
            if (start is not null || days is not null || split.OnlyDays is null)
                return null;
            return (await counters.ReadAtAsync(reading, split.Days, ofPage, cancellation))?.Counts;
        }
    }

    private static ReadOnlyMemory<byte> BodyOf(IndexRequest request, PageBody page, Counts counts)
    {
        if (request.Cursor is not { } cursor)
            return page.End(request.Paging!, counts);
        var (keys, list) = (page.Keys, ListCursor.ListOf(request.Filter, request.Order));
        if (keys.Rows.Count == 0)
            return page.End(cursor.Before, cursor.After, hasMore: false, counts);
        // Before the first row others may come in, so there is always a way back.
        var next = cursor.Before is not null || keys.HasMore ? keys.CursorAt(^1, list) : null;
        return page.End(next, keys.CursorAt(0, list), keys.HasMore, counts);
    }
}

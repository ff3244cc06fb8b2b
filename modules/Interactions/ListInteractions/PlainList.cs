using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Kernel;
using Lips.Kernel.Database;
using Microsoft.Extensions.Primitives;
using Npgsql;

namespace Lips.Interactions.ListInteractions;

/// <summary>
/// Pages of all that one advertiser has, newest first, with what is told of the whole list: both of one version, which the page's own snapshot tells, so that there is mostly nothing else to ask.
/// </summary>
internal sealed class PlainList(NpgsqlDataSource database, LiveCounters counters, AnchorCache anchors, PlainPages pages)
{
    /// <summary>Whether a question is for such a page. Sizes of pages are few, because each has a statement of its own.</summary>
    public static bool Has(Question<Paging> question) =>
        question.More is { SortBy: SortBy.OccurredAt, Descending: true, PerPage: 10 or 25 or 50 or 100 }
        && question.Filter is { IsOfCells: true, Archived: false, Advertisers.Count: 1, Campaigns.Count: 0, Kinds.Count: 0, Channels.Count: 0, From: null, Until: null };

    /// <summary>Reads a page, as it is at a moment after this call.</summary>
    /// <param name="question">One that <see cref="Has"/>.</param>
    /// <param name="caller">Who will read it.</param>
    /// <param name="ifNoneMatch">The tags of what the caller has.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>Null when there is no such page, or changes came in between: who reads every list will find out.</returns>
    /// <exception cref="NpgsqlException">The database did not answer.</exception>
    public async Task<PlainAnswer?> TryReadAsync(Question<Paging> question, Caller caller, StringValues ifNoneMatch, CancellationToken cancellation)
    {
        var advertisers = question.Filter.Advertisers;
        // The version comes with the page. Only who asks what has changed since is told without a page, if nothing has.
        if (ifNoneMatch.Count == 0 && counters.Held(advertisers[0]) is { } held && await TryReadAsync(question, caller, held, cancellation) is { } answer)
            return answer;
        var reading = await counters.ReadAsync(advertisers, cancellation);
        var tag = EntityTag.Of(question, caller, reading);
        return EntityTag.IsAmong(ifNoneMatch, tag) ? new PlainAnswer(tag, null, null) : await TryReadAsync(question, caller, reading, cancellation);
    }

    /// <summary>The page, if it and the counters that this node holds are of the same version; these tell where it begins.</summary>
    private async Task<PlainAnswer?> TryReadAsync(Question<Paging> question, Caller caller, LiveReading held, CancellationToken cancellation)
    {
        if (await StartAsync(question, held, cancellation) is not { } start)
            return null;
        var page = await pages.ReadAsync(question.Filter.Advertisers[0], start, question.More.PerPage, caller, cancellation);
        // The first page begins where it did, whatever has changed.
        if (!page.IsOf(held) && question.More.Skip == 0)
            held = await counters.ReadAsync(question.Filter.Advertisers, cancellation);
        // The counters may have gone on since.
        if (page.IsOf(held) && held.Count(question.Parts!.OnlyDays!) is var counts && counts.Versions[0] == page.Version)
            return new PlainAnswer(EntityTag.Of(question, caller, held), page.Body, counts.Counts);
        page.Body.Dispose();
        return null;
    }

    /// <summary>Null where the counters do not tell it, or know of no such page.</summary>
    private async ValueTask<ListStart?> StartAsync(Question<Paging> question, LiveReading held, CancellationToken cancellation)
    {
        var (filter, paging, parts) = (question.Filter, question.More, question.Parts!);
        if (paging.Skip == 0)
            return PlainPages.Beginning;
        var counts = held.Count(parts.OnlyDays!);
        if (paging.Skip >= counts.Counts.Events || counts.Versions[0] != held.Versions[0])
            return null;
        if (!DeepPage.IsDeep(paging))
            return PlainPages.Beginning with { Skip = paging.Skip };
        await using var lent = await database.LendAsync(cancellation);
        return await DeepPage.FindAsync(lent.Connection, filter, paging, parts, new PartCounts(counts, null, null), held, anchors, cancellation);
    }
}

/// <summary>What a question for a plain page is answered with.</summary>
/// <param name="Tag">Its ETag.</param>
/// <param name="Page">The page, which the taker disposes of; null when the caller has the same already.</param>
/// <param name="Counts">What is told of the whole list; null without a page.</param>
internal sealed record PlainAnswer(string Tag, PageBody? Page, Counts? Counts);

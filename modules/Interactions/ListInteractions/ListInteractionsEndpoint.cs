using System.Data;
using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Kernel;
using Lips.Kernel.Database;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Lips.Interactions.ListInteractions;

/// <summary><c>GET /contact_interactions</c>: the index, in either profile (contract section 4).</summary>
internal sealed class ListInteractionsEndpoint(NpgsqlDataSource database, LiveCounters counters, AnchorCache anchors, PartnerFilter partners, PlainPages plainPages) : IEndpoint
{
    public static void Configure(EndpointDefinition endpoint) => endpoint.On("GET", "/contact_interactions").ForPartnersToo().Requires(Ability.Read);

    public async Task HandleAsync(HttpContext http)
    {
        var caller = http.Caller();
        var read = caller.Profile == Profile.Partner ? partners.ReadAsync(http, caller, Paging.Read) : FilterOfRequest.ReadAsync(http, caller, Paging.Read);
        if (await read is not { } question)
            return;
        var isPlain = PlainPages.Has(question.Filter, question.More);
        // The version comes with a plain page. Only who asks what has changed since is told without a page, if nothing has.
        if (isPlain && http.Request.Headers.IfNoneMatch.Count == 0 && await TryAnswerPlainAsync(http, caller, question, counters.Held(question.Filter.Advertisers[0])))
            return;
        var reading = await counters.ReadAsync(question.Filter.Advertisers, http.RequestAborted);
        FilterOfRequest.SetCaching(http);
        if (EntityTag.IsNotModified(http, question, reading) || (isPlain && await TryAnswerPlainAsync(http, caller, question, reading)))
            return;
        var (page, counts) = await ReadAsync(question.Filter, question.Parts, question.More, reading, caller, http.RequestAborted);
        using (page)
            await AnswerAsync(http, caller, question.More, page, counts);
    }

    /// <summary>Answers with a plain page, if the page and the counters that this node holds are of the same version; these tell where the page begins.</summary>
    private async Task<bool> TryAnswerPlainAsync(HttpContext http, Caller caller, Question<Paging> question, LiveReading? held)
    {
        if (held is null || await StartOfPlainAsync(question, held, http.RequestAborted) is not { } start)
            return false;
        var page = await plainPages.ReadAsync(question.Filter.Advertisers[0], start, question.More.PerPage, caller, http.RequestAborted);
        using var body = page.Body;
        // The first page begins where it did, whatever has changed.
        if (!page.IsOf(held) && question.More.Skip == 0)
            held = await counters.ReadAsync(question.Filter.Advertisers, http.RequestAborted);
        if (!page.IsOf(held))
            return false;
        // The counters may have gone on since.
        var counts = held.Count(question.Parts!.OnlyDays!);
        if (counts.Versions[0] != page.Version)
            return false;
        FilterOfRequest.SetCaching(http);
        if (!EntityTag.IsNotModified(http, question, held))
            await AnswerAsync(http, caller, question.More, body, counts.Counts);
        return true;
    }

    /// <summary>Null where the counters do not tell it, or know of no such page.</summary>
    private async ValueTask<ListStart?> StartOfPlainAsync(Question<Paging> question, LiveReading held, CancellationToken cancellation)
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

    private static Task AnswerAsync(HttpContext http, Caller caller, Paging paging, PageBody page, Counts counts)
    {
        http.Response.Headers.Link = paging.Links(http.Request, paging.TotalPages(counts.Events));
        return http.AnswerJson(StatusCodes.Status200OK, page.End(paging, counts.Events, caller.Profile == Profile.Full ? counts : null));
    }

    /// <summary>The page and the counts, of one and the same version.</summary>
    private async Task<(PageBody Page, Counts Counts)> ReadAsync(
        InteractionFilter filter, FilterParts? parts, Paging paging, LiveReading reading, Caller caller, CancellationToken cancellation)
    {
        await using var lent = await database.LendAsync(cancellation);
        var connection = lent.Connection;
        for (var attempt = 1; parts is not null && attempt <= CountInteractions.Tries; attempt++)
        {
            if (await TryReadAsync(connection, filter, paging, parts, reading, caller, cancellation) is { } answer)
                return answer;
            reading = await counters.ReadAsync(filter.Advertisers, cancellation);
        }

        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var counts = await CountInteractions.ScanAsync(connection, filter, cancellation);
        var page = paging.Skip < counts.Events ? (await ListAsync(connection, filter, paging, null, caller, cancellation)).Page : new PageBody(caller);
        await snapshot.CommitAsync(cancellation);
        return (page, counts);
    }

    /// <summary>Null when a change came between what was read for the counts, the page's place and the page.</summary>
    private async Task<(PageBody Page, Counts Counts)?> TryReadAsync(
        NpgsqlConnection connection, InteractionFilter filter, Paging paging, FilterParts parts, LiveReading reading, Caller caller, CancellationToken cancellation)
    {
        if (await CountInteractions.CountPartsAsync(connection, filter, parts, reading, cancellation) is not { } counts)
            return null;
        if (paging.Skip >= counts.All.Events)
            return (new PageBody(caller), counts.All);
        ListStart? start = null;
        if (DeepPage.IsDeep(paging) && (start = await DeepPage.FindAsync(connection, filter, paging, parts, counts, reading, anchors, cancellation)) is null)
            return null;
        var (page, versions) = await ListAsync(connection, filter, paging, start, caller, cancellation);
        if (versions is not null && counts.Days.Versions.SequenceEqual(versions))
            return (page, counts.All);
        page.Dispose();
        return null;
    }

    private static async Task<(PageBody Page, long[]? Versions)> ListAsync(
        NpgsqlConnection connection, InteractionFilter filter, Paging paging, ListStart? start, Caller caller, CancellationToken cancellation)
    {
        var page = new PageBody(caller);
        await using var command = ListSql.Command(filter, paging, start);
        command.Connection = connection;
        long[]? versions = null;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            versions ??= (long[])row[ListSql.VersionsColumn];
            page.Add(row);
        }

        return (page, versions);
    }
}

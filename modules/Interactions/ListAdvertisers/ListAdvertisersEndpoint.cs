using FastEndpoints;
using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Kernel;
using Lips.Kernel.Database;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Lips.Interactions.ListAdvertisers;

/// <summary>
/// <c>GET /advertisers</c>: those of the token's set that have interactions, with how many and how many unread (contract section 11).
/// </summary>
internal sealed class ListAdvertisersEndpoint(Connections database, LiveCounters counters) : Endpoint<AdvertisersRequest>
{
    public override void Configure()
    {
        Verbs(Http.GET, Http.HEAD);
        Routes("/advertisers");
        Policies(Allow.Read);
        RequestBinder(Definition.Query(AdvertisersRequest.Read));
        Definition.Describe(ListAdvertisersReference.Operation);
    }

    public override async Task HandleAsync(AdvertisersRequest request, CancellationToken cancellation)
    {
        var http = HttpContext;
        var found = await FindAsync(request, http.Caller(), cancellation);
        var hasMore = found.Count > request.Limit;
        GlobalId[] page = [.. found.Take(request.Limit)];
        var counts = await Task.WhenAll(page.Select(async a => (await counters.ReadAsync([a], new CellFilter(), cancellation)).Counts));
        FilterRequest.SetCaching(http);
        await http.AnswerJson(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("advertisers"u8);
            foreach (var (advertiser, own) in page.Zip(counts))
            {
                json.WriteStartObject();
                json.WriteString("global_master_advertiser_id"u8, advertiser.ToString());
                json.WriteNumber("events"u8, own.Events);
                json.WriteNumber("unread"u8, own.Unread.Events);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("next"u8, hasMore ? new AdvertiserCursor(page[^1]).ToString() : null);
            json.WriteBoolean("has_more"u8, hasMore);
            json.WriteEndObject();
        });
    }

    /// <summary>The advertisers of a page, and one more when there is one.</summary>
    private Task<List<GlobalId>> FindAsync(AdvertisersRequest request, Caller caller, CancellationToken cancellation) =>
        database.RunAsync(async connection =>
        {
            await using var command = new NpgsqlCommand(AdvertiserVersions.Written(caller.Advertisers is null ? null : "$3"), connection);
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = request.After?.Advertiser.Value ?? 0 });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = request.Limit + 1L });
            if (caller.Advertisers is not null)
                command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. caller.Advertisers.Select(a => a.Value)] });
            var found = new List<GlobalId>();
            await using var row = await command.ExecuteReaderAsync(cancellation);
            while (await row.ReadAsync(cancellation))
                found.Add(GlobalId.FromValue(row.GetInt64(0)));
            return found;
        }, cancellation);
}

/// <summary>Which advertisers are asked for.</summary>
/// <param name="Limit">How many at most.</param>
/// <param name="After">The one behind which they stand; null for the beginning.</param>
internal sealed record AdvertisersRequest(int Limit, AdvertiserCursor? After)
{
    private const int MaxLimit = 500;
    private const int DefaultLimit = 100;

    /// <summary>Reads it from a query string; what is wrong goes to the reader's errors.</summary>
    public static AdvertisersRequest Read(QueryReader query, Caller caller)
    {
        var limit = query.Integer("limit", 1, MaxLimit, "must be between 1 and 500") ?? DefaultLimit;
        var after = query.Single("after");
        var cursor = after is null ? null : AdvertiserCursor.Parse(after);
        if (after is not null && cursor is null)
            query.Errors.Add("after", "must be the next of an earlier answer");
        return new AdvertisersRequest(limit, cursor);
    }
}

/// <summary>A place among the advertisers. Opaque to clients.</summary>
/// <param name="Advertiser">The advertiser behind which it is.</param>
internal sealed record AdvertiserCursor(GlobalId Advertiser)
{
    // Cursors of other routes begin otherwise.
    private const string Route = "advertisers";

    /// <summary>Reads what <see cref="ToString"/> made; null for anything else.</summary>
    public static AdvertiserCursor? Parse(string text) =>
        CursorText.Read(text, Route, 100) is [var id] && GlobalId.TryParse(id, out var of) ? new AdvertiserCursor(of) : null;

    public override string ToString() => CursorText.Write(Route, Advertiser);
}

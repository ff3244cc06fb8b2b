using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Lips.Interactions.Totals;

/// <summary><c>GET /contact_interactions/totals</c>: what dashboards poll (contract section 6).</summary>
internal sealed class TotalsEndpoint(NpgsqlDataSource database, LiveCounters counters) : IEndpoint
{
    public static void Configure(EndpointDefinition endpoint) => endpoint.On("GET", "/contact_interactions/totals").Requires(Ability.Read);

    public async Task HandleAsync(HttpContext http)
    {
        if (await FilterOfRequest.ReadAsync(http, http.Caller()) is not { } request)
            return;
        var reading = await counters.ReadAsync(request.Filter.Advertisers, http.RequestAborted);
        FilterOfRequest.SetCaching(http);
        if (EntityTag.IsNotModified(http, EntityTag.Of(http, request.Filter, "totals", reading.Versions)))
            return;
        var counts = await TotalsOfFilter.CountAsync(database, request.Filter, reading, http.RequestAborted);
        await http.AnswerJson(StatusCodes.Status200OK, json => TotalsOfFilter.Write(json, counts));
    }
}

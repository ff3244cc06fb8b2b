using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Interactions.Totals;

/// <summary><c>GET /contact_interactions/totals</c>: what dashboards poll (contract section 6).</summary>
internal sealed class TotalsEndpoint(LiveCounters counters, CountInteractions count) : IEndpoint
{
    public static void Configure(EndpointDefinition endpoint) => endpoint.On("GET", "/contact_interactions/totals").Requires(Ability.Read);

    public async Task HandleAsync(HttpContext http)
    {
        if (await FilterOfRequest.ReadAsync(http, http.Caller()) is not { } question)
            return;
        var reading = await counters.ReadAsync(question.Filter.Advertisers, http.RequestAborted);
        FilterOfRequest.SetCaching(http);
        if (EntityTag.IsNotModified(http, EntityTag.Of(http, question.Tag, reading)))
            return;
        var counts = await count.CountAsync(question.Filter, reading, http.RequestAborted);
        await http.AnswerJson(StatusCodes.Status200OK, json => TotalsOfFilter.Write(json, counts));
    }
}

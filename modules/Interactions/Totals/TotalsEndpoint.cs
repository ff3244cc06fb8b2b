using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Interactions.Totals;

/// <summary><c>GET /contact_interactions/totals</c>: what dashboards poll (contract section 6).</summary>
internal sealed class TotalsEndpoint(LiveCounters counters, CountInteractions count) : IEndpoint
{
    public static void Configure(EndpointDefinition endpoint) => endpoint.On("GET", "/contact_interactions/totals").IsBoundedByItself().Requires(Ability.Read);

    public async Task HandleAsync(HttpContext http)
    {
        var caller = http.Caller();
        if (await FilterOfRequest.ReadAsync(http, caller) is not { } question)
            return;
        // Where the counters know all there is nothing to stop when the client goes, and a token that would tell costs more than the answer.
        var days = question.Parts?.OnlyDays;
        var cancellation = days is null ? http.RequestAborted : CancellationToken.None;
        var reading = await counters.ReadAsync(question.Filter.Advertisers, cancellation);
        FilterOfRequest.SetCaching(http);
        if (EntityTag.IsNotModified(http, question, reading))
            return;
        var counts = await count.CountAsync(question, reading, cancellation);
        await http.AnswerJson(StatusCodes.Status200OK, json => TotalsOfFilter.Write(json, counts));
    }
}

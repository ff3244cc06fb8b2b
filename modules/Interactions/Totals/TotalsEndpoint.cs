using FastEndpoints;
using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Interactions.Serving;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Interactions.Totals;

/// <summary><c>GET /contact_interactions/totals</c>: what dashboards poll (contract section 6).</summary>
internal sealed class TotalsEndpoint(LiveCounters counters, CountInteractions count) : Endpoint<FilterRequest>
{
    public override void Configure()
    {
        Verbs(Http.GET, Http.HEAD);
        Routes("/contact_interactions/totals");
        Policies(Allow.Read);
        RequestBinder(Definition.Query(FilterRequest.Read));
        Definition.Describe(TotalsReference.Operation);
    }

    public override async Task HandleAsync(FilterRequest request, CancellationToken cancellation)
    {
        var http = HttpContext;
        if (request.RefusalFor(http.Caller()) is { } reason)
        {
            await http.NotAuthorized(reason);
            return;
        }

        var reading = await counters.ReadAsync(request.Filter.Advertisers, request.Split?.Days, cancellation);
        FilterRequest.SetCaching(http);
        if (EntityTag.IsNotModified(http, request.Key, reading))
            return;
        var counts = await count.CountAsync(request, reading, cancellation);
        await http.AnswerJson(StatusCodes.Status200OK, counts, CountsJson.WriteObject);
    }
}

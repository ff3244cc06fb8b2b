using Lips.Interactions.Filter;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Interactions.Totals;

/// <summary><c>GET /contact_interactions/totals</c>: what dashboards poll (contract section 6).</summary>
internal sealed class TotalsEndpoint(CountInteractions counting) : IEndpoint
{
    public static void Configure(EndpointDefinition endpoint) => endpoint.On("GET", "/contact_interactions/totals").Requires(Ability.Read);

    public async Task HandleAsync(HttpContext http)
    {
        if (await FilterOfRequest.ReadAsync(http, http.Caller()) is not { } request)
            return;
        var counts = await counting.CountAsync(request.Filter, http.RequestAborted);
        FilterOfRequest.SetCaching(http);
        await http.AnswerJson(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            counts.WriteTo(json);
            json.WriteEndObject();
        });
    }
}

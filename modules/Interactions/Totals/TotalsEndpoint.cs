using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Kernel;
using Lips.Kernel.Repeats;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

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
        if (days is not null)
            http.OfferToRepeat(new Poll(counters, question, days, caller, http.Request.Headers.IfNoneMatch));
        if (EntityTag.IsNotModified(http, question, reading))
            return;
        var counts = await count.CountAsync(question, reading, cancellation);
        await http.AnswerJson(StatusCodes.Status200OK, json => TotalsOfFilter.Write(json, counts));
    }

    /// <summary>The same question of the same caller once more.</summary>
    private sealed class Poll(LiveCounters counters, Question<string> question, CellFilter days, Caller caller, StringValues ifNoneMatch) : IRepeatable
    {
        private readonly long[] advertisers = [.. question.Filter.Advertisers.Select(a => a.Value)];

        public void Answer(RepeatedAnswer answer) => counters.Read(new Reader(this, answer));

        private void Answer(RepeatedAnswer answer, LiveReading reading)
        {
            var tag = EntityTag.Of(question, caller, reading);
            if (EntityTag.IsAmong(ifNoneMatch, tag))
                answer.NotModified(tag);
            else
                answer.Json(tag, reading.Count(days).Counts, TotalsOfFilter.Write);
        }

        private sealed class Reader(Poll poll, RepeatedAnswer answer) : LiveReader(poll.advertisers)
        {
            protected override TimeSpan Patience => RepeatPatience.Time;

            protected override void OnReading(LiveReading reading) => poll.Answer(answer, reading);

            protected override void OnFailure(Exception failure) => answer.Leave();
        }
    }
}

using System.Buffers;
using FastEndpoints;
using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Interactions.Serving;
using Lips.Kernel;
using Lips.Kernel.Database;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;

namespace Lips.Interactions.StreamTotals;

/// <summary>
/// <c>GET /contact_interactions/totals/stream</c>: the totals at once and after every change, as server-sent events (contract section 10).
/// </summary>
internal sealed class StreamTotalsEndpoint(
    LiveCounters counters, CountInteractions count, IHostApplicationLifetime host, TimeProvider clock)
    : Endpoint<FilterRequest>
{
    private const string MediaType = "text/event-stream";

    private static readonly TimeSpan BetweenHeartbeats = TimeSpan.FromSeconds(15);

    // At most four events a second.
    private static readonly TimeSpan BetweenEvents = TimeSpan.FromMilliseconds(250);

    // How soon a client shall come back: not at once, since a node that stops lets all of its clients go at the same moment.
    private static ReadOnlySpan<byte> Retry => "retry: 2000\n"u8;

    private static readonly ReadOnlyMemory<byte> Heartbeat = ": still here\n\n"u8.ToArray();

    public override void Configure()
    {
        Get("/contact_interactions/totals/stream");
        Policies(Allow.Read);
        Metadata(new AnswerMediaType(MediaType));
        Definition.TakesLong();
        RequestBinder(Definition.Query(FilterRequest.Read));
        Definition.Describe(StreamTotalsReference.Operation);
    }

    public override async Task HandleAsync(FilterRequest question, CancellationToken cancellation)
    {
        var http = HttpContext;
        var caller = http.Caller();
        if (question.RefusalFor(caller) is { } reason)
        {
            await http.NotAuthorized(reason);
            return;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, caller.Ended, host.ApplicationStopping);
        // Before the first reading, so that no change falls between the two.
        using var watcher = counters.Watch(question.Filter.Advertisers);
        var reading = await counters.ReadAsync(question.Filter.Advertisers, question.Split?.Days, http.RequestAborted);
        var first = await EventAsync(question, reading, http.RequestAborted);
        Begin(http);
        try
        {
            await SendAsync(http, (byte[])[.. Retry, .. first.Span], ending.Token);
            await FollowAsync(http, question, watcher, reading, first, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The client went, the token ended or the node stops: so does the stream.
        }
    }

    private async Task FollowAsync(HttpContext http, FilterRequest question, LiveWatcher watcher, LiveReading first,
        ReadOnlyMemory<byte> sent, CancellationToken ending)
    {
        var sentAt = clock.GetTimestamp();
        var heartbeat = Task.Delay(BetweenHeartbeats, ending);
        var changed = watcher.ChangedAsync(first);
        while (true)
        {
            // Whatever changes while the client has not taken the last event yet is told by the next one.
            await Task.WhenAny(changed, heartbeat);
            ending.ThrowIfCancellationRequested();
            if (heartbeat.IsCompleted)
            {
                http.Caller().IsConfirmed();
                await SendAsync(http, Heartbeat, ending);
                heartbeat = Task.Delay(BetweenHeartbeats, ending);
            }

            if (!changed.IsCompleted)
                continue;
            if (BetweenEvents - clock.GetElapsedTime(sentAt) is var early && early > TimeSpan.Zero)
                await Task.Delay(early, ending);
            var (reading, body) = await ReadAsync(question, ending);
            // Not yet known whether the token is still good, after the database was away: as if it still were.
            if (!http.Caller().IsConfirmed())
                reading = null;
            if (reading is not null && !body.Span.SequenceEqual(sent.Span))
            {
                sentAt = clock.GetTimestamp();
                await SendAsync(http, sent = body, ending);
            }

            changed = watcher.ChangedAsync(reading);
        }
    }

    /// <summary>
    /// The present totals; no reading while the database is away, and then nothing is said rather than what was true before.
    /// </summary>
    private async Task<(LiveReading? Reading, ReadOnlyMemory<byte> Event)> ReadAsync(FilterRequest question, CancellationToken cancellation)
    {
        try
        {
            var reading = await counters.ReadAsync(question.Filter.Advertisers, question.Split?.Days, cancellation);
            return (reading, await EventAsync(question, reading, cancellation));
        }
        catch (Exception e) when (LipsDatabase.IsAway(e))
        {
            return (null, default);
        }
    }

    private async Task<ReadOnlyMemory<byte>> EventAsync(FilterRequest question, LiveReading reading, CancellationToken cancellation)
    {
        var counts = await count.CountAsync(question, reading, cancellation);
        var body = new ArrayBufferWriter<byte>(512);
        body.Write("event: totals\ndata: "u8);
        JsonAnswer.WriteTo(body, json => CountsJson.WriteObject(json, counts));
        body.Write("\n\n"u8);
        return body.WrittenMemory;
    }

    private static void Begin(HttpContext http)
    {
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        http.Response.ContentType = MediaType;
        http.Response.Headers.CacheControl = "no-store";
        // nginx passes on what has this header as it comes, whatever its settings.
        http.Response.Headers["X-Accel-Buffering"] = "no";
    }

    // Ends when the server has room for more, so a client that does not read holds back its own stream and nothing else.
    private static async Task SendAsync(HttpContext http, ReadOnlyMemory<byte> bytes, CancellationToken cancellation) =>
        await http.Response.BodyWriter.WriteAsync(bytes, cancellation);
}

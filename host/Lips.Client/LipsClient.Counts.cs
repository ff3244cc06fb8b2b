using System.Runtime.CompilerServices;
using System.Text.Json;
using Lips.Client.Sending;

namespace Lips.Client;

// Counts, the stream of them, advertisers, series.
public sealed partial class LipsClient
{
    private static readonly TimeSpan LongestReconnect = TimeSpan.FromSeconds(30);

    /// <summary>How many interactions there are, by type and channel, and how many of them are unread.</summary>
    public Task<Totals> GetTotalsAsync(InteractionFilter filter, CancellationToken cancellation = default) =>
        GetAsync(filter.AddTo(new Query(List + "/totals")), LipsJson.Default.Totals, cancellation);

    /// <summary>
    /// The totals at once and after every change, until it is cancelled or refused. A stream that breaks off or falls silent is opened
    /// again, with growing pauses; the totals that come then are those of that moment.
    /// </summary>
    /// <param name="filter">What is counted.</param>
    /// <param name="interrupted">Told each time that the service is away, before the next attempt.</param>
    /// <param name="cancellation">Cancels.</param>
    public async IAsyncEnumerable<Totals> WatchTotalsAsync(
        InteractionFilter filter, Action<LipsException>? interrupted = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var target = filter.AddTo(new Query(List + "/totals/stream"));
        for (var pause = options.FirstPause; ; pause = pause * 2 < LongestReconnect ? pause * 2 : LongestReconnect)
        {
            await using var events = EventsAsync(target, cancellation).GetAsyncEnumerator(cancellation);
            var wait = pause;
            while (true)
            {
                try
                {
                    if (!await events.MoveNextAsync())
                        break;
                }
                catch (LipsException e) when (e.IsAway)
                {
                    interrupted?.Invoke(e);
                    wait = e.RetryAfter is { } asked && asked > wait ? asked : wait;
                    break;
                }

                (pause, wait) = (options.FirstPause, options.FirstPause);
                yield return events.Current;
            }

            await Task.Delay(wait, cancellation);
        }
    }

    /// <summary>Counts by time. The sums are those of the totals.</summary>
    /// <param name="filter">What is counted; its dates are required.</param>
    /// <param name="interval"><c>hour</c>, <c>day</c>, <c>week</c> or <c>month</c>.</param>
    /// <param name="by"><c>none</c>, <c>event_type</c> or <c>channel</c>.</param>
    /// <param name="cancellation">Cancels.</param>
    public Task<Series> GetSeriesAsync(
        InteractionFilter filter, string interval = "day", string by = "none", CancellationToken cancellation = default) =>
        GetAsync(
            filter.AddTo(new Query(List + "/series")).Add("interval", interval).Add("by", by), LipsJson.Default.Series, cancellation);

    /// <summary>The advertisers of the token that have interactions.</summary>
    public IAsyncEnumerable<AdvertiserCounts> ListAdvertisersAsync(CancellationToken cancellation = default) => AllAsync(
        (after, token) => GetAsync(new Query("advertisers").Add("limit", 500).Add("after", after), LipsJson.Default.AdvertiserPage, token),
        page => (page.Advertisers, page.HasMore ? page.Next : null),
        cancellation);

    /// <summary>The events of one connection.</summary>
    private async IAsyncEnumerable<Totals> EventsAsync(Query target, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var request = Request(HttpMethod.Get, target).IsSafe(false);
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var answer = await SendAsync(request, cancellation);
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellation));
        while (true)
        {
            string? line;
            try
            {
                silence.CancelAfter(options.Silence);
                line = await lines.ReadLineAsync(silence.Token);
            }
            catch (Exception e) when (IsLost(e, cancellation))
            {
                throw Lost(e);
            }

            if (line is null)
                yield break;
            // There is one kind of event, and its data is one line.
            if (line.StartsWith("data:", StringComparison.Ordinal))
                yield return Parse(line.AsSpan(5), answer);
        }
    }

    private static Totals Parse(ReadOnlySpan<char> data, HttpResponseMessage answer)
    {
        try
        {
            return JsonSerializer.Deserialize(data, LipsJson.Default.Totals) ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw new LipsException("The service streams events that this client does not know.", e) { Status = answer.StatusCode };
        }
    }
}

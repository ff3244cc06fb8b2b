using System.Runtime.CompilerServices;
using Lips.Client.Sending;

namespace Lips.Client;

// The change feed, and the export.
public sealed partial class LipsClient
{
    /// <summary>A cursor at the end of the feed: what changes from now on.</summary>
    public const string Now = "now";

    /// <summary>Some of the change feed of an advertiser.</summary>
    /// <param name="advertiser">Exactly one, such as <c>USA_123</c>.</param>
    /// <param name="since">The <c>Next</c> of the part before, <see cref="Now"/>, or null for the beginning.</param>
    /// <param name="limit">1 to 500.</param>
    /// <param name="cancellation">Cancels.</param>
    public Task<ChangePage> GetChangesAsync(
        string advertiser, string? since = null, int limit = 500, CancellationToken cancellation = default) =>
        GetAsync(
            new Query(List + "/changes").Add("global_master_advertiser_id", advertiser).Add("since", since).Add("limit", limit),
            LipsJson.Default.ChangePage, cancellation);

    /// <summary>
    /// The change feed of an advertiser, part by part. Keep the <c>Next</c> of a part once its interactions are dealt with: since that
    /// cursor it goes on after any stop, and nothing is missed.
    /// </summary>
    /// <param name="advertiser">Exactly one.</param>
    /// <param name="since">Where to go on; null for the beginning.</param>
    /// <param name="pollEvery">How long to wait at the end of the feed before it is read again; null for ending there.</param>
    /// <param name="cancellation">Cancels.</param>
    public async IAsyncEnumerable<ChangePage> ReadChangesAsync(
        string advertiser, string? since = null, TimeSpan? pollEvery = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (true)
        {
            var page = await GetChangesAsync(advertiser, since, cancellation: cancellation);
            // An empty part has a cursor all the same: "now" becomes one.
            yield return page;
            since = page.Next;
            if (page.HasMore)
                continue;
            if (pollEvery is not { } pause)
                yield break;
            await Task.Delay(pause, cancellation);
        }
    }

    /// <summary>Writes all interactions of a filter to a stream, as CSV in UTF-8.</summary>
    /// <param name="filter">Which interactions; times are in its time zone.</param>
    /// <param name="destination">Where to. After an exception it has a part of them.</param>
    /// <param name="order">In which order; a summary there is none.</param>
    /// <param name="bom">Whether it begins with a byte order mark, which some spreadsheets need.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task ExportCsvAsync(
        InteractionFilter filter, Stream destination, ListOptions? order = null, bool bom = false, CancellationToken cancellation = default)
    {
        var target = filter.AddTo(new Query(List + ".csv")).Add("sort_by", order?.SortBy).Add("sort_dir", order?.SortDir)
            .Add("bom", bom ? true : null);
        using var request = Request(HttpMethod.Get, target);
        using var answer = await SendAsync(request, cancellation);
        await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[64 << 10];
        while (true)
        {
            int read;
            try
            {
                read = await body.ReadAsync(buffer, cancellation);
            }
            catch (Exception e) when (IsLost(e, cancellation))
            {
                throw Lost(e);
            }

            if (read == 0)
                return;
            // What goes wrong here is the caller's.
            await destination.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }
    }
}

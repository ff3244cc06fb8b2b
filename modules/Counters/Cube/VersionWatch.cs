using Lips.Counters.Contracts;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lips.Counters.Cube;

/// <summary>
/// Looks for news of the watched advertisers: one query a quarter second for all watchers of the node, and none while there are none. It
/// only says who shall read; what is read comes from <see cref="Validator"/>.
/// </summary>
internal sealed partial class VersionWatch(NpgsqlDataSource database, ILogger<VersionWatch> log) : IDisposable
{
    // A stream gets at most four events a second (contract section 10), so to look more often would be of no use.
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    // A look that hangs would keep the news of all back; the next one may have a better connection.
    private const int PatienceInSeconds = 5;

    // No advertiser has this version, so the next look tells the real one.
    private const long Unknown = -1;

    // One row with the epoch when nothing has changed. Index: advertisers_pkey.
    private const string Query =
        $"""
        SELECT e.epoch, n.advertiser, n.version
        FROM (SELECT {AdvertiserVersions.RunText} AS epoch) e
        LEFT JOIN (
            SELECT h.advertiser, coalesce(a.version, 0) AS version
            FROM unnest($1, $2) AS h(advertiser, version) LEFT JOIN counters.advertisers a ON a.advertiser = h.advertiser
            WHERE coalesce(a.version, 0) <> h.version
        ) n ON true
        """;

    private readonly Lock guard = new();
    private readonly Dictionary<long, Watched> watched = [];
    private readonly HashSet<LiveWatcher> waitingForTheDatabase = [];
    private readonly CancellationTokenSource stopped = new();
    private bool isRunning;
    private bool isAway;
    private string? epoch;
    private long looks;

    public LiveWatcher Add(long[] advertisers)
    {
        var watcher = new LiveWatcher(this, advertisers);
        lock (guard)
        {
            foreach (var advertiser in advertisers)
            {
                if (!watched.TryGetValue(advertiser, out var entry))
                    watched.Add(advertiser, entry = new Watched());
                entry.Watchers.Add(watcher);
            }

            if (!isRunning)
            {
                isRunning = true;
                // It outlives the request that happens to be the first, and takes nothing of its context along.
                using (ExecutionContext.SuppressFlow())
                    _ = Task.Run(RunAsync, stopped.Token);
            }
        }

        return watcher;
    }

    public void Remove(LiveWatcher watcher)
    {
        lock (guard)
        {
            waitingForTheDatabase.Remove(watcher);
            foreach (var advertiser in watcher.Advertisers)
            {
                if (watched.TryGetValue(advertiser, out var entry) && entry.Watchers.Remove(watcher) && entry.Watchers.Count == 0)
                    watched.Remove(advertiser);
            }
        }
    }

    public Task ChangedAsync(LiveWatcher watcher, IReadOnlyList<long>? held)
    {
        lock (guard)
        {
            // What a look found while the watcher was reading: the reading may have been before it.
            var mustRead = watcher.MustRead || (watcher.SawVersions && held is not null && SawOther(watcher, held));
            (watcher.MustRead, watcher.SawVersions) = (false, false);
            if (mustRead && held is not null)
                return Task.CompletedTask;
            (watcher.Held, watcher.LooksBefore) = (held, looks);
            watcher.Waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (held is null)
                waitingForTheDatabase.Add(watcher);
            return watcher.Waiting.Task;
        }
    }

    public void Dispose()
    {
        stopped.Cancel();
        stopped.Dispose();
    }

    private bool SawOther(LiveWatcher watcher, IReadOnlyList<long> held)
    {
        var isNewer = false;
        for (var i = 0; i < held.Count; i++)
        {
            if (!watched.TryGetValue(watcher.Advertisers[i], out var entry))
                continue;
            isNewer |= entry.Seen > held[i];
            if (entry.Seen < held[i])
                entry.Seen = Unknown;
        }

        return isNewer;
    }

    private async Task RunAsync()
    {
        var stop = stopped.Token;
        using var timer = new PeriodicTimer(Period);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                if (Take() is not var (advertisers, seen))
                    return;
                await LookAsync(advertisers, seen, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    /// <summary>The advertisers to look at and the versions last seen; null, and the end of the looking, when nobody watches.</summary>
    private (long[] Advertisers, long[] Seen)? Take()
    {
        lock (guard)
        {
            isRunning = watched.Count > 0;
            looks++;
            return isRunning ? ([.. watched.Keys], [.. watched.Values.Select(w => w.Seen)]) : null;
        }
    }

    private async Task LookAsync(long[] advertisers, long[] seen, CancellationToken cancellation)
    {
        try
        {
            var (readEpoch, news) = await ReadAsync(advertisers, seen, cancellation);
            Tell(readEpoch, news);
            if (isAway)
                Back();
            isAway = false;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            // Said once, not four times a second; whoever watches waits on.
            if (!isAway)
                Away(e.Message);
            isAway = true;
        }
    }

    private async Task<(string Epoch, List<(long Advertiser, long Version)> News)> ReadAsync(
        long[] advertisers, long[] seen, CancellationToken cancellation)
    {
        var news = new List<(long, long)>();
        var readEpoch = "";
        await using var command = database.CreateCommand(Query);
        command.CommandTimeout = PatienceInSeconds;
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = advertisers });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = seen });
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            readEpoch = row.GetString(0);
            AddNews(news, row);
        }

        return (readEpoch, news);
    }

    private static void AddNews(List<(long, long)> news, NpgsqlDataReader row)
    {
        if (!row.IsDBNull(1))
            news.Add((row.GetInt64(1), row.GetInt64(2)));
    }

    private void Tell(string readEpoch, List<(long Advertiser, long Version)> news)
    {
        lock (guard)
        {
            var isAnother = epoch is not null && epoch != readEpoch;
            epoch = readEpoch;
            foreach (var (advertiser, version) in news)
            {
                if (!watched.TryGetValue(advertiser, out var entry))
                    continue;
                entry.Seen = version;
                foreach (var watcher in entry.Watchers)
                    Tell(entry, watcher, advertiser, version);
            }

            // The same version may be of other numbers in another history of the database.
            if (isAnother)
            {
                foreach (var watcher in watched.Values.SelectMany(w => w.Watchers))
                {
                    watcher.MustRead = watcher.Waiting is null;
                    Wake(watcher);
                }
            }

            foreach (var watcher in waitingForTheDatabase)
                Wake(watcher);
            waitingForTheDatabase.Clear();
        }
    }

    /// <summary>
    /// A version below the one that a watcher read is old news if the look began before the watcher waited, and another history if it began
    /// later. In doubt the next look tells it again.
    /// </summary>
    private void Tell(Watched entry, LiveWatcher watcher, long advertiser, long version)
    {
        if (watcher.Waiting is null)
            watcher.SawVersions = true;
        else if (watcher.Held is { } held && held[Array.IndexOf(watcher.Advertisers, advertiser)] is var read && read != version)
        {
            if (version < read && watcher.LooksBefore == looks)
                entry.Seen = Unknown;
            else
                Wake(watcher);
        }
    }

    private static void Wake(LiveWatcher watcher)
    {
        watcher.Waiting?.TrySetResult();
        watcher.Waiting = null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The counters' versions cannot be read ({Reason}); open streams wait.")]
    private partial void Away(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The counters' versions can be read again.")]
    private partial void Back();

    private sealed class Watched
    {
        public long Seen { get; set; } = Unknown;

        public HashSet<LiveWatcher> Watchers { get; } = [];
    }
}

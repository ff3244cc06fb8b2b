using Lips.Counters.Contracts;

namespace Lips.Counters.Grains;

/// <summary>
/// Wakes the readers of this node's streams when the counters of their advertisers have another version. Holds of this silo are looked at
/// in memory, four times a second; grains elsewhere tell this node, and are asked to each second, so that one that moved is found again.
/// </summary>
/// <param name="holds">The holds of this silo.</param>
/// <param name="silo">The way to grains elsewhere.</param>
internal sealed class TotalsWatch(SiloHolds holds, CountersSilo silo) : ICountersObserver, IDisposable
{
    /// <summary>How often grains elsewhere are asked to tell.</summary>
    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(1);

    // A stream gets at most four events a second (contract section 10), so to look more often would be of no use.
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    private readonly Lock guard = new();
    private readonly Dictionary<long, Watched> watched = [];
    private readonly Dictionary<LiveWatcher, Waiting> waiting = [];
    private readonly CancellationTokenSource stopped = new();
    private bool isRunning;
    private ICountersObserver? self;

    /// <summary>How many advertisers are watched.</summary>
    public int Count
    {
        get
        {
            lock (guard)
                return watched.Count;
        }
    }

    /// <summary>Begins to watch.</summary>
    public LiveWatcher Add(long[] advertisers)
    {
        var watcher = new LiveWatcher(this, advertisers);
        lock (guard)
        {
            foreach (var advertiser in advertisers)
            {
                if (!watched.TryGetValue(advertiser, out var entry))
                    watched.Add(advertiser, entry = new Watched());
                entry.Watchers++;
            }

            if (!isRunning)
            {
                isRunning = true;
                // It outlives the request that happens to be the first, and takes nothing of its context along.
                using (ExecutionContext.SuppressFlow())
                    _ = Task.Run(RunAsync, CancellationToken.None);
            }
        }

        return watcher;
    }

    /// <summary>Ends the watching.</summary>
    public void Remove(LiveWatcher watcher)
    {
        lock (guard)
        {
            waiting.Remove(watcher);
            foreach (var advertiser in watcher.Advertisers)
            {
                if (--watched[advertiser].Watchers == 0)
                    watched.Remove(advertiser);
            }
        }
    }

    /// <inheritdoc cref="LiveWatcher.ChangedAsync"/>
    public Task ChangedAsync(LiveWatcher watcher, LiveReading? last)
    {
        var wait = new Waiting(last, Environment.TickCount64);
        lock (guard)
            waiting[watcher] = wait;
        return wait.Woken.Task;
    }

    /// <summary>A grain elsewhere tells.</summary>
    public Task Changed(long advertiser, string epoch, long version)
    {
        lock (guard)
        {
            if (watched.TryGetValue(advertiser, out var entry))
                (entry.Epoch, entry.Version) = (epoch, version);
        }

        return Task.CompletedTask;
    }

    public void Dispose()
    {
        stopped.Cancel();
        stopped.Dispose();
    }

    private async Task RunAsync()
    {
        var stop = stopped.Token;
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(Period, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (guard)
            {
                isRunning = watched.Count > 0;
                if (!isRunning)
                    return;
                foreach (var (advertiser, entry) in watched)
                    Look(advertiser, entry);
                foreach (var (watcher, wait) in waiting.Where(w => IsOver(w.Key, w.Value)).ToList())
                {
                    waiting.Remove(watcher);
                    wait.Woken.TrySetResult();
                }
            }
        }
    }

    private void Look(long advertiser, Watched entry)
    {
        if (holds.Find(advertiser) is { Epoch: { } epoch, IsGone: false } hold)
        {
            hold.AskedAt = Environment.TickCount64;
            (entry.Epoch, entry.Version) = (epoch, hold.NewestVersion);
            return;
        }

        if (Environment.TickCount64 - entry.AskedAt < Renewal.TotalMilliseconds || silo.Grains is not { } grains)
            return;
        entry.AskedAt = Environment.TickCount64;
        self ??= grains.CreateObjectReference<ICountersObserver>(this);
        _ = ObserveAsync(grains.GetGrain<IAdvertiserCountersGrain>(advertiser), advertiser, self);
    }

    private async Task ObserveAsync(IAdvertiserCountersGrain grain, long advertiser, ICountersObserver observer)
    {
        try
        {
            var answer = await grain.Observe(observer);
            if (answer.Result == CountsResult.Counted)
                await Changed(advertiser, answer.Epoch, answer.Version);
        }
        catch (Exception)
        {
            // Dead, cut off, or the database is away: asked again in a second.
        }
    }

    private bool IsOver(LiveWatcher watcher, Waiting wait)
    {
        if (wait.Last is not { } last)
            return Environment.TickCount64 - wait.Since >= Renewal.TotalMilliseconds;
        for (var i = 0; i < watcher.Advertisers.Length; i++)
        {
            var seen = watched[watcher.Advertisers[i]];
            if (seen.Epoch is not null && (seen.Epoch != last.Epoch || seen.Version > last.Versions[i]))
                return true;
        }

        return false;
    }

    private sealed class Watched
    {
        public int Watchers { get; set; }

        public string? Epoch { get; set; }

        public long Version { get; set; }

        public long AskedAt { get; set; }
    }

    private sealed record Waiting(LiveReading? Last, long Since)
    {
        // Readers go on elsewhere: the lock is held where they are woken.
        public TaskCompletionSource Woken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

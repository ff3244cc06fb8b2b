using Lips.Counters.Grains;

namespace Lips.Counters.Contracts;

/// <summary>
/// Tells when the counters of some advertisers have changed; made by <see cref="LiveCounters.Watch"/>. For one reader, who waits, reads,
/// and waits again. A reader who began to watch before the first reading misses nothing.
/// </summary>
public sealed class LiveWatcher : IDisposable
{
    private readonly TotalsWatch watch;

    internal LiveWatcher(TotalsWatch watch, long[] advertisers) => (this.watch, Advertisers) = (watch, advertisers);

    internal long[] Advertisers { get; }

    /// <summary>Waits until there is something newer than a reading. It may also end without: whoever waits reads, and compares.</summary>
    /// <param name="last">The last reading; null when it failed, and then this ends a second later.</param>
    /// <returns>A task that never fails and that nobody needs to cancel.</returns>
    public Task ChangedAsync(LiveReading? last) => watch.ChangedAsync(this, last);

    /// <summary>Ends the watching.</summary>
    public void Dispose() => watch.Remove(this);
}

using Lips.Counters.Cube;

namespace Lips.Counters.Contracts;

/// <summary>
/// Tells when the counters of some advertisers have changed; made by <see cref="LiveCounters.Watch"/>. For one reader, who waits, reads,
/// and waits again. A reader who began to watch before the first reading misses nothing.
/// </summary>
public sealed class LiveWatcher : IDisposable
{
    private readonly VersionWatch watch;

    internal LiveWatcher(VersionWatch watch, long[] advertisers)
    {
        this.watch = watch;
        Advertisers = advertisers;
    }

    internal long[] Advertisers { get; }

    // What follows is VersionWatch's to read and write, under its lock.
    internal TaskCompletionSource? Waiting { get; set; }

    internal IReadOnlyList<long>? Held { get; set; }

    // How many looks had begun when the waiting did.
    internal long LooksBefore { get; set; }

    internal bool SawVersions { get; set; }

    internal bool MustRead { get; set; }

    /// <summary>Waits until there is something newer than a reading. It may also end without: whoever waits reads, and compares.</summary>
    /// <param name="last">The last reading; null when it failed, and then this ends as soon as the database answers again.</param>
    /// <returns>A task that never fails and that nobody needs to cancel.</returns>
    public Task ChangedAsync(LiveReading? last) => watch.ChangedAsync(this, last?.Versions);

    /// <summary>Ends the watching.</summary>
    public void Dispose() => watch.Remove(this);
}

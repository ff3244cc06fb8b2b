using System.Collections.Concurrent;

namespace Lips.Host.Telemetry;

/// <summary>
/// Says a thing once, and after a while how often it happened since: a database that is away would fill the log with a line a request.
/// </summary>
/// <param name="clock">The clock.</param>
internal sealed class Bursts(TimeProvider clock)
{
    /// <summary>For how long after the first what is equal is counted.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Burst> bursts = new(StringComparer.Ordinal);

    /// <summary>Something happened.</summary>
    /// <param name="what">Equal for what is equal.</param>
    /// <param name="sayMore">Says how often it happened since, at the end.</param>
    /// <returns>Whether it is the first, and to be said at once.</returns>
    public bool Begins(string what, Action<int> sayMore)
    {
        var own = new Burst();
        var found = bursts.GetOrAdd(what, own);
        Interlocked.Increment(ref found.Count);
        if (found != own)
            return false;
        _ = EndAsync(what, own, sayMore);
        return true;
    }

    private async Task EndAsync(string what, Burst burst, Action<int> sayMore)
    {
        await Task.Delay(Span, clock);
        bursts.TryRemove(KeyValuePair.Create(what, burst));
        if (burst.Count - 1 is var more and > 0)
            sayMore(more);
    }

    private sealed class Burst
    {
        public int Count;
    }
}

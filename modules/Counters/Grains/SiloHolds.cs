using System.Collections.Concurrent;
using Lips.Kernel;
using Microsoft.Extensions.Logging;

namespace Lips.Counters.Grains;

/// <summary>
/// All holds of this silo, and the lease under which they serve from memory. While there are any, one query each half second looks for
/// those that were revoked (build/decisions/0018-lease.md).
/// </summary>
/// <param name="tables">The database.</param>
/// <param name="silo">The other silos, once this one has joined them.</param>
/// <param name="clock">The machine's clocks.</param>
/// <param name="budget">How much memory the cells may take, in bytes; the hold that was asked for the longest ago leaves first.</param>
/// <param name="log">Where it is said that the database is away.</param>
/// <param name="rules">The rules that are kept: all, but in tests.</param>
internal sealed partial class SiloHolds(
    HolderTables tables, CountersSilo silo, TimeProvider clock, long budget, ILogger<SiloHolds> log, LeaseRules rules) : IAsyncDisposable
{
    // Changes that no hold was told of (made by hand, or by a writer that died after its commit) are found within this time.
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<long, AdvertiserHold> holds = [];
    private readonly CancellationTokenSource stopped = new();
    private readonly Lock guard = new();
    private volatile Lease? lease;
    private Task looking = Task.CompletedTask;
    private long bytes;
    private bool isAway;
    private SiloTime lastRound;
    private Task round = Task.CompletedTask;
    private IDisposable? observed;

    /// <summary>The statements.</summary>
    public HolderTables Tables => tables;

    /// <summary>The rules that are kept.</summary>
    public LeaseRules Rules => rules;

    /// <summary>The present moment.</summary>
    public SiloTime Now => new(clock.GetTimestamp(), clock.GetUtcNow());

    /// <summary>The memory that the holds take, about.</summary>
    public long Bytes => Volatile.Read(ref bytes);

    /// <summary>Has telemetry see what is held, until this is disposed of.</summary>
    public void Observe() => observed = LipsMeter.ObserveCounters(
        () => holds.Count, () => holds.Values.Sum(h => (long)h.Cells), () => Bytes, budget,
        () => lease is { } last && !holds.IsEmpty ? clock.GetElapsedTime(last.Start.Monotonic).TotalSeconds : null);

    /// <summary>The hold of an advertiser; null when there is none here.</summary>
    public AdvertiserHold? Find(long advertiser) => holds.GetValueOrDefault(advertiser);

    /// <summary>Begins another hold of an advertiser.</summary>
    public AdvertiserHold Begin(long advertiser, AdvertiserCheckpoint? checkpoint = null)
    {
        var hold = new AdvertiserHold(advertiser, this, checkpoint);
        // Of two that begin at the same time one ends the other: none is left that nobody would end.
        while (!holds.TryAdd(advertiser, hold))
        {
            if (holds.TryRemove(advertiser, out var last))
                End(last);
        }

        lock (guard)
        {
            if (looking.IsCompleted && !stopped.IsCancellationRequested)
            {
                // It outlives the request that happens to be the first, and takes nothing of its context along.
                using (ExecutionContext.SuppressFlow())
                    looking = Task.Run(LooksAsync, CancellationToken.None);
            }
        }

        return hold;
    }

    /// <summary>Whether memory of a history serves: rules `lease-start`, `wall`, `epoch`.</summary>
    public bool MayServe(string epoch) =>
        lease is { } now && now.Epoch == epoch && clock.GetElapsedTime(now.Start.Monotonic) < LeaseTimes.Lease
            && (!rules.Wall || clock.GetUtcNow() - now.Start.Wall < LeaseTimes.Lease);

    /// <summary>The same text, as one object where it is that of the lease: most comparisons are of one and the same then.</summary>
    public string Intern(string epoch) => lease is { } now && now.Epoch == epoch ? now.Epoch : epoch;

    /// <summary>The timestamp of a moment to come.</summary>
    public long After(TimeSpan time) => clock.GetTimestamp() + (long)(time.TotalSeconds * clock.TimestampFrequency);

    /// <summary>How long it is to the moment of a timestamp; nothing when that is over.</summary>
    public TimeSpan Until(long timestamp) =>
        timestamp == 0 || clock.GetElapsedTime(clock.GetTimestamp(), timestamp) is var rest && rest < TimeSpan.Zero ? TimeSpan.Zero : rest;

    /// <summary>Takes note of a hold's size after it changed, and makes room.</summary>
    public void Resized(AdvertiserHold hold)
    {
        var all = Interlocked.Add(ref bytes, hold.Recount(hold.Bytes));
        // One that has gone meanwhile takes nothing.
        if (hold.IsGone)
            Interlocked.Add(ref bytes, hold.Recount(0));
        if (all <= budget)
            return;
        // Down to nine tenths, so that the next one does not have to look again.
        var (leaving, rest) = (new List<AdvertiserHold>(), Bytes);
        foreach (var other in holds.Values.Where(h => h != hold).OrderBy(h => h.AskedAt))
        {
            if (rest <= budget * 9 / 10)
                break;
            rest -= other.Bytes;
            leaving.Add(other);
        }

        _ = LeaveAsync(leaving);
        leaving.ForEach(h => silo.Leave(h.Advertiser));
    }

    /// <summary>Ends a hold: it does not serve any more.</summary>
    /// <returns>Whether it was one of the silo's until then.</returns>
    public bool End(AdvertiserHold hold)
    {
        hold.End();
        Interlocked.Add(ref bytes, hold.Recount(0));
        return holds.TryRemove(KeyValuePair.Create(hold.Advertiser, hold));
    }

    /// <summary>
    /// Gives holds back in order: rules `stop-first`, `settled`, `release-id`. Does not fail: rows that stay name nobody.
    /// </summary>
    /// <returns>Whether all are given back.</returns>
    public async Task<bool> LeaveAsync(IReadOnlyCollection<AdvertiserHold> leaving)
    {
        try
        {
            if (!rules.StopFirst)
                await tables.GiveBackAsync(leaving);
            else
                EndAll(leaving);
            // One that has just taken over holds up no other.
            foreach (var some in leaving.GroupBy(hold => hold.IsSettled).OrderByDescending(group => group.Key))
            {
                await Task.WhenAll(some.Select(hold => hold.SettledAsync()));
                await tables.GiveBackAsync([.. some]);
            }

            EndAll(leaving);
            return true;
        }
        catch (Exception e)
        {
            NotGivenBack(leaving.Count, e.Message);
            return false;
        }
    }

    /// <summary>Gives all holds back, so that no writer waits for this silo once it is gone.</summary>
    /// <returns>Whether all are given back.</returns>
    public Task<bool> LeaveAllAsync() => LeaveAsync([.. holds.Values]);

    public async ValueTask DisposeAsync()
    {
        observed?.Dispose();
        await stopped.CancelAsync();
        await looking;
        await round;
        await tables.CloseLooksAsync();
        stopped.Dispose();
    }

    private void EndAll(IEnumerable<AdvertiserHold> ending)
    {
        foreach (var hold in ending)
            End(hold);
    }

    private async Task LooksAsync()
    {
        while (!stopped.IsCancellationRequested)
        {
            var began = Now;
            try
            {
                if (Apply(await tables.LookAsync(), began) is { Count: > 0 } over)
                {
                    var settled = over.ToLookup(hold => hold.IsSettled);
                    _ = LeaveAsync([.. settled[false]]);
                    await tables.GiveBackAtLookAsync([.. settled[true]]);
                }

                if (round.IsCompleted)
                    round = RoundAsync();
                if (isAway)
                    Back();
                isAway = false;
            }
            catch (Exception e)
            {
                // Said once, not twice a second.
                if (!isAway)
                    Away(e.Message);
                isAway = true;
            }

            if (LeaseTimes.Look - clock.GetElapsedTime(began.Monotonic) is var rest && rest > TimeSpan.Zero)
                await Task.Delay(rest, stopped.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (guard)
            {
                if (holds.IsEmpty)
                {
                    looking = Task.CompletedTask;
                    return;
                }
            }
        }
    }

    /// <returns>Holds that are over and whose rows may still name them.</returns>
    private List<AdvertiserHold> Apply(LookReading look, SiloTime began)
    {
        var revoked = look.Revoked.ToHashSet();
        // Also those that load: rule `pending`.
        List<AdvertiserHold> over =
        [
            .. holds.Values.Where(hold =>
                (hold.Epoch is { } epoch && epoch != look.Epoch) || revoked.Contains(hold.Id) || IsBeyondTheWindow(hold)),
        ];
        EndAll(over);
        over.ForEach(hold => silo.Leave(hold.Advertiser));
        // The rows of those that nobody revoked would have each writer ask in vain, revoke, and wait for a lease.
        over.RemoveAll(hold => revoked.Contains(hold.Id));
        lease = new Lease(rules.LeaseStart ? began : Now, lease is { } last && last.Epoch == look.Epoch ? last.Epoch : look.Epoch);
        return over;
    }

    /// <summary>Whether the hold may have been revoked before what the look saw: rules `window`, `margin`.</summary>
    private bool IsBeyondTheWindow(AdvertiserHold hold)
    {
        var (longest, now) = (LeaseTimes.Window - LeaseTimes.LongestAppend, Now);
        var (monotonic, wall) = (hold.Began.Monotonic, hold.Began.Wall);
        if (lease is { } last)
            (monotonic, wall) = (Math.Max(monotonic, last.Start.Monotonic), wall > last.Start.Wall ? wall : last.Start.Wall);
        return clock.GetElapsedTime(monotonic, now.Monotonic) > longest || now.Wall - wall > longest;
    }

    /// <summary>Beside the looks, which must not wait for it. Does not fail: whether the database is away they say.</summary>
    private async Task RoundAsync()
    {
        if (clock.GetElapsedTime(lastRound.Monotonic) < BetweenRounds)
            return;
        lastRound = Now;
        try
        {
            foreach (var (advertiser, version) in await tables.VersionsAsync([.. holds.Keys]))
                Find(advertiser)?.Raise(version);
            await tables.ForgetAsync();
        }
        catch (Exception e)
        {
            NotMade(e.Message);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "The database is away ({Reason}): counters are not told from memory, and open streams wait.")]
    private partial void Away(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The database is back: counters are told from memory again.")]
    private partial void Back();

    [LoggerMessage(Level = LogLevel.Debug, Message = "Versions were not read ({Reason}), but will be in ten seconds.")]
    private partial void NotMade(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} advertisers' counters were not given back ({Reason}).")]
    private partial void NotGivenBack(int count, string reason);

    private sealed record Lease(SiloTime Start, string Epoch);
}

using Lips.Counters.Cells;
using Lips.Counters.Cube;
using Lips.Kernel.Database;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Storage;

namespace Lips.Counters.Grains;

/// <summary>An activation: it begins a hold with the first question and leaves when the hold is lost.</summary>
/// <param name="holds">The holds of this silo.</param>
/// <param name="storage">Where Orleans keeps checkpoints.</param>
/// <param name="log">Where it is said that one could not be used.</param>
[Reentrant]
[KeepAlive]
[PreferLocalPlacement]
internal sealed class AdvertiserCountersGrain(SiloHolds holds, IGrainStorage storage, ILogger<AdvertiserCheckpoint> log)
    : Grain, IAdvertiserCountersGrain
{
    // Streams get at most four events a second (contract section 10).
    private static readonly TimeSpan BetweenTells = TimeSpan.FromMilliseconds(250);

    private readonly Dictionary<ICountersObserver, long> observers = [];
    private AdvertiserHold? hold;
    private IGrainTimer? telling;
    private (string? Epoch, long Version) told;

    public async ValueTask<CountsAnswer> Count(CellQuestion? question, long? at)
    {
        AdvertiserHold.Held? held;
        try
        {
            held = await ReadAsync(at ?? 0);
        }
        catch (Exception e) when (LipsDatabase.IsAway(e))
        {
            return new CountsAnswer(CountsResult.Away);
        }

        return held is null ? new CountsAnswer(CountsResult.Lost) : AnswerOf(held, question, at);
    }

    public ValueTask<Dictionary<int, long>?> CountMonths(CellQuestion question, long version) =>
        ValueTask.FromResult(hold?.At(version)?.SumMonths(question));

    public ValueTask<DaysAnswer?> CountDays(CellQuestion question, int month, long version) =>
        ValueTask.FromResult(hold?.At(version) is { } cube ? DaysOf(hold, cube, question, month) : null);

    public ValueTask<CellSums[]?> CountRanges(CellQuestion question, int[] bounds, long version) =>
        ValueTask.FromResult(hold?.At(version)?.SumRanges(question, bounds));

    public ValueTask<TimeSpan?> Changed(long ofHold, long version, CellChange[]? changes) =>
        hold is { } own && own.Id == ofHold ? own.ChangedAsync(version, changes) : ValueTask.FromResult<TimeSpan?>(null);

    public async ValueTask<CountsAnswer> Observe(ICountersObserver observer)
    {
        var answer = await Count(null, null);
        observers[observer] = holds.After(TotalsWatch.Renewal * 3);
        telling ??= this.RegisterGrainTimer(
            TellAsync, new() { DueTime = BetweenTells, Period = BetweenTells, Interleave = true });
        return answer;
    }

    public Task Leave()
    {
        if (hold is null or { IsGone: true })
            DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        telling?.Dispose();
        if (hold is { IsGone: false })
            await holds.LeaveAsync([hold]);
        if (hold is not null)
            await hold.KeepAsync(cancellationToken);
    }

    /// <summary>Sums cells, at a version or at the newest.</summary>
    internal static CountsAnswer AnswerOf(AdvertiserHold.Held held, CellQuestion? question, long? at) =>
        (at is { } version ? held.Cube.At(version) : held.Cube) is { } cube
            ? new CountsAnswer(CountsResult.Counted, held.Epoch, cube.Version, question is null ? null : cube.Sum(question))
            : new CountsAnswer(CountsResult.Unknown);

    /// <summary>Sums of the days of a month.</summary>
    internal static DaysAnswer DaysOf(AdvertiserHold hold, AdvertiserCube cube, CellQuestion question, int month) =>
        new(hold.Id, cube.SumDays(question, month), [.. Enumerable.Range(month, 31).Select(cube.ChangedAt)]);

    private async ValueTask<AdvertiserHold.Held?> ReadAsync(long atLeast)
    {
        hold ??= holds.Begin(this.GetPrimaryKeyLong(), new AdvertiserCheckpoint(storage, this.GetGrainId(), log));
        // A list has seen this version, so it is committed.
        hold.Raise(atLeast);
        if (await hold.ReadAsync() is { } held)
            return held;
        // Found out by this read, as with another history of the database: writers would ask it in vain, revoke, and wait for a lease.
        if (holds.End(hold))
            _ = holds.LeaveAsync([hold]);
        DeactivateOnIdle();
        return null;
    }

    private async Task TellAsync(CancellationToken cancellation)
    {
        foreach (var gone in observers.Where(o => holds.Until(o.Value) == TimeSpan.Zero).Select(o => o.Key).ToList())
            observers.Remove(gone);
        if (observers.Count == 0)
        {
            telling?.Dispose();
            telling = null;
            return;
        }

        if (hold is not { Epoch: { } epoch } || told == (epoch, hold.NewestVersion))
            return;
        told = (epoch, hold.NewestVersion);
        foreach (var observer in observers.Keys)
            await observer.Changed(this.GetPrimaryKeyLong(), epoch, told.Version);
    }
}

using Lips.Counters.Cells;
using Lips.Counters.Cube;
using Orleans.Concurrency;

namespace Lips.Counters.Grains;

/// <summary>
/// The counters of one advertiser, somewhere in the cluster; the key is the advertiser's value. No call waits for a long one. An answer
/// that is null or lost comes from an activation that has lost its hold: it leaves, and the next call finds or makes another one.
/// </summary>
[Alias("lips.counters")]
internal interface IAdvertiserCountersGrain : IGrainWithIntegerKey
{
    /// <summary>Sums cells. Reflects all that was acknowledged before the call, or <paramref name="at"/> exactly.</summary>
    /// <param name="question">What is summed; null for the version alone.</param>
    /// <param name="at">The version that is asked for; null for the newest.</param>
    [AlwaysInterleave]
    [ResponseTimeout(LeaseTimes.Read)]
    ValueTask<CountsAnswer> Count(CellQuestion? question, long? at);

    /// <summary>How many a question selects in each month, at a version.</summary>
    /// <returns>Null when the version is not known.</returns>
    [AlwaysInterleave]
    [ResponseTimeout(LeaseTimes.Read)]
    ValueTask<Dictionary<int, long>?> CountMonths(CellQuestion question, long version);

    /// <summary>How many a question selects on each day of a month, at a version.</summary>
    /// <returns>Null when the version is not known.</returns>
    [AlwaysInterleave]
    [ResponseTimeout(LeaseTimes.Read)]
    ValueTask<DaysAnswer?> CountDays(CellQuestion question, int month, long version);

    /// <summary>Sums cells in each of several ranges of days, at a version.</summary>
    /// <param name="question">What is summed.</param>
    /// <param name="bounds">Days, ascending: each range is from one to the next.</param>
    /// <param name="version">The version.</param>
    /// <returns>Null when the version is not known.</returns>
    [AlwaysInterleave]
    [ResponseTimeout(LeaseTimes.Read)]
    ValueTask<CellSums[]?> CountRanges(CellQuestion question, int[] bounds, long version);

    /// <summary>Tells a hold that a writer has committed, before it acknowledges.</summary>
    /// <param name="hold">The hold that the writer saw.</param>
    /// <param name="version">The version that the writer left.</param>
    /// <param name="changes">What led there from the version before; null when that is much, or nothing.</param>
    /// <returns>How long the writer must wait; null from an activation that has another hold, or none.</returns>
    [AlwaysInterleave]
    [ResponseTimeout(LeaseTimes.Answer)]
    ValueTask<TimeSpan?> Changed(long hold, long version, CellChange[]? changes);

    /// <summary>Tells an observer of new versions for some seconds.</summary>
    /// <returns>The present version.</returns>
    [AlwaysInterleave]
    [ResponseTimeout(LeaseTimes.Read)]
    ValueTask<CountsAnswer> Observe(ICountersObserver observer);

    /// <summary>Makes the activation leave.</summary>
    [OneWay]
    [AlwaysInterleave]
    Task Leave();
}

/// <summary>A node that has streams of an advertiser's totals.</summary>
[Alias("lips.counters.observer")]
internal interface ICountersObserver : IGrainObserver
{
    /// <summary>An advertiser has a version, or a newer one.</summary>
    [OneWay]
    Task Changed(long advertiser, string epoch, long version);
}

/// <summary>What became of a question.</summary>
internal enum CountsResult
{
    /// <summary>The hold is lost, or there was no answer; to be asked again.</summary>
    Lost,

    /// <summary>It is answered.</summary>
    Counted,

    /// <summary>The version that was asked for is not known.</summary>
    Unknown,

    /// <summary>The database did not answer: nothing is known.</summary>
    Away,
}

/// <summary>Counters of an advertiser.</summary>
/// <param name="Result">Whether there are any.</param>
/// <param name="Epoch">The history of the database that the version is of.</param>
/// <param name="Version">The version.</param>
/// <param name="Sums">The sums, where they were asked for.</param>
[GenerateSerializer, Immutable]
internal readonly record struct CountsAnswer(CountsResult Result, string Epoch = "", long Version = 0, CellSums? Sums = null);

/// <summary>Sums by day.</summary>
/// <param name="Hold">The hold that they come from.</param>
/// <param name="Sums">31, from the first day of the month on.</param>
/// <param name="ChangedAt">Of each day the version since which no interaction has entered, left or changed place in it.</param>
[GenerateSerializer, Immutable]
internal sealed record DaysAnswer(long Hold, long[] Sums, long[] ChangedAt);

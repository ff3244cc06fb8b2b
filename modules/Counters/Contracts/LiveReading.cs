using Lips.Counters.Grains;
using Lips.Kernel;

namespace Lips.Counters.Contracts;

/// <summary>The counters of some advertisers, each at one version.</summary>
public sealed class LiveReading
{
    private readonly CountsAnswer[] answers;
    private Counts? counts;

    internal LiveReading(IReadOnlyList<GlobalId> advertisers, CountsAnswer[] answers)
    {
        (Advertisers, this.answers) = (advertisers, answers);
        Epoch = answers.Length == 0 ? "" : answers[0].Epoch;
        Versions = Array.ConvertAll(answers, a => a.Version);
    }

    /// <summary>Whose they are.</summary>
    public IReadOnlyList<GlobalId> Advertisers { get; }

    /// <summary>
    /// The history of the database that the versions are of. Versions of another say nothing: after a restore they are given out again.
    /// </summary>
    public string Epoch { get; }

    /// <summary>
    /// The advertisers' versions, in their order: any change that a client could see has raised one. 0 where nothing was ever written.
    /// </summary>
    public IReadOnlyList<long> Versions { get; }

    /// <summary>What the filter selects, of all of them. A microsecond, and no I/O.</summary>
    public Counts Counts
    {
        get
        {
            if (counts is null)
            {
                counts = new Counts();
                foreach (var answer in answers)
                    answer.Sums?.AddTo(counts);
            }

            return counts;
        }
    }
}

/// <summary>A day of a list.</summary>
public sealed record LiveDay
{
    private readonly long[] holds;
    private readonly long[] changedAt;

    private LiveDay(DateOnly day, long before, long count, long[] holds, long[] changedAt) =>
        (Day, Before, Count, this.holds, this.changedAt) = (day, before, count, holds, changedAt);

    /// <summary>The UTC day.</summary>
    public DateOnly Day { get; }

    /// <summary>How many of its rows stand before the row that was looked for.</summary>
    public long Before { get; }

    /// <summary>How many rows it has.</summary>
    public long Count { get; }

    internal static LiveDay Of(DaysAnswer[] days, int month, int place, long before, long count) => new(
        DateOnly.FromDayNumber(month + place), before, count, [.. days.Select(d => d.Hold)], [.. days.Select(d => d.ChangedAt[place])]);

    /// <summary>Marks what was read of the interactions of the day, for <see cref="IsUnchanged"/>.</summary>
    /// <param name="versions">The advertisers' versions in the snapshot that it was read in.</param>
    public DayMark Mark(IReadOnlyList<long> versions) => new(holds, versions);

    /// <summary>
    /// Whether no interaction has entered, left or changed place in the day's lists since something was read of it. Changes that no counter
    /// counts, such as notes, do not matter; of what was forgotten the answer is no.
    /// </summary>
    public bool IsUnchanged(DayMark mark)
    {
        // Versions that another hold has seen may be of another history of the database.
        for (var i = 0; i < holds.Length; i++)
        {
            if (mark.Holds[i] != holds[i] || changedAt[i] > mark.Versions[i])
                return false;
        }

        return true;
    }
}

/// <summary>When something was read of a day's interactions: versions, and the holds that those are comparable with.</summary>
public sealed record DayMark
{
    internal DayMark(IReadOnlyList<long> holds, IReadOnlyList<long> versions) => (Holds, Versions) = (holds, versions);

    /// <summary>How many advertisers it is of.</summary>
    public int Size => Versions.Count;

    internal IReadOnlyList<long> Holds { get; }

    internal IReadOnlyList<long> Versions { get; }
}

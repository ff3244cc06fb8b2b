using System.Runtime.InteropServices;
using Lips.Counters.Cells;

namespace Lips.Counters.Cube;

/// <summary>
/// One advertiser's cells in memory, at one version. Beside the cells by day a large one keeps them summed by month and summed over all time, so
/// that years are summed in microseconds.
/// </summary>
internal sealed class AdvertiserCube
{
    // Up to so many cells a scan of all of them takes about two microseconds, and two more tables would double a small advertiser's memory.
    private const int Large = 512;

    // The day of a cell that stands for all days.
    private const int AllTime = 0;

    private readonly Lock guard = new();
    private readonly CellTable days = new();
    private CellTable? months;
    private CellTable? all;
    private long version = -1;
    private long validAt;

    /// <summary>The number of the last moment at which the validator saw that these cells were the newest.</summary>
    public long ValidAt
    {
        get => Volatile.Read(ref validAt);
        set => Volatile.Write(ref validAt, value);
    }

    /// <summary>The version that the cells are of; -1 before the first.</summary>
    public long Version
    {
        get
        {
            lock (guard)
                return version;
        }
    }

    /// <summary>The memory that it takes, about.</summary>
    public long Bytes
    {
        get
        {
            lock (guard)
                return 300 + days.Bytes + (months?.Bytes ?? 0) + (all?.Bytes ?? 0);
        }
    }

    /// <summary>Takes over the cells of a newer version; an older one, overtaken on its way, is left.</summary>
    /// <param name="newVersion">The version of the snapshot that the cells were read in.</param>
    /// <param name="cells">All cells that changed since a version that this cube had already.</param>
    public void Apply(long newVersion, List<(CellKey Key, Tally Value)> cells)
    {
        lock (guard)
        {
            if (newVersion <= version)
                return;
            version = newVersion;
            var changes = cells.ConvertAll(c => (c.Key, c.Value - days[c.Key]));
            days.Add(changes);
            if (months is null && days.Count > Large)
            {
                (months, all) = (new CellTable(), new CellTable());
                changes = [];
                for (var i = 0; i < days.Count; i++)
                    changes.Add((days.Keys[i], days.Tallies[i]));
            }

            months?.Add(Rolled(changes, MonthOf));
            all?.Add(Rolled(changes, _ => AllTime));
        }
    }

    /// <summary>Adds what the question asks for.</summary>
    /// <param name="question">The question, which takes the sums.</param>
    /// <param name="perDay">Takes how many there are on each day, where that is asked for.</param>
    /// <returns>The version that was summed.</returns>
    public long Sum(CellQuestion question, SortedDictionary<int, long>? perDay = null)
    {
        lock (guard)
        {
            if (perDay is not null)
                days.SumDays(question, perDay);
            if (all is not null && question.From == int.MinValue && question.Until == int.MaxValue)
                all.Sum(question, AllTime, AllTime + 1);
            else if (months is null)
                days.Sum(question, question.From, question.Until);
            else
                SumByMonths(question);
            return version;
        }
    }

    private void SumByMonths(CellQuestion question)
    {
        // The whole months of the range; before the first and after the last of them, days.
        var first = question.From == int.MinValue ? int.MinValue : NextMonth(question.From - 1);
        var last = question.Until == int.MaxValue ? int.MaxValue : MonthOf(question.Until);
        if (first >= last)
        {
            days.Sum(question, question.From, question.Until);
            return;
        }

        days.Sum(question, question.From, first);
        months!.Sum(question, first, last);
        days.Sum(question, last, question.Until);
    }

    private static List<(CellKey Key, Tally Change)> Rolled(List<(CellKey Key, Tally Change)> changes, Func<int, int> dayOf)
    {
        var sums = new Dictionary<CellKey, Tally>();
        foreach (var (key, change) in changes)
            CollectionsMarshal.GetValueRefOrAddDefault(sums, key with { Day = dayOf(key.Day) }, out _) += change;
        return [.. sums.Select(s => (s.Key, s.Value))];
    }

    private static int MonthOf(int day)
    {
        var date = DateOnly.FromDayNumber(day);
        return day - date.Day + 1;
    }

    private static int NextMonth(int day) => day < 0 ? 0 : DateOnly.FromDayNumber(MonthOf(day)).AddMonths(1).DayNumber;
}

using System.Runtime.InteropServices;
using Lips.Counters.Cells;
using Lips.Counters.Contracts;

namespace Lips.Counters.Cube;

/// <summary>
/// One advertiser's cells in memory, at one version. Beside the cells by day a large one keeps them summed by month, over all time, and of
/// each day all together, so that years are summed, and a day is found among them, in microseconds.
/// </summary>
/// <param name="advertiser">Whose.</param>
internal sealed class AdvertiserCube(long advertiser)
{
    // Up to so many cells a scan of all of them takes about two microseconds, and more tables would double a small advertiser's memory.
    private const int Large = 512;

    // The day of a cell that stands for all days.
    private const int AllTime = 0;

    // Changes to more days than these are an import; they are then forgotten one by one, and all days are taken for changed.
    private const int MaxChangedDays = 400;

    private const int BytesOfChangedDay = 40;

    private static long made;

    private readonly Lock guard = new();
    private readonly CellTable days = new();
    private readonly CellSummary summary = new();
    private readonly Dictionary<int, long> changedDays = [];
    private CellTable? months;
    private CellTable? all;
    private CellTable? wholeDays;
    private long version = -1;
    private long validAt;
    private long lastRound;
    private long changedBefore;
    private LiveReading? lastReading;

    /// <summary>Whose cells these are.</summary>
    public long Advertiser => advertiser;

    /// <summary>The number of the last moment at which the validator saw that these cells were the newest.</summary>
    public long ValidAt
    {
        get => Volatile.Read(ref validAt);
        set => Volatile.Write(ref validAt, value);
    }

    /// <summary>Tells it from every other cube of this process, an earlier one of the same advertiser included. Above 0.</summary>
    public long Serial { get; } = Interlocked.Increment(ref made);

    /// <summary>The version that the cells are of; -1 before the first.</summary>
    public long Version
    {
        get
        {
            lock (guard)
                return version;
        }
    }

    /// <summary>This cube alone as it is now; the same object again as long as nothing changes.</summary>
    public LiveReading Reading(string epoch)
    {
        var last = lastReading;
        if (last is null || last.Epoch != epoch || last.Versions[0] != Version)
            lastReading = last = new LiveReading(epoch, [this]);
        return last;
    }

    /// <summary>Whether nobody has asked this in the same round yet. Of one thread at a time.</summary>
    /// <param name="round">The number of the round, above all earlier ones.</param>
    public bool IsFirstOf(long round)
    {
        if (lastRound == round)
            return false;
        lastRound = round;
        return true;
    }

    /// <summary>The memory that it takes, about.</summary>
    public long Bytes
    {
        get
        {
            lock (guard)
                return 400 + CellSummary.Bytes + days.Bytes + (months?.Bytes ?? 0) + (all?.Bytes ?? 0) + (wholeDays?.Bytes ?? 0)
                    + (changedDays.Count * BytesOfChangedDay);
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
            RememberChanges(newVersion, cells);
            version = newVersion;
            var changes = cells.ConvertAll(c => (c.Key, c.Value - days[c.Key]));
            days.Add(changes);
            foreach (var (key, change) in changes)
                summary.Add(key, change);
            if (months is null && days.Count > Large)
            {
                (months, all, wholeDays) = (new CellTable(), new CellTable(), new CellTable());
                changes = [];
                for (var i = 0; i < days.Count; i++)
                    changes.Add((days.Keys[i], days.Tallies[i]));
            }

            months?.Add(Rolled(changes, key => key with { Day = MonthOf(key.Day) }));
            all?.Add(Rolled(changes, key => key with { Day = AllTime }));
            wholeDays?.Add(Rolled(changes, key => new CellKey { Day = key.Day }));
        }
    }

    /// <summary>
    /// The version since which no cell of the day has changed, as far as this cube knows: that of its loading, or of the snapshot that
    /// brought the last change, even one that left the same numbers, for one interaction may have taken another's place.
    /// </summary>
    public long ChangedAt(int day)
    {
        lock (guard)
            return Math.Max(changedBefore, changedDays.GetValueOrDefault(day));
    }

    /// <summary>Adds everything of all time.</summary>
    /// <param name="counts">To what.</param>
    /// <param name="archived">The archived, or the others.</param>
    /// <returns>The version that was summed.</returns>
    public long Sum(Counts counts, bool archived)
    {
        lock (guard)
        {
            summary[archived].AddTo(counts);
            return version;
        }
    }

    /// <summary>Adds what the question asks for.</summary>
    /// <returns>The version that was summed.</returns>
    public long Sum(CellQuestion question)
    {
        lock (guard)
        {
            if (all is not null && question.From == int.MinValue && question.Until == int.MaxValue)
            {
                all.Sum(question, AllTime, AllTime + 1);
            }
            else if (months is not null && WholeMonths(question) is var (first, last))
            {
                days.Sum(question, question.From, first);
                months.Sum(question, first, last);
                days.Sum(question, last, question.Until);
            }
            else
            {
                days.Sum(question, question.From, question.Until);
            }

            return version;
        }
    }

    /// <summary>Adds how many the question selects in each month; a month is named by its first day.</summary>
    /// <returns>The version that was summed.</returns>
    public long SumMonths(CellQuestion question, Dictionary<int, long> sums)
    {
        lock (guard)
        {
            if (wholeDays is not null && question.SelectsAll)
            {
                wholeDays.SumMonths(question, question.From, question.Until, sums);
            }
            else if (months is not null && WholeMonths(question) is var (first, last))
            {
                days.SumMonths(question, question.From, first, sums);
                months.SumMonths(question, first, last, sums);
                days.SumMonths(question, last, question.Until, sums);
            }
            else
            {
                days.SumMonths(question, question.From, question.Until, sums);
            }

            return version;
        }
    }

    /// <summary>Adds how many the question selects on each day of a month.</summary>
    /// <param name="question">The question.</param>
    /// <param name="month">The first day of the month.</param>
    /// <param name="sums">31 sums, one a day.</param>
    /// <returns>The version that was summed.</returns>
    public long SumDays(CellQuestion question, int month, Span<long> sums)
    {
        lock (guard)
        {
            var table = wholeDays is not null && question.SelectsAll ? wholeDays : days;
            table.SumDays(question, Math.Max(month, question.From), Math.Min(NextMonth(month), question.Until), month, sums);
            return version;
        }
    }

    /// <summary>The first day of a day's month.</summary>
    internal static int MonthOf(int day)
    {
        var date = DateOnly.FromDayNumber(day);
        return day - date.Day + 1;
    }

    private void RememberChanges(long newVersion, List<(CellKey Key, Tally Value)> cells)
    {
        if (version < 0)
        {
            changedBefore = newVersion;
            return;
        }

        foreach (var (key, _) in cells)
            changedDays[key.Day] = newVersion;
        if (changedDays.Count <= MaxChangedDays)
            return;
        changedBefore = newVersion;
        changedDays.Clear();
    }

    /// <summary>The whole months of the question's range, before and after which days are summed; null when there are none.</summary>
    private static (int First, int Last)? WholeMonths(CellQuestion question)
    {
        var first = question.From == int.MinValue ? int.MinValue : NextMonth(question.From - 1);
        var last = question.Until == int.MaxValue ? int.MaxValue : MonthOf(question.Until);
        return first < last ? (first, last) : null;
    }

    private static List<(CellKey Key, Tally Change)> Rolled(List<(CellKey Key, Tally Change)> changes, Func<CellKey, CellKey> keyOf)
    {
        var sums = new Dictionary<CellKey, Tally>();
        foreach (var (key, change) in changes)
            CollectionsMarshal.GetValueRefOrAddDefault(sums, keyOf(key), out _) += change;
        return [.. sums.Select(s => (s.Key, s.Value))];
    }

    private static int NextMonth(int day)
    {
        if (day < 0)
            return 0;
        var month = DateOnly.FromDayNumber(MonthOf(day));
        return month.Year == DateOnly.MaxValue.Year && month.Month == DateOnly.MaxValue.Month ? int.MaxValue : month.AddMonths(1).DayNumber;
    }
}

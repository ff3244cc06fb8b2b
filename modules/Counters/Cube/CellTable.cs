using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lips.Counters.Cells;

namespace Lips.Counters.Cube;

/// <summary>Cells in the order of their keys, which is the order of days: a range of days is a slice. It never changes.</summary>
internal sealed class CellTable
{
    /// <summary>A table without cells.</summary>
    public static readonly CellTable Empty = new([], []);

    private readonly CellKey[] keys;
    private readonly Tally[] tallies;

    private CellTable(CellKey[] keys, Tally[] tallies) => (this.keys, this.tallies) = (keys, tallies);

    /// <summary>How many cells it has.</summary>
    public int Count => keys.Length;

    /// <summary>The memory that it takes.</summary>
    public long Bytes => keys.LongLength * (Unsafe.SizeOf<CellKey>() + Unsafe.SizeOf<Tally>());

    /// <summary>The tally of a key; zeros when there is no such cell.</summary>
    public Tally this[in CellKey key] => Array.BinarySearch(keys, key) is var at and >= 0 ? tallies[at] : default;

    /// <summary>All cells, as differences from nothing.</summary>
    public IEnumerable<CellChange> Cells => keys.Zip(tallies, (key, tally) => new CellChange(key, tally));

    /// <summary>Adds what the question selects from a day until another.</summary>
    public void Sum(CellQuestion question, CellSums sums, int from, int until)
    {
        var end = StartOf(until);
        for (var at = StartOf(from); at < end; at++)
        {
            if (question.Selects(keys[at]))
                sums.Add(keys[at], question.Of(tallies[at]));
        }
    }

    /// <summary>Adds how many the question selects in each month from a day until another; a month is named by its first day.</summary>
    public void SumMonths(CellQuestion question, int from, int until, Dictionary<int, long> sums)
    {
        var end = StartOf(until);
        for (var at = StartOf(from); at < end;)
            CollectionsMarshal.GetValueRefOrAddDefault(sums, Months.Of(keys[at].Day), out _) += SumOfDay(question, end, ref at);
    }

    /// <summary>
    /// Adds how many the question selects on each day from a day until another, the first of <paramref name="sums"/> being that of
    /// <paramref name="origin"/>.
    /// </summary>
    public void SumDays(CellQuestion question, int from, int until, int origin, Span<long> sums)
    {
        var end = StartOf(until);
        for (var at = StartOf(from); at < end;)
            sums[keys[at].Day - origin] += SumOfDay(question, end, ref at);
    }

    /// <summary>The table of cells in any order.</summary>
    /// <param name="cells">The cells; a key may come more than once.</param>
    public static CellTable Of(IReadOnlyCollection<CellChange> cells)
    {
        var (keys, tallies, count, isSorted) = (new CellKey[cells.Count], new Tally[cells.Count], 0, true);
        foreach (var (key, tally) in cells)
        {
            isSorted &= count == 0 || keys[count - 1].CompareTo(key) < 0;
            (keys[count], tallies[count++]) = (key, tally);
        }

        // Those of a checkpoint are.
        if (isSorted)
            return new CellTable(keys, tallies);
        Array.Sort(keys, tallies);
        count = 0;
        for (var at = 0; at < keys.Length; at++)
        {
            if (count > 0 && keys[count - 1] == keys[at])
                tallies[count - 1] += tallies[at];
            else
                (keys[count], tallies[count++]) = (keys[at], tallies[at]);
        }

        return new CellTable(keys[..count], tallies[..count]);
    }

    /// <summary>A table with differences added. New cells are merged in by one pass, so many at once cost no more than one.</summary>
    public CellTable With(CellTable changes)
    {
        if (Count == 0)
            return changes;
        var added = 0;
        foreach (ref readonly var key in changes.keys.AsSpan())
            added += Array.BinarySearch(keys, key) < 0 ? 1 : 0;
        var (newKeys, newTallies) = (new CellKey[keys.Length + added], new Tally[keys.Length + added]);
        var (from, next) = (0, 0);
        for (var to = 0; to < newKeys.Length; to++)
        {
            var order = from == keys.Length ? 1 : next == changes.Count ? -1 : keys[from].CompareTo(changes.keys[next]);
            newKeys[to] = order <= 0 ? keys[from] : changes.keys[next];
            newTallies[to] = (order <= 0 ? tallies[from++] : default) + (order >= 0 ? changes.tallies[next++] : default);
        }

        return new CellTable(newKeys, newTallies);
    }

    /// <summary>Its cells summed under other keys.</summary>
    /// <param name="keyOf">
    /// The other key of one here; of two, the one of the later day has no earlier day than the other's, so that what is summed of a day is
    /// complete when the next one begins: to look up, and to sort, all at once would take longer than all else that is done with cells.
    /// </param>
    public CellTable Summed(Func<CellKey, CellKey> keyOf)
    {
        var (newKeys, newTallies) = (new List<CellKey>(), new List<Tally>());
        var (day, ofDay) = (0, new Dictionary<CellKey, Tally>());
        for (var at = 0; at < keys.Length; at++)
        {
            var key = keyOf(keys[at]);
            if (key.Day != day)
                EndDay();
            day = key.Day;
            CollectionsMarshal.GetValueRefOrAddDefault(ofDay, key, out _) += tallies[at];
        }

        EndDay();
        return new CellTable([.. newKeys], [.. newTallies]);

        void EndDay()
        {
            var sorted = ofDay.Keys.ToArray();
            Array.Sort(sorted);
            foreach (var key in sorted)
            {
                newKeys.Add(key);
                newTallies.Add(ofDay[key]);
            }

            ofDay.Clear();
        }
    }

    // Cells are in the order of days, so a day's sum is complete when the next day begins.
    private long SumOfDay(CellQuestion question, int end, ref int at)
    {
        var (day, sum) = (keys[at].Day, 0L);
        for (; at < end && keys[at].Day == day; at++)
            sum += question.Selects(keys[at]) ? question.CountOf(tallies[at]) : 0;
        return sum;
    }

    /// <summary>Where the cells of a day, or of the next one that has any, begin.</summary>
    private int StartOf(int day)
    {
        var (low, high) = (0, keys.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (keys[middle].Day < day)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}

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

    /// <summary>A table with differences added. New cells are merged in by one pass, so many at once cost no more than one.</summary>
    /// <param name="changes">The differences; a key may come more than once.</param>
    public CellTable With(IEnumerable<CellChange> changes)
    {
        var sorted = changes.ToArray();
        if (!IsSorted(sorted))
            Array.Sort(sorted, (a, b) => a.Key.CompareTo(b.Key));
        var count = 0;
        foreach (var change in sorted)
        {
            if (count > 0 && sorted[count - 1].Key == change.Key)
                sorted[count - 1] = new CellChange(change.Key, sorted[count - 1].Difference + change.Difference);
            else
                sorted[count++] = change;
        }

        return Merged(sorted.AsSpan(0, count));
    }

    // As those of a checkpoint are.
    private static bool IsSorted(CellChange[] changes)
    {
        for (var i = 1; i < changes.Length; i++)
        {
            if (changes[i - 1].Key.CompareTo(changes[i].Key) > 0)
                return false;
        }

        return true;
    }

    private CellTable Merged(ReadOnlySpan<CellChange> changes)
    {
        var added = 0;
        foreach (ref readonly var change in changes)
            added += Array.BinarySearch(keys, change.Key) < 0 ? 1 : 0;
        var (newKeys, newTallies) = (new CellKey[keys.Length + added], new Tally[keys.Length + added]);
        var (from, next) = (0, 0);
        for (var to = 0; to < newKeys.Length; to++)
        {
            var order = from == keys.Length ? 1 : next == changes.Length ? -1 : keys[from].CompareTo(changes[next].Key);
            newKeys[to] = order <= 0 ? keys[from] : changes[next].Key;
            newTallies[to] = (order <= 0 ? tallies[from++] : default) + (order >= 0 ? changes[next++].Difference : default);
        }

        return new CellTable(newKeys, newTallies);
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

using System.Runtime.InteropServices;
using Lips.Counters.Cells;

namespace Lips.Counters.Cube;

/// <summary>Cells in the order of their keys, which is the order of days: a range of days is a slice.</summary>
internal sealed class CellTable
{
    private CellKey[] keys = [];
    private Tally[] tallies = [];

    public int Count { get; private set; }

    /// <summary>The memory that it takes.</summary>
    public long Bytes => keys.LongLength * (
        System.Runtime.CompilerServices.Unsafe.SizeOf<CellKey>() + System.Runtime.CompilerServices.Unsafe.SizeOf<Tally>());

    /// <summary>The keys of all cells.</summary>
    public ReadOnlySpan<CellKey> Keys => keys.AsSpan(0, Count);

    /// <summary>The tallies beside <see cref="Keys"/>.</summary>
    public ReadOnlySpan<Tally> Tallies => tallies.AsSpan(0, Count);

    /// <summary>Where the cells of a day, or of the next one that has any, begin.</summary>
    public int StartOf(int day)
    {
        var (low, high) = (0, Count);
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

    public void Sum(CellQuestion question, int from, int until)
    {
        var start = StartOf(from);
        var length = Math.Max(0, StartOf(until) - start);
        question.Add(keys.AsSpan(start, length), tallies.AsSpan(start, length));
    }

    /// <summary>Adds how many the question selects in each month from a day until another; a month is named by its first day.</summary>
    public void SumMonths(CellQuestion question, int from, int until, Dictionary<int, long> sums)
    {
        var (start, end) = (StartOf(from), StartOf(until));
        for (var at = start; at < end;)
        {
            var month = AdvertiserCube.MonthOf(keys[at].Day);
            CollectionsMarshal.GetValueRefOrAddDefault(sums, month, out _) += question.SumOfDay(
                keys.AsSpan(0, end), tallies.AsSpan(0, end), ref at);
        }
    }

    /// <summary>
    /// Adds how many the question selects on each day from a day until another, the first of <paramref name="sums"/> being that of
    /// <paramref name="origin"/>.
    /// </summary>
    public void SumDays(CellQuestion question, int from, int until, int origin, Span<long> sums)
    {
        var (start, end) = (StartOf(from), StartOf(until));
        for (var at = start; at < end;)
            sums[keys[at].Day - origin] += question.SumOfDay(keys.AsSpan(0, end), tallies.AsSpan(0, end), ref at);
    }

    /// <summary>The tally of a key; zeros when there is no such cell.</summary>
    public Tally this[CellKey key] => Array.BinarySearch(keys, 0, Count, key) is var at and >= 0 ? tallies[at] : default;

    /// <summary>Adds differences. New cells are merged in by one pass, so many at once cost no more than one.</summary>
    /// <param name="changes">Each key once.</param>
    public void Add(List<(CellKey Key, Tally Change)> changes)
    {
        List<(CellKey Key, Tally Change)>? added = null;
        foreach (var (key, change) in changes)
        {
            var at = Array.BinarySearch(keys, 0, Count, key);
            if (at >= 0)
                tallies[at] += change;
            else
                (added ??= []).Add((key, change));
        }

        if (added is null)
            return;
        added.Sort((a, b) => a.Key.CompareTo(b.Key));
        Merge(added);
    }

    private void Merge(List<(CellKey Key, Tally Change)> added)
    {
        var size = Count + added.Count;
        var (newKeys, newTallies) = (keys, tallies);
        if (size > keys.Length)
        {
            var room = Math.Max(size, keys.Length + (keys.Length / 4));
            (newKeys, newTallies) = (new CellKey[room], new Tally[room]);
        }

        // From the end, so that it also works in place; what lies before the first new key moves only when the arrays are new.
        var (from, to) = (Count - 1, size - 1);
        for (var next = added.Count - 1; next >= 0; to--)
        {
            if (from >= 0 && keys[from].CompareTo(added[next].Key) > 0)
            {
                newKeys[to] = keys[from];
                newTallies[to] = tallies[from--];
            }
            else
            {
                newKeys[to] = added[next].Key;
                newTallies[to] = added[next--].Change;
            }
        }

        if (newKeys != keys)
        {
            Array.Copy(keys, newKeys, from + 1);
            Array.Copy(tallies, newTallies, from + 1);
        }

        (keys, tallies, Count) = (newKeys, newTallies, size);
    }
}

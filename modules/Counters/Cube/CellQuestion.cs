using Lips.Counters.Cells;
using Lips.Counters.Contracts;

namespace Lips.Counters.Cube;

/// <summary>A filter in the form that sums fast, and the sums.</summary>
internal sealed class CellQuestion
{
    private readonly int kinds;
    private readonly int channels;
    private readonly bool needsWpc;
    private readonly bool archived;
    private readonly long[] campaigns;
    private readonly bool? important;
    private readonly CellSummary.Part sums = new();

    /// <summary>Asks for the sums of a filter.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="important">For sums by day: only the important, only the others, or null for all.</param>
    public CellQuestion(CellFilter filter, bool? important = null)
    {
        this.important = important;
        kinds = filter.Kinds.Count == 0 ? ~0 : filter.Kinds.Aggregate(0, (mask, kind) => mask | (1 << (int)kind));
        channels = filter.Channels.Count == 0 ? ~0 : filter.Channels.Aggregate(0, (mask, channel) => mask | (1 << (int)channel));
        needsWpc = filter.Channels.Count > 0;
        archived = filter.Archived;
        campaigns = filter.Campaigns.Count == 0 ? [] : [.. filter.Campaigns.Select(c => c.Value)];
        From = filter.From?.DayNumber ?? int.MinValue;
        Until = filter.Until?.DayNumber ?? int.MaxValue;
    }

    /// <summary>The first day that counts.</summary>
    public int From { get; }

    /// <summary>The first day that no longer counts.</summary>
    public int Until { get; }

    /// <summary>Whether every cell of a day counts, so that a day's cells may be taken together.</summary>
    public bool SelectsAll => kinds == ~0 && channels == ~0 && campaigns.Length == 0;

    /// <summary>Adds the cells that the filter selects; days were chosen by the caller.</summary>
    public void Add(ReadOnlySpan<CellKey> keys, ReadOnlySpan<Tally> tallies)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            ref readonly var key = ref keys[i];
            if (!Selects(key))
                continue;
            ref readonly var tally = ref tallies[i];
            if (archived)
                sums.Add(key, tally.ArchivedTotal, tally.ArchivedUnread, tally.ArchivedImportant);
            else
                sums.Add(key, tally.Total, tally.Unread, tally.Important);
        }
    }

    /// <summary>
    /// How many interactions the filter selects in the cells before the next day, from <paramref name="at"/> on, which is moved there.
    /// </summary>
    public long SumOfDay(ReadOnlySpan<CellKey> keys, ReadOnlySpan<Tally> tallies, ref int at)
    {
        // Cells are in the order of days, so a day's sum is complete when the next day begins.
        var (day, sum) = (keys[at].Day, 0L);
        for (; at < keys.Length && keys[at].Day == day; at++)
            sum += Selects(keys[at]) ? CountOf(tallies[at]) : 0;
        return sum;
    }

    /// <summary>The sums of all that was added.</summary>
    public Counts ToCounts()
    {
        var counts = new Counts();
        sums.AddTo(counts);
        return counts;
    }

    private int CountOf(in Tally tally)
    {
        var (all, some) = archived ? (tally.ArchivedTotal, tally.ArchivedImportant) : (tally.Total, tally.Important);
        return important switch { null => all, true => some, false => all - some };
    }

    private bool Selects(in CellKey key) =>
        ((kinds >> (int)key.Kind) & (channels >> (int)key.Channel) & 1) != 0
        && (!needsWpc || key.HasWpc)
        && (campaigns.Length == 0 || Array.IndexOf(campaigns, key.Campaign) >= 0);
}

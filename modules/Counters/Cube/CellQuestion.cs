using Lips.Counters.Cells;
using Lips.Counters.Contracts;

namespace Lips.Counters.Cube;

/// <summary>A filter in the form that sums fast, and the sums.</summary>
internal sealed class CellQuestion
{
    private const int KindsWide = 16;
    private const int ChannelsWide = 8;

    private readonly int kinds;
    private readonly int channels;
    private readonly bool needsWpc;
    private readonly bool archived;
    private readonly long[] campaigns;
    private readonly long[] totals = new long[KindsWide];
    private readonly long[] unread = new long[KindsWide];
    private readonly long[] byChannel = new long[ChannelsWide];

    public CellQuestion(CellFilter filter)
    {
        kinds = filter.Kinds.Count == 0 ? ~0 : filter.Kinds.Aggregate(0, (mask, kind) => mask | (1 << (int)kind));
        channels = filter.Channels.Count == 0 ? ~0 : filter.Channels.Aggregate(0, (mask, channel) => mask | (1 << (int)channel));
        needsWpc = filter.Channels.Count > 0;
        archived = filter.Archived;
        campaigns = [.. filter.Campaigns.Select(c => c.Value)];
        From = filter.From?.DayNumber ?? int.MinValue;
        Until = filter.Until?.DayNumber ?? int.MaxValue;
    }

    /// <summary>The first day that counts.</summary>
    public int From { get; }

    /// <summary>The first day that no longer counts.</summary>
    public int Until { get; }

    /// <summary>Adds the cells that the filter selects; days were chosen by the caller.</summary>
    public void Add(ReadOnlySpan<CellKey> keys, ReadOnlySpan<Tally> tallies)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            ref readonly var key = ref keys[i];
            if (!Selects(key))
                continue;
            ref readonly var tally = ref tallies[i];
            var total = archived ? tally.ArchivedTotal : tally.Total;
            totals[(int)key.Kind] += total;
            unread[(int)key.Kind] += archived ? tally.ArchivedUnread : tally.Unread;
            byChannel[(int)key.Channel] += total;
        }
    }

    /// <summary>Adds how many interactions of each day the filter selects; days were chosen by the caller.</summary>
    public void AddDays(ReadOnlySpan<CellKey> keys, ReadOnlySpan<Tally> tallies, SortedDictionary<int, long> days)
    {
        // Cells are in the order of days, so a day's sum is complete when the next day begins.
        for (var i = 0; i < keys.Length;)
        {
            var (day, sum) = (keys[i].Day, 0L);
            for (; i < keys.Length && keys[i].Day == day; i++)
                sum += Selects(keys[i]) ? archived ? tallies[i].ArchivedTotal : tallies[i].Total : 0;
            if (sum > 0)
                days[day] = days.GetValueOrDefault(day) + sum;
        }
    }

    /// <summary>The sums of all that was added.</summary>
    public Counts ToCounts()
    {
        var counts = new Counts();
        for (var kind = 0; kind < KindsWide; kind++)
            counts.Add((EventKind)kind, totals[kind], unread[kind]);
        for (var channel = Channel.None; channel <= Channel.Other; channel++)
            counts.Add(channel, byChannel[(int)channel]);
        return counts;
    }

    private bool Selects(in CellKey key) =>
        ((kinds >> (int)key.Kind) & (channels >> (int)key.Channel) & 1) != 0
        && (!needsWpc || key.HasWpc)
        && (campaigns.Length == 0 || Array.IndexOf(campaigns, key.Campaign) >= 0);
}

using Lips.Counters.Cells;
using Lips.Counters.Contracts;
using Lips.Kernel;

namespace Lips.Counters.Cube;

/// <summary>A filter in the form that sums fast and that silos send each other.</summary>
[GenerateSerializer, Immutable]
internal sealed class CellQuestion
{
    [Id(0)]
    private readonly int kinds;

    [Id(1)]
    private readonly int channels;

    [Id(2)]
    private readonly bool needsWpc;

    [Id(3)]
    private readonly long[] campaigns;

    [Id(4)]
    private readonly bool? important;

    /// <summary>Puts a filter into this form.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="important">For sums by day: only the important, only the others, or null for all.</param>
    public CellQuestion(CellFilter filter, bool? important = null)
    {
        this.important = important;
        kinds = filter.Kinds.Count == 0 ? ~0 : filter.Kinds.Aggregate(0, (mask, kind) => mask | (1 << (int)kind));
        channels = filter.Channels.Count == 0 ? ~0 : filter.Channels.Aggregate(0, (mask, channel) => mask | (1 << (int)channel));
        needsWpc = filter.Channels.Count > 0;
        campaigns = filter.Campaigns.Count == 0 ? [] : [.. filter.Campaigns.Select(c => c.Value)];
        From = filter.From?.DayNumber ?? int.MinValue;
        Until = filter.Until?.DayNumber ?? int.MaxValue;
        Archived = filter.Archived;
    }

    /// <summary>The first day that counts.</summary>
    [Id(5)]
    public int From { get; }

    /// <summary>The first day that no longer counts.</summary>
    [Id(6)]
    public int Until { get; }

    /// <summary>The archived interactions, or the others.</summary>
    [Id(7)]
    public bool Archived { get; }

    /// <summary>Whether every cell of a day counts, so that a day's cells may be taken together.</summary>
    public bool SelectsWholeDays => kinds == ~0 && channels == ~0 && campaigns.Length == 0;

    /// <summary>Whether every day counts.</summary>
    public bool SelectsAllTime => From == int.MinValue && Until == int.MaxValue;

    /// <summary>Whether a cell counts, its day apart.</summary>
    public bool Selects(in CellKey key) =>
        ((kinds >> (int)key.Kind) & (channels >> (int)key.Channel) & 1) != 0
        && (!needsWpc || key.HasWpc)
        && (campaigns.Length == 0 || Array.IndexOf(campaigns, key.Campaign) >= 0);

    /// <summary>How many interactions of a cell count, for sums by day.</summary>
    public int CountOf(in Tally tally)
    {
        var (all, some) = Archived ? (tally.ArchivedTotal, tally.ArchivedImportant) : (tally.Total, tally.Important);
        return important switch { null => all, true => some, false => all - some };
    }
}

/// <summary>Cells summed by all that answers show.</summary>
[GenerateSerializer]
internal sealed class CellSums
{
    // As many as there can be.
    private const int Kinds = 16;
    private const int Channels = 8;

    /// <summary>The memory that it takes, about.</summary>
    public const int Bytes = ((2 * Kinds) + Channels + 1) * sizeof(long);

    [Id(0)]
    private readonly long[] totals;

    [Id(1)]
    private readonly long[] unread;

    [Id(2)]
    private readonly long[] channels;

    [Id(3)]
    private long important;

    /// <summary>Sums of nothing.</summary>
    public CellSums()
        : this(new long[Kinds], new long[Kinds], new long[Channels], 0)
    {
    }

    private CellSums(long[] totals, long[] unread, long[] channels, long important) =>
        (this.totals, this.unread, this.channels, this.important) = (totals, unread, channels, important);

    /// <summary>The same sums, to be added to.</summary>
    public CellSums Copy() => new([.. totals], [.. unread], [.. channels], important);

    /// <summary>Adds a cell, or a difference: its archived interactions, or the others.</summary>
    public void Add(in CellKey key, in Tally tally, bool archived)
    {
        var (all, unreadOnes, importantOnes) = archived
            ? (tally.ArchivedTotal, tally.ArchivedUnread, tally.ArchivedImportant)
            : (tally.Total, tally.Unread, tally.Important);
        totals[(int)key.Kind] += all;
        unread[(int)key.Kind] += unreadOnes;
        channels[(int)key.Channel] += all;
        important += importantOnes;
    }

    /// <summary>Adds the sums to what is shown.</summary>
    public void AddTo(Counts counts)
    {
        for (var kind = 0; kind < Kinds; kind++)
            counts.Add((EventKind)kind, totals[kind], unread[kind]);
        for (var channel = Channel.None; channel <= Channel.Other; channel++)
            counts.Add(channel, channels[(int)channel]);
        counts.AddImportant(important);
    }
}

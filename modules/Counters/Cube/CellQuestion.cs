using Lips.Counters.Cells;
using Lips.Counters.Contracts;
using Lips.Kernel;

namespace Lips.Counters.Cube;

/// <summary>A filter in the form that sums fast and that silos send each other.</summary>
[GenerateSerializer, Immutable]
internal class CellQuestion
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
    public static CellQuestion Of(CellFilter filter, bool? important = null) =>
        filter.Read is { } read ? new ReadQuestion(filter, read) : new CellQuestion(filter, important);

    protected CellQuestion(CellFilter filter, bool? important)
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
    public int From { get; private set; }

    /// <summary>The first day that no longer counts.</summary>
    [Id(6)]
    public int Until { get; private set; }

    /// <summary>The archived interactions, or the others.</summary>
    [Id(7)]
    public bool Archived { get; }

    /// <summary>The same question for days that lie in its range.</summary>
    /// <param name="from">The first day that counts.</param>
    /// <param name="until">The first day that no longer counts.</param>
    public CellQuestion Within(int from, int until)
    {
        var within = (CellQuestion)MemberwiseClone();
        (within.From, within.Until) = (Math.Max(From, from), Math.Min(Until, until));
        return within;
    }

    /// <summary>Whether every cell of a day counts, so that a day's cells may be taken together.</summary>
    public bool SelectsWholeDays => kinds == ~0 && channels == ~0 && SelectsAllCampaigns;

    /// <summary>Whether the cells of every campaign count alike.</summary>
    public bool SelectsAllCampaigns => campaigns.Length == 0;

    /// <summary>Whether every day counts.</summary>
    public bool SelectsAllTime => From == int.MinValue && Until == int.MaxValue;

    /// <summary>Whether it asks for all that is archived, or for all that is not: the sums that a cube has ready.</summary>
    public virtual bool SelectsAll => SelectsAllTime && SelectsWholeDays;

    /// <summary>Whether a cell counts, its day apart.</summary>
    public bool Selects(in CellKey key) =>
        ((kinds >> (int)key.Kind) & (channels >> (int)key.Channel) & 1) != 0
        && (!needsWpc || key.HasWpc)
        && (campaigns.Length == 0 || Array.IndexOf(campaigns, key.Campaign) >= 0);

    /// <summary>What of a cell counts: its archived interactions, or the others.</summary>
    public virtual Selected Of(in Tally tally) => Archived
        ? new(tally.ArchivedTotal, tally.ArchivedUnread, tally.ArchivedImportant)
        : new(tally.Total, tally.Unread, tally.Important);

    /// <summary>How many interactions of a cell count, for sums by day.</summary>
    public int CountOf(in Tally tally)
    {
        var selected = Of(tally);
        return important switch { null => selected.All, true => selected.Important, false => selected.All - selected.Important };
    }
}

/// <summary>
/// A question for the read or the unread alone. A type of its own, so that a silo of the version before, which would answer for both,
/// cannot read it.
/// </summary>
[GenerateSerializer, Immutable]
internal sealed class ReadQuestion : CellQuestion
{
    [Id(0)]
    private readonly bool read;

    /// <summary>Puts a filter into this form.</summary>
    public ReadQuestion(CellFilter filter, bool read)
        : base(filter, important: null) => this.read = read;

    public override bool SelectsAll => false;

    public override Selected Of(in Tally tally)
    {
        var (all, unread, _) = base.Of(tally);
        return read ? new(all - unread, 0, 0) : new(unread, unread, 0);
    }
}

/// <summary>What a question selects of a cell.</summary>
/// <param name="All">How many interactions.</param>
/// <param name="Unread">How many of them are unread.</param>
/// <param name="Important">How many of them are important.</param>
internal readonly record struct Selected(int All, int Unread, int Important);

/// <summary>Cells summed by all that answers show.</summary>
[GenerateSerializer]
internal sealed class CellSums
{
    // As many as there can be.
    private const int Kinds = 16;
    private const int Channels = 8;

    /// <summary>The memory that it takes, about.</summary>
    public const int Bytes = ((2 * Kinds) + (2 * Channels) + 1) * sizeof(long);

    [Id(0)]
    private readonly long[] totals;

    [Id(1)]
    private readonly long[] unread;

    [Id(2)]
    private readonly long[] channels;

    [Id(3)]
    private long important;

    // A silo of the version before does not tell it.
    [Id(4)]
    private readonly long[]? unreadChannels;

    /// <summary>Sums of nothing.</summary>
    public CellSums()
        : this(new long[Kinds], new long[Kinds], new long[Channels], 0, new long[Channels])
    {
    }

    private CellSums(long[] totals, long[] unread, long[] channels, long important, long[]? unreadChannels) =>
        (this.totals, this.unread, this.channels, this.important, this.unreadChannels) = (
            totals, unread, channels, important, unreadChannels);

    /// <summary>The same sums, to be added to.</summary>
    public CellSums Copy() => new([.. totals], [.. unread], [.. channels], important, unreadChannels is null ? null : [.. unreadChannels]);

    /// <summary>Adds what counts of a cell, or of a difference.</summary>
    public void Add(in CellKey key, in Selected selected)
    {
        totals[(int)key.Kind] += selected.All;
        unread[(int)key.Kind] += selected.Unread;
        channels[(int)key.Channel] += selected.All;
        if (unreadChannels is not null)
            unreadChannels[(int)key.Channel] += selected.Unread;
        important += selected.Important;
    }

    /// <summary>Adds the sums to what is shown.</summary>
    public void AddTo(Counts counts)
    {
        for (var kind = 0; kind < Kinds; kind++)
            counts.Add((EventKind)kind, totals[kind], unread[kind]);
        for (var channel = Channel.None; channel <= Channel.Other; channel++)
            counts.Add(channel, channels[(int)channel], unreadChannels?[(int)channel] ?? 0);
        counts.AddImportant(important);
    }
}

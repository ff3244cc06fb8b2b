using Lips.Counters.Cells;
using Lips.Counters.Contracts;
using Lips.Kernel;

namespace Lips.Counters.Cube;

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

using Lips.Counters.Cells;
using Lips.Counters.Contracts;
using Lips.Kernel;

namespace Lips.Counters.Cube;

/// <summary>All cells of an advertiser summed by what answers show: what most polls ask for, ready.</summary>
internal sealed class CellSummary
{
    /// <summary>Numbers by kind: as many as there can be kinds.</summary>
    public const int KindsWide = 16;

    /// <summary>Numbers by channel: as many as there can be channels.</summary>
    public const int ChannelsWide = 8;

    /// <summary>The memory that it takes.</summary>
    public const int Bytes = 2 * (((2 * KindsWide) + ChannelsWide + 1) * sizeof(long));

    private readonly Part live = new();
    private readonly Part archived = new();

    /// <summary>Adds a difference to the cell of a key.</summary>
    public void Add(in CellKey key, in Tally change)
    {
        live.Add(key, change.Total, change.Unread, change.Important);
        archived.Add(key, change.ArchivedTotal, change.ArchivedUnread, change.ArchivedImportant);
    }

    /// <summary>The archived interactions, or the others.</summary>
    public Part this[bool ofArchived] => ofArchived ? archived : live;

    /// <summary>Sums of interactions.</summary>
    internal sealed class Part
    {
        private readonly long[] totals = new long[KindsWide];
        private readonly long[] unread = new long[KindsWide];
        private readonly long[] channels = new long[ChannelsWide];
        private long important;

        /// <summary>Adds interactions of one key.</summary>
        public void Add(in CellKey key, long total, long unreadOnes, long importantOnes)
        {
            totals[(int)key.Kind] += total;
            unread[(int)key.Kind] += unreadOnes;
            channels[(int)key.Channel] += total;
            important += importantOnes;
        }

        /// <summary>Adds the sums to what is shown.</summary>
        public void AddTo(Counts counts)
        {
            for (var kind = 0; kind < KindsWide; kind++)
                counts.Add((EventKind)kind, totals[kind], unread[kind]);
            for (var channel = Channel.None; channel <= Channel.Other; channel++)
                counts.Add(channel, channels[(int)channel]);
            counts.AddImportant(important);
        }
    }
}

using Lips.Kernel;

namespace Lips.Counters.Cells;

/// <summary>What a cell counts: a row's key in <c>counters.cells</c>, without the advertiser. Ordered by day first.</summary>
/// <param name="Day">Days since 0001-01-01, <see cref="DateOnly.DayNumber"/>.</param>
/// <param name="Campaign">The campaign's value; 0 for none.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Channel">The channel.</param>
/// <param name="HasWpc">Whether the interactions have a wpc_id.</param>
[GenerateSerializer, Immutable]
internal readonly record struct CellKey(int Day, long Campaign, EventKind Kind, Channel Channel, bool HasWpc) : IComparable<CellKey>
{
    public int CompareTo(CellKey other)
    {
        var order = Day.CompareTo(other.Day);
        if (order == 0)
            order = Campaign.CompareTo(other.Campaign);
        return order != 0 ? order : Rest.CompareTo(other.Rest);
    }

    // An odd number whose bits are as those of a random one.
    private const ulong Spread = 0x9E3779B97F4A7C15;

    // Of these, cubes are made of hundreds of thousands: the compiler's own ask a comparer for each member.
    public bool Equals(CellKey other) => Day == other.Day && Campaign == other.Campaign && Rest == other.Rest;

    public override int GetHashCode() =>
        (int)(((((ulong)Campaign * Spread) ^ ((ulong)(uint)Day << 16) ^ (uint)Rest) * Spread) >> 32);

    private int Rest => ((short)Kind << 8) | ((short)Channel << 1) | (HasWpc ? 1 : 0);
}

/// <summary>The six numbers of a cell, or a difference between two of them.</summary>
[GenerateSerializer, Immutable]
internal readonly record struct Tally(int Total, int Unread, int Important, int ArchivedTotal, int ArchivedUnread, int ArchivedImportant)
{
    public static Tally operator +(in Tally a, in Tally b) => new(
        a.Total + b.Total, a.Unread + b.Unread, a.Important + b.Important,
        a.ArchivedTotal + b.ArchivedTotal, a.ArchivedUnread + b.ArchivedUnread, a.ArchivedImportant + b.ArchivedImportant);

    public static Tally operator -(in Tally a, in Tally b) => a + -b;

    public static Tally operator -(in Tally a) =>
        new(-a.Total, -a.Unread, -a.Important, -a.ArchivedTotal, -a.ArchivedUnread, -a.ArchivedImportant);
}

/// <summary>What is added to a cell; of one that was not there, what it has.</summary>
/// <param name="Key">The cell.</param>
/// <param name="Difference">The numbers.</param>
[GenerateSerializer, Immutable]
internal readonly record struct CellChange(CellKey Key, Tally Difference);

using System.Buffers;
using Lips.Counters.Cells;
using Lips.Kernel;

namespace Lips.Counters.Cube;

/// <summary>
/// Cells as few bytes, five for most: each is written by how it differs from the one before, and without its zeros. First comes their
/// number; then of each a byte that says what follows, the distance from the last day, that from the last campaign, kind and channel, and
/// the numbers.
/// </summary>
internal static class PackedCells
{
    // The bits below say which of the six numbers are not zero.
    private const int AnotherDay = 64;
    private const int AnotherCampaign = 128;

    // Of what follows a cell's first byte: 5 for the day, 10 for the campaign, 1, and 5 for each number.
    private const int MostBytes = 47;

    /// <summary>Packs cells, which are in the order of their keys.</summary>
    public static byte[] Pack(IReadOnlyCollection<CellChange> cells)
    {
        var packed = new ArrayBufferWriter<byte>(16 + (6 * cells.Count));
        Span<byte> one = stackalloc byte[MostBytes + 1];
        packed.Write(one[..Put(one, 0, (uint)cells.Count)]);
        var (day, campaign) = (0, 0L);
        foreach (var (key, tally) in cells)
        {
            ReadOnlySpan<int> numbers =
                [tally.Total, tally.Unread, tally.Important, tally.ArchivedTotal, tally.ArchivedUnread, tally.ArchivedImportant];
            var (what, at) = (0, 1);
            if (key.Day != day)
            {
                what |= AnotherDay;
                at = Put(one, at, (uint)(key.Day - day));
            }

            if (key.Campaign != campaign)
            {
                what |= AnotherCampaign;
                var distance = key.Campaign - campaign;
                at = Put(one, at, (ulong)((distance << 1) ^ (distance >> 63)));
            }

            (day, campaign) = (key.Day, key.Campaign);
            one[at++] = (byte)(((int)key.Kind << 4) | ((int)key.Channel << 1) | (key.HasWpc ? 1 : 0));
            for (var i = 0; i < numbers.Length; i++)
            {
                if (numbers[i] == 0)
                    continue;
                what |= 1 << i;
                at = Put(one, at, (uint)numbers[i]);
            }

            one[0] = (byte)what;
            packed.Write(one[..at]);
        }

        return packed.WrittenSpan.ToArray();
    }

    /// <summary>The cells, in the order of their keys.</summary>
    /// <exception cref="InvalidDataException">These are not packed cells.</exception>
    public static CellChange[] Unpack(ReadOnlySpan<byte> packed)
    {
        var at = 0;
        var count = Take(packed, ref at);
        // Each takes two bytes at least: no more room is made than there can be cells.
        if (count > (ulong)packed.Length / 2)
            throw new InvalidDataException("There are more cells than bytes.");
        var cells = new CellChange[count];
        Span<int> numbers = stackalloc int[6];
        var (day, campaign) = (0, 0L);
        for (var cell = 0; cell < cells.Length; cell++)
        {
            int what = Byte(packed, ref at);
            if ((what & AnotherDay) != 0)
                day += (int)Take(packed, ref at);
            if ((what & AnotherCampaign) != 0)
            {
                var distance = Take(packed, ref at);
                campaign += (long)(distance >> 1) ^ -(long)(distance & 1);
            }

            int rest = Byte(packed, ref at);
            for (var i = 0; i < numbers.Length; i++)
                numbers[i] = (what & (1 << i)) == 0 ? 0 : (int)Take(packed, ref at);
            cells[cell] = new CellChange(
                new CellKey(day, campaign, (EventKind)(rest >> 4), (Channel)((rest >> 1) & 7), (rest & 1) != 0),
                new Tally(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]));
        }

        return at == packed.Length ? cells : throw new InvalidDataException("There are more bytes than cells.");
    }

    private static int Put(Span<byte> bytes, int at, ulong value)
    {
        for (; value >= 128; value >>= 7)
            bytes[at++] = (byte)(value | 128);
        bytes[at++] = (byte)value;
        return at;
    }

    private static ulong Take(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Byte(bytes, ref at);
            value |= (ulong)(part & 127) << shift;
            if (part < 128)
                return value;
        }

        throw new InvalidDataException("A number does not end.");
    }

    private static byte Byte(ReadOnlySpan<byte> bytes, ref int at) =>
        at < bytes.Length ? bytes[at++] : throw new InvalidDataException("The cells do not end.");
}

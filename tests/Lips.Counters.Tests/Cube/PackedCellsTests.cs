using Lips.Counters.Cells;
using Lips.Counters.Cube;
using Lips.Kernel;
using Xunit;

namespace Lips.Counters.Tests.Cube;

/// <summary>Cells come out of their packed form as they went in, or not at all.</summary>
public sealed class PackedCellsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5_000)]
    public void Cells_come_out_as_they_went_in(int count)
    {
        var cells = Cells(count);
        Assert.Equal(cells, PackedCells.Unpack(PackedCells.Pack(cells)));
    }

    [Fact]
    public void Most_cells_take_five_bytes()
    {
        var cells = Enumerable.Range(0, 1000).Select(n => new CellChange(
            new CellKey(739_000 + (n / 4), 7, EventKind.Call, (Channel)(n % 4), true), new Tally(1 + (n % 100), 3, 0, 0, 0, 0))).ToList();
        Assert.InRange(PackedCells.Pack(cells).Length, 4 * cells.Count, 5 * cells.Count);
    }

    [Fact]
    public void Of_what_was_cut_off_or_added_to_nothing_comes_out()
    {
        var packed = PackedCells.Pack(Cells(50));
        for (var length = 0; length < packed.Length; length++)
            Assert.Throws<InvalidDataException>(() => PackedCells.Unpack(packed.AsSpan(0, length)));
        Assert.Throws<InvalidDataException>(() => PackedCells.Unpack([.. packed, 0]));
        Assert.Throws<InvalidDataException>(() => PackedCells.Unpack(Enumerable.Repeat((byte)255, 100).ToArray()));
    }

    private static List<CellChange> Cells(int count)
    {
        var random = new Random(count);
        int[] numbers = [0, 0, 1, 127, 128, 70_000, int.MaxValue, -1];
        return [.. Enumerable.Range(0, count).Select(_ => new CellChange(
            new CellKey(
                random.Next(0, 800_000), random.Next(3) == 0 ? random.NextInt64(long.MinValue, long.MaxValue) : random.Next(2),
                (EventKind)random.Next(16), (Channel)random.Next(6), random.Next(2) == 0),
            new Tally(Number(), Number(), Number(), Number(), Number(), Number()))).OrderBy(cell => cell.Key)];

        int Number() => numbers[random.Next(numbers.Length)];
    }
}

using Lips.Counters.Cells;
using Lips.Counters.Contracts;
using Lips.Counters.Cube;
using Lips.Kernel;
using Xunit;

namespace Lips.Counters.Tests.Cube;

/// <summary>Finding the day on which a row stands, and knowing whether that day has changed.</summary>
public sealed class DayTests
{
    private const int FirstDay = 730_000;
    private const int Days = 400;

    [Theory]
    [InlineData(1, 30)]
    [InlineData(2, 400)]
    [InlineData(3, 6_000)]
    public void The_day_of_a_row_is_found_whatever_is_filtered_and_however_many_advertisers_there_are(int seed, int cells)
    {
        var random = new Random(seed);
        var truth = new List<(CellKey Key, Tally Tally)>();
        var cubes = new AdvertiserCube?[] { NewCube(random, cells, truth), null, NewCube(random, cells / 3, truth) };
        var reading = Of(cubes);
        var asked = 0;
        for (var i = 0; i < 300; i++)
        {
            var (filter, important, descending) = (NewFilter(random), random.Next(3) switch { 0 => true, 1 => (bool?)false, _ => null },
                random.Next(2) == 0);
            var rows = Rows(truth, filter, important);
            if (rows.Count == 0)
                continue;
            asked++;
            if (descending)
                rows.Reverse();
            var skip = random.Next(4) switch { 0 => 0, 1 => rows.Count - 1, _ => random.Next(rows.Count) };

            var found = reading.FindDay(filter, important, descending, skip, reading.Versions);

            var (day, first) = (rows[skip], rows.IndexOf(rows[skip]));
            Assert.Equal(new LiveDay(DateOnly.FromDayNumber(day), skip - first, rows.LastIndexOf(day) + 1 - first), found);
        }

        Assert.True(asked > 50, $"Only {asked} questions had rows.");
    }

    [Fact]
    public void No_day_is_found_once_the_counters_have_another_version_than_what_was_counted()
    {
        var cube = new AdvertiserCube(1);
        cube.Apply(1, [Cell(FirstDay, 5)]);
        var reading = Of(cube);
        var counted = reading.Count(new CellFilter());
        Assert.NotNull(reading.FindDay(new CellFilter(), null, true, 4, counted.Versions));

        cube.Apply(2, []);

        Assert.Null(reading.FindDay(new CellFilter(), null, true, 4, counted.Versions));
    }

    [Fact]
    public void What_was_read_of_a_day_lasts_until_a_cell_of_that_day_changes_or_the_cube_is_another()
    {
        var cube = new AdvertiserCube(1);
        cube.Apply(7, [Cell(FirstDay, 5), Cell(FirstDay + 1, 5)]);
        var mark = Of(cube, null).Mark([7, 0]);
        Assert.True(IsUnchanged(cube, mark));

        cube.Apply(8, [Cell(FirstDay + 1, 6)]);
        Assert.True(IsUnchanged(cube, mark));

        // As many as before, but not the same.
        cube.Apply(9, [Cell(FirstDay, 5)]);
        Assert.False(IsUnchanged(cube, mark));
        Assert.True(IsUnchanged(cube, Of(cube, null).Mark([9, 0])));

        // The same version of another cube may be of another history.
        var other = new AdvertiserCube(1);
        other.Apply(7, [Cell(FirstDay, 5)]);
        Assert.False(IsUnchanged(other, mark));
        Assert.False(Of(cube, other).IsUnchanged(DateOnly.FromDayNumber(FirstDay + 5), Of(cube, null).Mark([9, 0])));
    }

    [Fact]
    public void A_cube_that_many_days_changed_in_takes_all_days_for_changed_and_keeps_its_size()
    {
        var cube = new AdvertiserCube(1);
        cube.Apply(1, [Cell(FirstDay, 5)]);
        var mark = Of(cube).Mark([1]);
        for (var version = 2; version <= 3_000; version++)
            cube.Apply(version, [Cell(FirstDay + 1 + (version % 500), version)]);

        Assert.True(cube.ChangedAt(FirstDay) is > 1 and <= 3_000);
        Assert.False(Of(cube).IsUnchanged(DateOnly.FromDayNumber(FirstDay), mark));
        Assert.Equal(3_000, cube.ChangedAt(FirstDay + 1 + (3_000 % 500)));
        // Some hundred cells by day and by month take 60 kB; 3,000 changes remembered one by one would add 120.
        Assert.InRange(cube.Bytes, 1, 100_000);
    }

    private static LiveReading Of(params AdvertiserCube?[] cubes) => new("", cubes);

    private static bool IsUnchanged(AdvertiserCube cube, DayMark mark) =>
        Of(cube, null).IsUnchanged(DateOnly.FromDayNumber(FirstDay), mark);

    private static (CellKey Key, Tally Tally) Cell(int day, int total) =>
        (new CellKey(day, 0, EventKind.Call, Channel.None, false), new Tally(total, 0, 0, 0, 0, 0));

    private static AdvertiserCube NewCube(Random random, int cells, List<(CellKey Key, Tally Tally)> truth)
    {
        var made = new Dictionary<CellKey, Tally>();
        for (var i = 0; i < cells; i++)
        {
            var (total, archived) = (random.Next(4), random.Next(3));
            made[new CellKey(
                FirstDay + random.Next(Days),
                random.Next(3) == 0 ? 0 : Campaign(random.Next(1, 4)),
                (EventKind)random.Next(1, 16),
                (Channel)random.Next(6),
                random.Next(2) == 0)] =
                new Tally(total, 0, random.Next(total + 1), archived, 0, random.Next(archived + 1));
        }

        var cube = new AdvertiserCube(1);
        // In two steps, so that the tables of a large cube are made on the way as well.
        cube.Apply(1, [.. made.Take(made.Count / 3).Select(c => (c.Key, c.Value))]);
        cube.Apply(2, [.. made.Skip(made.Count / 3).Select(c => (c.Key, c.Value))]);
        truth.AddRange(made.Select(c => (c.Key, c.Value)));
        return cube;
    }

    private static CellFilter NewFilter(Random random) => new()
    {
        Campaigns = random.Next(3) > 0 ? [] : [GlobalId.FromValue(Campaign(random.Next(1, 4)))],
        Kinds = random.Next(3) > 0 ? [] : [(EventKind)random.Next(1, 16), (EventKind)random.Next(1, 16)],
        Channels = random.Next(3) > 0 ? [] : [(Channel)random.Next(6)],
        From = random.Next(2) == 0 ? null : DateOnly.FromDayNumber(FirstDay + random.Next(Days)),
        Until = random.Next(2) == 0 ? null : DateOnly.FromDayNumber(FirstDay + random.Next(Days)),
        Archived = random.Next(3) == 0,
    };

    /// <summary>The day of each row, in order.</summary>
    private static List<int> Rows(List<(CellKey Key, Tally Tally)> cells, CellFilter filter, bool? important) =>
    [
        .. from cell in cells
           let key = cell.Key
           where (filter.Campaigns.Count == 0 || filter.Campaigns.Any(id => id.Value == key.Campaign))
               && (filter.Kinds.Count == 0 || filter.Kinds.Contains(key.Kind))
               && (filter.Channels.Count == 0 || (filter.Channels.Contains(key.Channel) && key.HasWpc))
               && (filter.From is not { } since || key.Day >= since.DayNumber)
               && (filter.Until is not { } before || key.Day < before.DayNumber)
           let all = filter.Archived ? cell.Tally.ArchivedTotal : cell.Tally.Total
           let some = filter.Archived ? cell.Tally.ArchivedImportant : cell.Tally.Important
           from row in Enumerable.Repeat(key.Day, important switch { null => all, true => some, false => all - some })
           orderby row
           select row,
    ];

    private static long Campaign(int number) => GlobalId.TryParse($"USA_{number}", out var id) ? id.Value : 0;
}

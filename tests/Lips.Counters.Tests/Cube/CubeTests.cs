using Lips.Counters.Cells;
using Lips.Counters.Contracts;
using Lips.Counters.Cube;
using Lips.Kernel;
using Xunit;

namespace Lips.Counters.Tests.Cube;

public sealed class CubeTests
{
    private static readonly long[] Campaigns = [0, Campaign(1), Campaign(2), Campaign(3)];

    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 400)]
    [InlineData(3, 6_000)]
    public void A_cube_sums_what_its_cells_hold_after_any_differences(int seed, int cells)
    {
        var random = new Random(seed);
        var truth = new Dictionary<CellKey, Tally>();
        var cube = AdvertiserCube.Of(0, []);
        for (var version = 1; version <= 12; version++)
        {
            var changed = RandomCells(random, cells / 12);

            // As a query reads cells; what a writer tells are differences.
            cube = version % 2 == 0
                ? cube.With(version, cube.DifferencesTo(changed))
                : cube.With(version, [.. changed.Select(c => c with { Difference = c.Difference - truth.GetValueOrDefault(c.Key) })]);

            foreach (var (key, tally) in changed)
                truth[key] = tally;
            Assert.Equal(version, cube.Version);
            for (var i = 0; i < 20; i++)
                AssertSums(truth, cube, RandomFilter(random));
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Every_version_with_few_changes_behind_it_is_known_exactly_and_none_beyond(int seed)
    {
        var random = new Random(seed);
        var truth = RandomCells(random, 1_900).ToDictionary(c => c.Key, c => c.Difference);
        var cube = AdvertiserCube.Of(10, [.. truth.Select(c => new CellChange(c.Key, c.Value))]);
        var earlier = new List<(long Version, int Changes, Dictionary<CellKey, Tally> Truth)> { (10, 0, new(truth)) };
        var known = 0;
        for (var version = 11; version <= 400; version++)
        {
            // Some versions count nothing, as when a note is written; some are an import.
            var changes = RandomCells(random, random.Next(60) == 0 ? 300 : random.Next(4));
            cube = cube.With(version, changes);
            foreach (var (key, difference) in changes)
                truth[key] = truth.GetValueOrDefault(key) + difference;
            earlier.Add((version, changes.Count, new(truth)));

            Assert.Null(cube.At(version + 1));
            Assert.Null(cube.At(9));
            var behind = 0;
            for (var back = earlier.Count - 1; back >= 0 && earlier.Count - back < 100; back--)
            {
                var (then, count, truthThen) = earlier[back];
                var atThen = cube.At(then);
                Assert.True(atThen is not null || behind >= 64, $"{then} is not known at {version}, only {behind} changes later.");
                behind += count;
                known += atThen is null ? 0 : 1;
                // To count anew takes a while.
                if (atThen is null || random.Next(8) > 0)
                    continue;
                Assert.Equal(then, atThen.Version);
                AssertSums(truthThen, atThen, RandomFilter(random));
                AssertSums(truthThen, atThen, new CellFilter());
            }
        }

        Assert.True(known > 3_000, $"Only {known} earlier versions were known.");
    }

    [Fact]
    public void Versions_that_were_skipped_are_not_known()
    {
        var cube = AdvertiserCube.Of(3, [Cell(5)]).With(4, [Cell(1)]).With(9, [Cell(1)]).With(10, [Cell(1)]);

        Assert.Equal([4, 5, 8], new[] { 4, 5, 8, 9, 10 }.Where(version => cube.At(version) is null));
        Assert.Equal((7, 8), (TotalOf(cube.At(9)!), TotalOf(cube.At(10)!)));
    }

    [Fact]
    public void Changes_of_one_version_stay_together_however_many_there_are()
    {
        var cube = AdvertiserCube.Of(1, [Cell(5)]);
        for (var version = 2; version <= 21; version++)
        {
            // Each version fills what is kept apart, so that it is put into the tables somewhere amid a version.
            cube = cube.With(version, [.. Enumerable.Range(0, 50).Select(_ => Cell(1))]);
            foreach (var before in new[] { version, version - 1 })
                Assert.Equal(5 + (50 * (before - 1)), TotalOf(cube.At(before)!));
            for (var before = 1; before < version; before++)
                Assert.True(cube.At(before) is not { } then || TotalOf(then) == 5 + (50 * (before - 1)));
        }
    }

    [Fact]
    public void A_snapshot_stays_the_same_however_the_cube_changes_meanwhile()
    {
        var cube = AdvertiserCube.Of(1, [Cell(5)]);
        var snapshots = new List<AdvertiserCube> { cube };
        var question = CellQuestion.Of(new CellFilter { Kinds = [EventKind.Call] });
        using var enough = new ManualResetEventSlim();
        var reading = Task.Run(() =>
        {
            var reads = 0;
            for (; !enough.IsSet || reads == 0; reads++)
            {
                var last = Volatile.Read(ref cube);
                Assert.Equal(4 + last.Version, CallsOf(last, question));
                Assert.True(last.At(last.Version - 1) is not { } then || CallsOf(then, question) == 3 + last.Version);
            }
        });

        for (var version = 2; version <= 2_000; version++)
        {
            Volatile.Write(ref cube, cube.With(version, [Cell(1)]));
            if (version % 100 == 0)
                snapshots.Add(cube);
        }

        enough.Set();
        reading.GetAwaiter().GetResult();
        Assert.All(snapshots, snapshot => Assert.Equal(4 + snapshot.Version, CallsOf(snapshot, question)));
        Assert.All(snapshots, snapshot => Assert.Equal(4 + snapshot.Version, TotalOf(snapshot)));
    }

    [Fact]
    public void Cells_that_were_read_and_changes_that_were_told_meanwhile_are_counted_once()
    {
        // A query has read version 3, and was overtaken by what a writer told of version 2.
        var cube = AdvertiserCube.Of(1, [Cell(5)]).With(2, [Cell(2)]);

        Assert.Equal(10, TotalOf(cube.With(3, cube.DifferencesTo([Cell(10)]))));
    }

    private static CellChange Cell(int total) =>
        new(new CellKey(700_000, 0, EventKind.Call, Channel.Search, true), new Tally(total, 0, 0, 0, 0, 0));

    private static long Campaign(int number) => GlobalId.TryParse($"USA_{number}", out var id) ? id.Value : 0;

    private static List<CellChange> RandomCells(Random random, int count)
    {
        var cells = new Dictionary<CellKey, Tally>();
        for (var i = 0; i < count; i++)
            cells[RandomKey(random)] = new Tally(
                random.Next(9), random.Next(9), random.Next(9), random.Next(9), random.Next(9), random.Next(9));
        return [.. cells.Select(c => new CellChange(c.Key, c.Value))];
    }

    private static CellKey RandomKey(Random random) => new(
        730_000 + random.Next(700), Campaigns[random.Next(4)], (EventKind)random.Next(1, 16), (Channel)random.Next(6), random.Next(2) == 0);

    private static CellFilter RandomFilter(Random random) => new()
    {
        Campaigns = random.Next(2) == 0
            ? []
            : [GlobalId.FromValue(Campaigns[random.Next(1, 4)]), GlobalId.FromValue(Campaigns[random.Next(1, 4)])],
        Kinds = random.Next(2) == 0 ? [] : [(EventKind)random.Next(1, 16), (EventKind)random.Next(1, 16)],
        Channels = random.Next(2) == 0 ? [] : [(Channel)random.Next(6)],
        From = random.Next(2) == 0 ? null : DateOnly.FromDayNumber(730_000 + random.Next(700)),
        Until = random.Next(2) == 0 ? null : DateOnly.FromDayNumber(730_000 + random.Next(700)),
        Archived = random.Next(3) == 0,
    };

    private static void AssertSums(Dictionary<CellKey, Tally> cells, AdvertiserCube cube, CellFilter filter)
    {
        var counts = CountsOf(cube, CellQuestion.Of(filter));
        var selected = cells.Where(c => IsSelected(filter, c.Key)).ToList();
        Assert.Equal(selected.Sum(c => filter.Archived ? c.Value.ArchivedTotal : (long)c.Value.Total), counts.Events);
        Assert.Equal(selected.Sum(c => filter.Archived ? c.Value.ArchivedUnread : (long)c.Value.Unread), counts.Unread.Events);
        Assert.Equal(selected.Sum(c => filter.Archived ? c.Value.ArchivedImportant : (long)c.Value.Important), counts.Important);
        Assert.Equal(
            selected.Where(c => c.Key.Channel == Channel.Social).Sum(c => filter.Archived ? c.Value.ArchivedTotal : (long)c.Value.Total),
            counts.Of(Channel.Social));
        AssertRanges(selected, cube, filter);
    }

    // What series ask for, over months and parts of them.
    private static void AssertRanges(List<KeyValuePair<CellKey, Tally>> selected, AdvertiserCube cube, CellFilter filter)
    {
        int[] bounds = [729_990, 730_200, 730_201, 730_333, 730_334, 730_690];
        Assert.Equal(
            bounds.Zip(bounds.Skip(1), (from, until) => selected.Where(c => c.Key.Day >= from && c.Key.Day < until)
                .Sum(c => filter.Archived ? c.Value.ArchivedTotal : (long)c.Value.Total)),
            cube.SumRanges(CellQuestion.Of(filter), bounds).Select(sums =>
            {
                var counts = new Counts();
                sums.AddTo(counts);
                return counts.Events;
            }));
    }

    private static bool IsSelected(CellFilter filter, in CellKey key)
    {
        var campaign = key.Campaign;
        return (filter.Campaigns.Count == 0 || filter.Campaigns.Any(id => id.Value == campaign))
            && (filter.Kinds.Count == 0 || filter.Kinds.Contains(key.Kind))
            && (filter.Channels.Count == 0 || (filter.Channels.Contains(key.Channel) && key.HasWpc))
            && (filter.From is not { } from || key.Day >= from.DayNumber)
            && (filter.Until is not { } until || key.Day < until.DayNumber);
    }

    private static Counts CountsOf(AdvertiserCube cube, CellQuestion question)
    {
        var counts = new Counts();
        cube.Sum(question).AddTo(counts);
        return counts;
    }

    private static long TotalOf(AdvertiserCube cube) => CountsOf(cube, CellQuestion.Of(new CellFilter())).Events;

    private static long CallsOf(AdvertiserCube cube, CellQuestion question) => CountsOf(cube, question).Totals.Calls;
}

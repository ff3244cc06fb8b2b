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
        var cube = new AdvertiserCube(1);
        for (var version = 1; version <= 12; version++)
        {
            var changed = new Dictionary<CellKey, Tally>();
            for (var i = 0; i < cells / 12; i++)
                changed[RandomKey(random)] = new Tally(
                    random.Next(9), random.Next(9), random.Next(9), random.Next(9), random.Next(9), random.Next(9));
            foreach (var (key, tally) in changed)
                truth[key] = tally;

            cube.Apply(version, [.. changed.Select(c => (c.Key, c.Value))]);

            for (var i = 0; i < 20; i++)
            {
                var filter = RandomFilter(random);
                var question = new CellQuestion(filter);
                Assert.Equal(version, cube.Sum(question));
                Assert.Equal(Sum(truth, filter), question.ToCounts().Events);
            }
        }
    }

    [Fact]
    public void An_answer_that_was_overtaken_on_its_way_changes_nothing()
    {
        var cube = new AdvertiserCube(1);
        var key = new CellKey(700_000, 0, EventKind.Call, Channel.Search, true);
        cube.Apply(5, [(key, new Tally(7, 0, 0, 0, 0, 0))]);

        cube.Apply(4, [(key, new Tally(1, 0, 0, 0, 0, 0))]);

        var question = new CellQuestion(new CellFilter());
        Assert.Equal(5, cube.Sum(question));
        Assert.Equal(7, question.ToCounts().Events);
    }

    [Fact]
    public void A_store_over_its_budget_forgets_the_cube_asked_for_the_longest_ago()
    {
        var store = new CubeStore(10_000);
        for (var advertiser = 1L; advertiser <= 40; advertiser++)
        {
            store.FindOrAdd(advertiser)
                .Apply(1, [(new CellKey(700_000, 0, EventKind.Call, Channel.None, false), new Tally(1, 1, 0, 0, 0, 0))]);
            store.Resized(advertiser);
        }

        Assert.InRange(store.Bytes, 1, 10_000);
        Assert.Equal(1, store.FindOrAdd(40).Version);
    }

    private static long Campaign(int number) => GlobalId.TryParse($"USA_{number}", out var id) ? id.Value : 0;

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

    private static long Sum(Dictionary<CellKey, Tally> cells, CellFilter filter) => cells
        .Where(c => filter.Campaigns.Count == 0 || filter.Campaigns.Any(id => id.Value == c.Key.Campaign))
        .Where(c => filter.Kinds.Count == 0 || filter.Kinds.Contains(c.Key.Kind))
        .Where(c => filter.Channels.Count == 0 || (filter.Channels.Contains(c.Key.Channel) && c.Key.HasWpc))
        .Where(c => filter.From is not { } from || c.Key.Day >= from.DayNumber)
        .Where(c => filter.Until is not { } until || c.Key.Day < until.DayNumber)
        .Sum(c => filter.Archived ? c.Value.ArchivedTotal : (long)c.Value.Total);
}

using Lips.Counters.Cells;
using Lips.Counters.Contracts;
using Lips.Counters.Cube;
using Lips.Counters.Tests.Grains;
using Lips.Kernel;
using Lips.Testing;
using Npgsql;
using NpgsqlTypes;
using Xunit;

namespace Lips.Counters.Tests.Cube;

/// <summary>Finding the day on which a row stands, and knowing whether that day has changed.</summary>
public sealed class DayTests : IAsyncLifetime
{
    private const int FirstDay = 730_000;
    private const int Days = 400;

    private string database = "";
    private TestSilo? silo;

    private TestSilo Silo => silo!;

    public async Task InitializeAsync()
    {
        database = await TestPostgres.NewDatabaseAsync();
        silo = new TestSilo(database);
    }

    public async Task DisposeAsync() => await Silo.DisposeAsync();

    [Theory]
    [InlineData(1, 30)]
    [InlineData(2, 400)]
    [InlineData(3, 6_000)]
    public async Task The_day_of_a_row_is_found_whatever_is_filtered_and_however_many_advertisers_there_are(int seed, int cells)
    {
        var random = new Random(seed);
        var truth = new List<CellChange>();
        foreach (var (advertiser, count) in new[] { (1, cells), (3, cells / 3) })
            truth.AddRange(await WriteAsync(advertiser, RandomCells(random, count)));
        var (counters, reading) = await ReadAsync(1, 2, 3);
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

            var found = await counters.FindDayAsync(reading, filter, important, descending, skip, CancellationToken.None);

            var (day, first) = (rows[skip], rows.IndexOf(rows[skip]));
            Assert.Equal(
                (DateOnly.FromDayNumber(day), skip - first, rows.LastIndexOf(day) + 1 - first), (found!.Day, found.Before, found.Count));
        }

        Assert.True(asked > 50, $"Only {asked} questions had rows.");
    }

    [Theory]
    [InlineData(30)]
    [InlineData(4_000)]
    public async Task A_list_may_begin_at_the_last_day_of_the_calendar(int cells)
    {
        await WriteAsync(1, RandomCells(new Random(4), cells));
        var (counters, reading) = await ReadAsync(1);
        var calls = new CellFilter { Kinds = [EventKind.Call] };

        var found = await counters.FindDaysAsync(reading, calls, descending: true, DateOnly.MaxValue, rows: 3, CancellationToken.None);

        Assert.NotEmpty(found!);
        Assert.Equal(await counters.FindDaysAsync(reading, calls, descending: true, null, rows: 3, CancellationToken.None), found);
    }

    [Fact]
    public async Task A_day_is_found_as_it_was_counted_though_the_counters_have_changed()
    {
        for (var i = 0; i < 5; i++)
            await AddAsync(FirstDay);
        var (counters, before) = await ReadAsync(1);
        await AddAsync(FirstDay);
        await AddAsync(FirstDay + 1);
        var (_, after) = await ReadAsync(1);

        Assert.Equal((FirstDay, 4, 5), await FindAsync(before));
        Assert.Equal((FirstDay, 3, 6), await FindAsync(after));

        async Task<(int, long, long)> FindAsync(LiveReading reading)
        {
            var day = await counters.FindDayAsync(reading, new CellFilter(), null, descending: true, skip: 4, CancellationToken.None);
            return (day!.Day.DayNumber, day.Before, day.Count);
        }
    }

    [Fact]
    public async Task What_was_read_of_a_day_lasts_until_a_cell_of_that_day_changes_or_the_hold_is_another()
    {
        await AddAsync(FirstDay);
        await AddAsync(FirstDay, isArchived: true);
        await AddAsync(FirstDay + 1);
        var mark = await MarkAsync();
        Assert.True(await IsUnchangedAsync(mark));

        await AddAsync(FirstDay + 1);
        await Silo.WriteAsync(2, write => write.Changed(Usa(2)));
        Assert.True(await IsUnchangedAsync(mark));

        // As many as before, but not the same.
        await Silo.WriteAsync(1, write =>
        {
            write.Changed(Of(FirstDay, isArchived: false), Of(FirstDay, isArchived: true));
            write.Changed(Of(FirstDay, isArchived: true), Of(FirstDay, isArchived: false));
        });
        Assert.False(await IsUnchangedAsync(mark));
        mark = await MarkAsync();
        Assert.True(await IsUnchangedAsync(mark));

        // The same version of another hold may be of another history.
        await Silo.HoldAsync(2);
        Assert.False(await IsUnchangedAsync(mark));
    }

    [Fact]
    public void A_cube_that_many_days_changed_in_takes_all_days_for_changed_and_keeps_its_size()
    {
        var cube = AdvertiserCube.Of(1, [Cell(FirstDay, 5)]);
        Assert.Equal(1, cube.ChangedAt(FirstDay));
        for (var version = 2; version <= 3_000; version++)
            cube = cube.With(version, [Cell(FirstDay + 1 + (version % 500), version)]);

        Assert.True(cube.ChangedAt(FirstDay) is > 1 and <= 3_000);
        Assert.Equal(3_000, cube.ChangedAt(FirstDay + 1 + (3_000 % 500)));
        // Some hundred cells by day and by month take 60 kB; 3,000 changes remembered one by one would add 120.
        Assert.InRange(cube.Bytes, 1, 100_000);
    }

    private static CellChange Cell(int day, int total) =>
        new(new CellKey(day, 0, EventKind.Call, Channel.None, false), new Tally(total, 0, 0, 0, 0, 0));

    private static GlobalId Usa(int number) => GlobalId.FromValue(CounterRows.Usa(number));

    private static CountedInteraction Of(int day, bool isArchived) => new(
        Usa(1), DateOnly.FromDayNumber(day).ToDateTime(new TimeOnly(12, 0), DateTimeKind.Utc), null, EventKind.Call, Channel.None,
        HasWpc: false, Read: false, Important: false, isArchived);

    private Task AddAsync(int day, bool isArchived = false) => Silo.WriteAsync(1, write => write.Added(Of(day, isArchived)));

    /// <summary>Reads the counters of advertisers that are held, or are from now on.</summary>
    private async Task<(LiveCounters Counters, LiveReading Reading)> ReadAsync(params int[] advertisers)
    {
        foreach (var advertiser in advertisers)
        {
            if (Silo.Holds.Find(CounterRows.Usa(advertiser)) is not { } hold)
                await Silo.HoldAsync(advertiser);
            else
                await Wait.UntilAsync(() => hold.TryServe(out _));
        }

        var counters = Silo.Counters(TimeSpan.FromSeconds(30));
        return (counters, await counters.ReadAsync([.. advertisers.Select(Usa)], new CellFilter(), CancellationToken.None));
    }

    private async Task<DayMark> MarkAsync()
    {
        var (day, versions) = await DayAsync();
        return day.Mark(versions);
    }

    private async Task<bool> IsUnchangedAsync(DayMark mark) => (await DayAsync()).Day.IsUnchanged(mark);

    private async Task<(LiveDay Day, IReadOnlyList<long> Versions)> DayAsync()
    {
        var (counters, reading) = await ReadAsync(1, 2);
        var day = await counters.PieceOfDayAsync(reading, DateOnly.FromDayNumber(FirstDay), 0, 1, CancellationToken.None);
        return (day!, reading.Versions);
    }

    private static Dictionary<CellKey, Tally> RandomCells(Random random, int count)
    {
        var made = new Dictionary<CellKey, Tally>();
        for (var i = 0; i < count; i++)
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

        return made;
    }

    /// <summary>Writes an advertiser's cells in two steps, so that a hold has some in its tables and some beside them.</summary>
    private async Task<IEnumerable<CellChange>> WriteAsync(int advertiser, Dictionary<CellKey, Tally> cells)
    {
        await CopyAsync(advertiser, 1, cells.Take(cells.Count / 3));
        await TestPostgres.ExecuteAsync(
            database, $"INSERT INTO counters.advertisers (advertiser, version) VALUES ({CounterRows.Usa(advertiser)}, 1)");
        var hold = await Silo.HoldAsync(advertiser);
        await CopyAsync(advertiser, 2, cells.Skip(cells.Count / 3));
        await TestPostgres.ExecuteAsync(
            database,
            $"""
            BEGIN;
            SET LOCAL lips.tells_holders = 'on';
            UPDATE counters.advertisers SET version = 2 WHERE advertiser = {hold.Advertiser};
            COMMIT
            """);
        await hold.ChangedAsync(2, null);
        Assert.Equal(2, (await hold.ReadAsync())!.Cube.Version);
        return cells.Select(c => new CellChange(c.Key, c.Value));
    }

    private async Task CopyAsync(int advertiser, long version, IEnumerable<KeyValuePair<CellKey, Tally>> cells)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var copy = await connection.BeginBinaryImportAsync("COPY counters.cells FROM STDIN (FORMAT BINARY)");
        foreach (var (key, tally) in cells)
        {
            await copy.StartRowAsync();
            await copy.WriteAsync(CounterRows.Usa(advertiser), NpgsqlDbType.Bigint);
            await copy.WriteAsync(DateOnly.FromDayNumber(key.Day), NpgsqlDbType.Date);
            await copy.WriteAsync(key.Campaign, NpgsqlDbType.Bigint);
            await copy.WriteAsync((short)key.Kind, NpgsqlDbType.Smallint);
            await copy.WriteAsync((short)key.Channel, NpgsqlDbType.Smallint);
            await copy.WriteAsync(key.HasWpc, NpgsqlDbType.Boolean);
            foreach (var number in new[]
                { tally.Total, tally.Unread, tally.Important, tally.ArchivedTotal, tally.ArchivedUnread, tally.ArchivedImportant })
                await copy.WriteAsync(number, NpgsqlDbType.Integer);
            await copy.WriteAsync(version, NpgsqlDbType.Bigint);
        }

        await copy.CompleteAsync();
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
    private static List<int> Rows(List<CellChange> cells, CellFilter filter, bool? important) =>
    [
        .. from cell in cells
           let key = cell.Key
           where (filter.Campaigns.Count == 0 || filter.Campaigns.Any(id => id.Value == key.Campaign))
               && (filter.Kinds.Count == 0 || filter.Kinds.Contains(key.Kind))
               && (filter.Channels.Count == 0 || (filter.Channels.Contains(key.Channel) && key.HasWpc))
               && (filter.From is not { } since || key.Day >= since.DayNumber)
               && (filter.Until is not { } before || key.Day < before.DayNumber)
           let all = filter.Archived ? cell.Difference.ArchivedTotal : cell.Difference.Total
           let some = filter.Archived ? cell.Difference.ArchivedImportant : cell.Difference.Important
           from row in Enumerable.Repeat(key.Day, important switch { null => all, true => some, false => all - some })
           orderby row
           select row,
    ];

    private static long Campaign(int number) => GlobalId.TryParse($"USA_{number}", out var id) ? id.Value : 0;
}

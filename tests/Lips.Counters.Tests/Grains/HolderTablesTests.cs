using Lips.Counters.Grains;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Counters.Tests.Grains;

/// <summary>The statements of holds, each by itself.</summary>
public sealed class HolderTablesTests : IAsyncLifetime
{
    private string database = "";
    private TestSilo? silo;
    private TestSilo? other;

    private HolderTables Tables => silo!.Tables;

    private HolderTables Others => other!.Tables;

    public async Task InitializeAsync()
    {
        database = await TestPostgres.NewDatabaseAsync();
        (silo, other) = (new TestSilo(database), new TestSilo(database));
        await CounterRows.WriteAsync(database, advertisers: 3, cells: 3);
    }

    public async Task DisposeAsync()
    {
        await silo!.DisposeAsync();
        await other!.DisposeAsync();
    }

    [Fact]
    public async Task A_take_reads_version_and_cells_and_names_the_hold()
    {
        var first = (await Tables.TakeAsync(One, 11, -1))!;
        Assert.Equal((1, 3, false), (first.Version, first.Cells.Count, first.TookOver));
        Assert.Equal(11, await CounterRows.HolderAsync(database, 1));

        await CounterRows.AddAsync(database, 1);
        var newer = await Tables.NewerAsync(One, first.Version);
        Assert.Equal((2, 2, first.Epoch), (newer.Version, Assert.Single(newer.Cells).Difference.Total, newer.Epoch));
        Assert.Empty((await Tables.NewerAsync(One, newer.Version)).Cells);
    }

    [Fact]
    public async Task An_advertiser_that_nothing_was_ever_written_of_can_be_held()
    {
        var reading = (await Tables.TakeAsync(CounterRows.Usa(77), 12, -1))!;

        Assert.Equal((0, 0, false), (reading.Version, reading.Cells.Count, reading.TookOver));
        Assert.Equal(12, await CounterRows.HolderAsync(database, 77));
    }

    /// <summary>The rules `log` and `own`.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_take_ends_any_hold_before_it_also_one_of_the_own_silo(bool own)
    {
        await (own ? Tables : Others).TakeAsync(One, 21, -1);

        Assert.True((await Tables.TakeAsync(One, 22, -1))!.TookOver);

        Assert.Equal([false], await CounterRows.EndsAsync(database, 21));
        Assert.Equal(22, await CounterRows.HolderAsync(database, 1));
        Assert.Equal(21, Assert.Single((await (own ? Tables : Others).LookAsync()).Revoked));
        Assert.Empty((await (own ? Others : Tables).LookAsync()).Revoked);
    }

    /// <summary>The rule `excl`.</summary>
    [Fact]
    public async Task Of_takes_at_the_same_moment_each_but_one_is_ended()
    {
        var holds = Enumerable.Range(100, 12).Select(n => (long)n).ToList();

        var readings = await Task.WhenAll(holds.Select((hold, n) => (n % 2 == 0 ? Tables : Others).TakeAsync(One, hold, -1)));

        var ended = await TestPostgres.ColumnAsync<long>(database, "SELECT hold FROM counters.ended_holds ORDER BY hold");
        Assert.Equal(Assert.Single(holds.Except(ended)), await CounterRows.HolderAsync(database, 1));
        Assert.Equal(holds.Count - 1, ended.Count);
        Assert.Single(readings, reading => !reading!.TookOver);
    }

    /// <summary>The rules `share` and `commit-soon`.</summary>
    [Fact]
    public async Task A_take_waits_for_a_writer_and_sees_what_it_committed_and_is_stamped_after_it()
    {
        await Others.TakeAsync(One, 31, -1);
        await using var writer = await LockAsync();
        var take = Tables.TakeAsync(One, 32, -1);
        await Wait.UntilAsync(async () => await CounterRows.WaitingAsync(database) > 0);

        await ExecuteAsync(writer, $"{CounterRows.Add(1)}; CREATE TABLE moment AS SELECT clock_timestamp() AS at; COMMIT");

        // A writer that is slow to be started keeps a take back for too long.
        if (await take is { } reading)
        {
            Assert.Equal((2, true), (reading.Version, reading.TookOver));
            Assert.True(await TestPostgres.ScalarAsync<bool>(
                database, "SELECT e.ended_at > m.at FROM counters.ended_holds e, moment m WHERE e.hold = 31"));
        }
    }

    [Fact]
    public async Task A_take_that_a_writer_keeps_back_for_long_takes_nothing()
    {
        await Others.TakeAsync(One, 41, -1);
        await using var writer = await LockAsync();

        Assert.Null(await Tables.TakeAsync(One, 42, -1));

        Assert.Equal(41, await CounterRows.HolderAsync(database, 1));
        Assert.Empty(await CounterRows.EndsAsync(database, 41));
    }

    /// <summary>The rule `release-id`.</summary>
    [Fact]
    public async Task A_hold_is_given_back_only_where_the_row_still_names_it()
    {
        var (lost, kept) = (silo!.Holds.Begin(One), silo.Holds.Begin(CounterRows.Usa(2)));
        await lost.ReadAsync();
        await kept.ReadAsync();
        await Others.TakeAsync(One, 51, -1);

        await Tables.GiveBackAsync([lost, kept]);

        Assert.Equal((51, null), (await CounterRows.HolderAsync(database, 1), await CounterRows.HolderAsync(database, 2)));
        Assert.Equal([false], await CounterRows.EndsAsync(database, lost));
        Assert.Equal([true], await CounterRows.EndsAsync(database, kept));
        Assert.Equal((false, true), (await Others.HasLeftAsync(lost.Id), await Others.HasLeftAsync(kept.Id)));
        Assert.DoesNotContain(kept.Id, (await Tables.LookAsync()).Revoked);
    }

    [Fact]
    public async Task A_look_sees_the_last_minute_and_what_is_older_than_two_is_forgotten()
    {
        foreach (var (hold, seconds) in new[] { (61, 1), (62, 55), (63, 65), (64, 115), (65, 125) })
        {
            await TestPostgres.ExecuteAsync(
                database,
                $"INSERT INTO counters.ended_holds VALUES ({hold}, '{Tables.Silo}', clock_timestamp() - interval '{seconds} s', false)");
        }

        Assert.Equal([61L, 62L], (await Tables.LookAsync()).Revoked.Order());
        await Others.ForgetAsync();
        Assert.Equal(
            [61L, 62L, 63L, 64L], await TestPostgres.ColumnAsync<long>(database, "SELECT hold FROM counters.ended_holds ORDER BY hold"));
    }

    [Fact]
    public async Task A_look_a_take_and_a_read_know_another_history()
    {
        var (look, read) = ((await Tables.LookAsync()).Epoch, (await Tables.NewerAsync(One, -1)).Epoch);
        Assert.Equal(look, read);

        await CounterRows.MakeAnewAsync(database);

        Assert.NotEqual(look, (await Tables.LookAsync()).Epoch);
        Assert.NotEqual(look, (await Tables.TakeAsync(One, 71, -1))!.Epoch);
        Assert.NotEqual(look, (await Tables.NewerAsync(One, -1)).Epoch);
    }

    private static long One => CounterRows.Usa(1);

    /// <summary>A transaction that has locked the first advertiser, as writers do.</summary>
    private async Task<NpgsqlConnection> LockAsync()
    {
        var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await ExecuteAsync(connection, $"BEGIN; SELECT FROM counters.advertisers WHERE advertiser = {One} FOR NO KEY UPDATE");
        return connection;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}

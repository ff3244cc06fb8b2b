using Lips.Counters.Grains;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Counters.Tests.Grains;

/// <summary>What a hold answers, and what it asks the database.</summary>
public sealed class ReadTests : IAsyncLifetime
{
    private readonly TestClock clock = new();
    private string database = "";
    private PostgresRelay? relay;
    private TestSilo? silo;

    private PostgresRelay Wire => relay!;

    private TestSilo Silo => silo!;

    public async Task InitializeAsync()
    {
        database = await TestPostgres.NewDatabaseAsync();
        relay = new PostgresRelay(database);
        silo = new TestSilo(Wire.ConnectionString, clock);
        await CounterRows.WriteAsync(database, advertisers: 10, cells: 3);
    }

    public async Task DisposeAsync()
    {
        Wire.Release();
        Wire.ReleaseAnswers();
        await Silo.DisposeAsync();
        await Wire.DisposeAsync();
    }

    [Fact]
    public async Task Readers_that_come_together_share_their_queries()
    {
        var hold = Silo.Holds.Begin(CounterRows.Usa(1));
        foreach (var answer in await TogetherAsync(0))
            Assert.Equal(3, HoldReads.TotalOf(answer!.Cube));
        Assert.Single(Wire.TakeStatements(), s => s.Contains("INTO counters.holders", StringComparison.Ordinal));

        await Wait.UntilAsync(() => hold.Memory() == 3);
        Queries();
        await TogetherAsync(LeaseTimes.Lease.TotalSeconds);
        // The first one's is on its way perhaps as the others come.
        Assert.InRange(Queries(), 1, 2);

        async Task<AdvertiserHold.Held?[]> TogetherAsync(double secondsLater)
        {
            Wire.Hold();
            clock.Advance(secondsLater);
            var readers = Enumerable.Range(0, 200).Select(_ => hold.ReadAsync().AsTask()).ToList();
            Wire.Release();
            return await Task.WhenAll(readers);
        }
    }

    /// <summary>The rule `fresh-query`.</summary>
    [Fact]
    public async Task A_reader_never_gets_the_answer_of_a_query_that_was_sent_before_it_came()
    {
        await CounterRows.DenyLooksAsync(database);
        var hold = Silo.Holds.Begin(CounterRows.Usa(1));
        await hold.ReadAsync();
        using var enough = new CancellationTokenSource();
        // These keep queries on their way all the time.
        var others = Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
                await hold.ReadAsync();
        })).ToList();
        for (var i = 1; i <= 60; i++)
        {
            await CounterRows.AddAsync(database, 1);
            Assert.Equal(3 + i, await hold.TotalAsync());
        }

        Assert.Null(hold.Memory());
        await enough.CancelAsync();
        await Task.WhenAll(others);
    }

    /// <summary>The same, of the first queries of a node whose advertiser's grain does not answer.</summary>
    [Fact]
    public async Task A_reader_that_comes_as_an_older_answer_is_taken_note_of_gets_a_newer_one()
    {
        // So many that to take note of them takes a while.
        const int Many = 60_000;
        await CounterRows.WriteAsync(database, advertisers: 1, cells: Many);
        await OpenConnectionsAsync();
        var visit = new AdvertiserHold(CounterRows.Usa(1), Silo.Holds, isVisit: true);
        Wire.HoldAnswers();
        var first = visit.ReadAsync().AsTask();
        await Wait.UntilAsync(async () => await TestPostgres.ScalarAsync<long>(
            database,
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND query LIKE 'WITH own%' AND wait_event LIKE 'Client%'
            """) == 1);
        await CounterRows.AddAsync(database, 1);
        Wire.ReleaseAnswers();

        // On a thread of its own: a reader that has to wait for a lock must not keep the answer from being read.
        var later = await Task.Factory.StartNew(
            () =>
            {
                var reading = new List<Task<long>>();
                for (; !first.IsCompleted; Thread.SpinWait(1_000))
                    reading.Add(visit.TotalAsync());
                return reading;
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        Assert.All(await Task.WhenAll(later), total => Assert.Equal(Many + 1, total));
    }

    [Fact]
    public async Task A_load_that_a_writers_lock_keeps_back_is_read_from_the_database_until_it_is_taken()
    {
        await using var writer = new NpgsqlConnection(database);
        await writer.OpenAsync();
        await ExecuteAsync($"BEGIN; SELECT FROM counters.advertisers WHERE advertiser = {CounterRows.Usa(1)} FOR NO KEY UPDATE");
        var hold = Silo.Holds.Begin(CounterRows.Usa(1));

        Assert.Equal(3, await hold.TotalAsync());
        await Wait.UntilAsync(() => Silo.Holds.MayServe(hold.Epoch!));
        Assert.Null(hold.Memory());
        Assert.Null(await CounterRows.HolderAsync(database, 1));

        // Nobody holds, so nobody is told.
        await ExecuteAsync($"{CounterRows.Add(1)}; COMMIT");
        Assert.Equal(4, await hold.TotalAsync());

        await Wait.UntilAsync(async () =>
        {
            clock.Advance(.1);
            Assert.Equal(4, await hold.TotalAsync());
            return hold.Memory() == 4;
        });
        Assert.Equal(hold.Id, await CounterRows.HolderAsync(database, 1));

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, writer);
            await command.ExecuteNonQueryAsync();
        }
    }

    [Fact]
    public async Task The_next_version_is_taken_from_the_writer_without_a_query()
    {
        var hold = await Silo.HoldAsync(1);
        Queries();
        await CounterRows.AddAsync(database, 1);

        Assert.Equal(TimeSpan.Zero, await hold.ChangedAsync(2, CounterRows.Added()));

        Assert.Equal(4, hold.Memory());
        Assert.Equal(4, await hold.TotalAsync());
        Assert.Equal(0, Queries());
        Assert.Equal((3L, 4L), (HoldReads.TotalOf(hold.At(1)!), HoldReads.TotalOf(hold.At(2)!)));
    }

    /// <summary>The rule `floor`.</summary>
    [Fact]
    public async Task A_version_out_of_turn_is_not_served_until_one_query_has_caught_up()
    {
        var hold = await Silo.HoldAsync(1);
        Queries();
        await CounterRows.AddAsync(database, 1);
        await CounterRows.AddAsync(database, 1);

        await hold.ChangedAsync(3, CounterRows.Added());
        Assert.Null(hold.Memory());
        Assert.Equal(3, hold.NewestVersion);
        await hold.ChangedAsync(2, CounterRows.Added());
        Assert.Null(hold.Memory());

        Assert.Equal(5, await hold.TotalAsync());
        Assert.Equal(5, hold.Memory());
        Assert.Equal(1, Queries());
        // What was told is older by now.
        await hold.ChangedAsync(2, CounterRows.Added());
        await hold.ChangedAsync(3, CounterRows.Added());
        Assert.Equal(5, hold.Memory());
    }

    [Fact]
    public async Task Changes_that_are_too_many_for_a_message_are_read()
    {
        var hold = await Silo.HoldAsync(1);
        await CounterRows.AddAsync(database, 1);

        await hold.ChangedAsync(2, null);

        Assert.Null(hold.Memory());
        Assert.Equal(4, await hold.TotalAsync());
        Assert.Equal(4, hold.Memory());
    }

    /// <summary>The rule `floor`, too: a load that is on its way has read what was before.</summary>
    [Fact]
    public async Task A_writer_that_tells_a_hold_while_it_loads_waits_for_the_load_and_is_heard()
    {
        await OpenConnectionsAsync();
        var hold = Silo.Holds.Begin(CounterRows.Usa(1));
        Wire.HoldAnswers();
        var first = hold.ReadAsync().AsTask();
        await Wait.UntilAsync(async () => await CounterRows.HolderAsync(database, 1) == hold.Id);
        await CounterRows.AddAsync(database, 1);
        var told = hold.ChangedAsync(2, null).AsTask();
        Assert.False(told.IsCompleted);
        Wire.ReleaseAnswers();

        Assert.Equal(TimeSpan.Zero, await told);
        Assert.Equal(3, HoldReads.TotalOf((await first)!.Cube));
        Assert.Null(hold.Memory());
        Assert.Equal(4, await hold.TotalAsync());
    }

    [Fact]
    public async Task A_hold_that_has_gone_answers_neither_readers_nor_writers()
    {
        var hold = await Silo.HoldAsync(1);

        Silo.Holds.End(hold);

        Assert.Null(hold.Memory());
        Assert.Null(await hold.ReadAsync());
        Assert.Null(hold.At(1));
        Assert.Null(await hold.ChangedAsync(2, CounterRows.Added()));
        Assert.Null(Silo.Holds.Find(hold.Advertiser));
    }

    [Fact]
    public async Task A_query_that_fails_fails_for_all_who_waited_and_the_next_is_right()
    {
        var hold = await Silo.HoldAsync(1);
        Wire.Hold();
        clock.Advance(LeaseTimes.Lease.TotalSeconds);
        var readers = Enumerable.Range(0, 30).Select(_ => hold.ReadAsync().AsTask()).ToList();
        Wire.Close();
        Wire.Release();
        foreach (var reader in readers)
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => reader);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => hold.ReadAsync().AsTask());
        await hold.ChangedAsync(2, null);
        await CounterRows.AddAsync(database, 1);

        Wire.Open();
        await Wait.UntilAsync(async () =>
        {
            try
            {
                Assert.Equal(4, await hold.TotalAsync());
                return true;
            }
            catch (NpgsqlException)
            {
                // A connection of the pool that is lost.
                return false;
            }
        });
    }

    [Fact]
    public async Task A_load_that_failed_may_have_been_made_so_its_hold_is_gone_and_the_next_one_reads()
    {
        await OpenConnectionsAsync();
        var hold = Silo.Holds.Begin(CounterRows.Usa(1));
        Wire.HoldAnswers();
        var read = hold.ReadAsync().AsTask();
        await Wait.UntilAsync(async () => await CounterRows.HolderAsync(database, 1) == hold.Id);
        Wire.Close();
        Wire.ReleaseAnswers();

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => read);
        Assert.Null(await hold.ReadAsync());
        Assert.Null(await hold.ChangedAsync(2, null));

        Wire.Open();
        await Wait.UntilAsync(async () =>
        {
            try
            {
                return await Silo.Holds.Begin(CounterRows.Usa(1)).TotalAsync() == 3;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        });
        Assert.Equal([false], await CounterRows.EndsAsync(database, hold));
    }

    [Fact]
    public async Task Rows_that_were_put_back_by_hand_end_the_hold()
    {
        await CounterRows.AddAsync(database, 1);
        var hold = await Silo.HoldAsync(1);
        await TestPostgres.ExecuteAsync(
            database, "BEGIN; SET LOCAL lips.tells_holders = 'on'; UPDATE counters.advertisers SET version = 1; COMMIT");

        hold.Raise(3);

        Assert.Null(await hold.ReadAsync());
        Assert.Equal(1, (await Silo.HoldAsync(1)).NewestVersion);
    }

    [Fact]
    public async Task What_no_writer_told_is_found_by_the_round()
    {
        var hold = await Silo.HoldAsync(1);
        await CounterRows.AddAsync(database, 1);
        Assert.Equal(3, hold.Memory());

        clock.Advance(11);

        await Wait.UntilAsync(async () => await hold.TotalAsync() == 4);
    }

    /// <summary>So that no connection has to be opened while answers are held back.</summary>
    private async Task OpenConnectionsAsync()
    {
        await Silo.HoldAsync(2);
        foreach (var connection in await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Silo.Pool.OpenConnectionAsync().AsTask())))
            await connection.DisposeAsync();
    }

    /// <summary>How many statements have read cells since the last call.</summary>
    private int Queries() => Wire.TakeStatements().Count(s => s.Contains("counters.cells", StringComparison.Ordinal));
}

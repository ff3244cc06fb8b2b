using System.Reflection;
using Lips.Counters.Grains;
using Lips.Kernel;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Counters.Tests.Grains;

/// <summary>
/// What a writer does before it acknowledges. Two silos that do not reach each other; the first one's database can be taken away.
/// </summary>
public sealed class WriterTests : IAsyncLifetime
{
    private string database = "";
    private PostgresRelay? relay;
    private TestSilo? silo;
    private TestSilo? other;

    private PostgresRelay Wire => relay!;

    private TestSilo Silo => silo!;

    private TestSilo Other => other!;

    public async Task InitializeAsync()
    {
        database = await TestPostgres.NewDatabaseAsync();
        relay = new PostgresRelay(database);
        (silo, other) = (new TestSilo(Wire.ConnectionString), new TestSilo(database));
        await CounterRows.WriteAsync(database, advertisers: 3, cells: 3);
    }

    public async Task DisposeAsync()
    {
        await Silo.DisposeAsync();
        await Other.DisposeAsync();
        await Wire.DisposeAsync();
    }

    [Fact]
    public async Task A_writer_of_the_holders_process_tells_it_what_it_counted()
    {
        var hold = await Silo.HoldAsync(1);
        for (var i = 1; i <= 300; i++)
        {
            await Silo.AddAsync(1);
            Assert.Equal(3 + i, await hold.TotalAsync());
        }

        await Silo.WriteAsync(1, write => write.Changed(Usa(1)));

        Assert.Equal(302, hold.NewestVersion);
        await Wait.UntilAsync(() => hold.Memory() == 303);
        Assert.Equal(0, await TestPostgres.ScalarAsync<long>(database, "SELECT count(*) FROM counters.ended_holds"));
    }

    /// <summary>The rule `noop-tells`.</summary>
    [Fact]
    public async Task A_change_that_changes_nothing_tells_the_hold_what_another_writer_did_not()
    {
        var hold = await Silo.HoldAsync(1);
        await CounterRows.AddAsync(database, 1);
        await Wait.UntilAsync(() => hold.Memory() == 3);

        await Silo.WriteAsync(1, _ => { });

        Assert.Null(hold.Memory());
        Assert.Equal(4, await hold.TotalAsync());
    }

    [Fact]
    public async Task Where_nobody_holds_nobody_is_waited_for()
    {
        await Other.AddAsync(1);

        Assert.Equal(0, await TestPostgres.ScalarAsync<long>(database, "SELECT count(*) FROM counters.ended_holds"));
        Assert.Equal(4, await (await Silo.HoldAsync(1)).TotalAsync());
    }

    /// <summary>The rules `signal` and `wait-signal`.</summary>
    [Fact]
    public async Task A_hold_that_does_not_answer_is_ended_and_can_no_longer_serve_when_the_writer_acknowledges()
    {
        var hold = await Silo.HoldAsync(1);
        // Its silo does not learn of it.
        Wire.Close();

        await Other.AddAsync(1);

        Assert.Null(hold.Memory());
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => hold.ReadAsync().AsTask());
        Assert.Equal([false], await CounterRows.EndsAsync(database, hold));
        Assert.Null(await CounterRows.HolderAsync(database, 1));

        Wire.Open();
        await Wait.UntilAsync(() => hold.IsGone);
        Assert.Null(await hold.ReadAsync());
    }

    [Fact]
    public async Task A_hold_of_a_silo_that_is_dead_is_ended_by_the_first_writer_and_known_to_no_later_one()
    {
        await TestPostgres.ExecuteAsync(database, $"INSERT INTO counters.holders VALUES ({CounterRows.Usa(1)}, 77, 'dead')");

        await Other.AddAsync(1);
        Assert.Null(await CounterRows.HolderAsync(database, 1));
        await Other.AddAsync(1);

        Assert.Equal([false], await CounterRows.EndsAsync(database, 77));
    }

    [Fact]
    public async Task Holds_of_silos_that_are_dead_are_ended_together_so_that_no_writer_has_to()
    {
        await TestPostgres.ExecuteAsync(
            database,
            $"""
            INSERT INTO counters.holders VALUES
                ({CounterRows.Usa(1)}, 77, 'dead'), ({CounterRows.Usa(2)}, 78, 'dead too'), ({CounterRows.Usa(3)}, 79, 'alive')
            """);

        await Other.Calls.RevokeAsync(["dead", "dead too"], CancellationToken.None);
        Assert.Equal([79], await TestPostgres.ColumnAsync<long>(database, "SELECT hold FROM counters.holders"));
        await Other.AddAsync(1);

        Assert.Equal([77, 78], await TestPostgres.ColumnAsync<long>(database, "SELECT hold FROM counters.ended_holds ORDER BY hold"));
    }

    /// <summary>The rules `signal` and `wait-signal`.</summary>
    [Fact]
    public async Task A_silo_that_was_taken_for_dead_can_no_longer_serve_when_its_holds_are_ended()
    {
        var hold = await Silo.HoldAsync(1);
        var other = await Silo.HoldAsync(2);
        Wire.Close();

        var ending = Other.Calls.RevokeAsync([Silo.Tables.Silo], CancellationToken.None);
        await Wait.UntilAsync(async () => (await CounterRows.EndsAsync(database, other)).Count == 1);
        var taken = await Other.HoldAsync(2);
        await ending;
        await Other.AddAsync(1);

        Assert.Null(hold.Memory());
        Assert.Null(await CounterRows.HolderAsync(database, 1));
        Assert.Equal(taken.Id, await CounterRows.HolderAsync(database, 2));
        Wire.Open();
        await Wait.UntilAsync(() => hold.IsGone && other.IsGone);
    }

    /// <summary>The rule `wait-take`.</summary>
    [Fact]
    public async Task A_hold_that_took_over_lets_writers_wait_until_the_one_before_cannot_serve()
    {
        var before = await Silo.HoldAsync(1);
        Wire.Close();
        var hold = await Other.HoldAsync(1);

        await Other.AddAsync(1);

        Assert.Null(before.Memory());
        Assert.Equal(4, await hold.TotalAsync());
    }

    /// <summary>The rule `settled`.</summary>
    [Fact]
    public async Task A_hold_that_took_over_is_given_back_once_the_one_before_cannot_serve()
    {
        var before = await Silo.HoldAsync(1);
        Wire.Close();
        var hold = await Other.HoldAsync(1);

        await Other.Holds.LeaveAsync([hold]);

        Assert.Null(before.Memory());
        Assert.Equal([true], await CounterRows.EndsAsync(database, hold));
    }

    /// <summary>The rules `hold-id` and `very-holder`.</summary>
    [Fact]
    public async Task Another_hold_of_the_same_silo_is_no_answer_for_the_one_that_a_writer_saw()
    {
        var seen = await Silo.HoldAsync(1);
        var present = await Silo.HoldAsync(1);

        using var unanswered = new Unanswered();
        await Silo.Calls.TellAsync(new Commit(seen.Advertiser, new Holder(seen.Id, Silo.Tables.Silo), 2, CounterRows.Added()));

        Assert.Equal(1, unanswered.Count);
        // By the hold that took over, and by the writer.
        Assert.Equal([false, false], await CounterRows.EndsAsync(database, seen));
        Assert.Equal(1, present.NewestVersion);
        Assert.Equal(present.Id, await CounterRows.HolderAsync(database, 1));
    }

    [Fact]
    public async Task A_hold_that_was_given_back_needs_no_answer()
    {
        var hold = await Silo.HoldAsync(1);
        await Silo.Holds.LeaveAsync([hold]);
        Assert.Null(await CounterRows.HolderAsync(database, 1));

        // Seen by a writer just before.
        using var unanswered = new Unanswered();
        await Other.Calls.TellAsync(new Commit(hold.Advertiser, new Holder(hold.Id, Silo.Tables.Silo), 2, null));

        Assert.Equal(0, unanswered.Count);
        Assert.Equal([true], await CounterRows.EndsAsync(database, hold));
        Assert.Null(Silo.Holds.Find(hold.Advertiser));
    }

    [Fact]
    public async Task A_holder_that_does_not_answer_one_call_is_asked_again()
    {
        var hold = await Silo.HoldAsync(1);
        var grain = new Calls(call => call == 1 ? new TaskCompletionSource<TimeSpan?>().Task : Task.FromResult<TimeSpan?>(TimeSpan.Zero));

        await grain.Of(Other).TellAsync(new Commit(hold.Advertiser, new Holder(hold.Id, "some silo 1@node-2"), 2, null));

        Assert.Equal(2, grain.Count);
        Assert.Empty(await CounterRows.EndsAsync(database, hold));
    }

    [Fact]
    public async Task The_silo_of_a_node_that_does_nothing_is_not_asked()
    {
        var hold = await Silo.HoldAsync(1);
        var grain = new Calls(_ => throw new TimeoutException());
        var calls = grain.Of(Other);
        var commit = new Commit(hold.Advertiser, new Holder(hold.Id, "some silo 1@node-2"), 2, null);

        calls.Stopped("1@node-3");
        await calls.TellAsync(commit);
        Assert.Equal(3, grain.Count);

        calls.Stopped("1@node-2");
        await calls.TellAsync(commit);
        Assert.Equal(3, grain.Count);
        // And its hold is ended all the same.
        Assert.Equal([false, false], await CounterRows.EndsAsync(database, hold));
    }

    /// <summary>The rule `under-lock`.</summary>
    [Fact]
    public async Task A_hold_that_is_taken_while_a_writer_waits_for_the_lock_is_told()
    {
        await using var first = new NpgsqlConnection(database);
        await first.OpenAsync();
        await ExecuteAsync($"BEGIN; SELECT FROM counters.advertisers WHERE advertiser = {CounterRows.Usa(1)} FOR NO KEY UPDATE");
        var hold = Silo.Holds.Begin(CounterRows.Usa(1));
        var read = hold.ReadAsync().AsTask();
        await Wait.UntilAsync(async () => await CounterRows.WaitingAsync(database) > 0 || read.IsCompleted);
        var written = Silo.AddAsync(1);
        await Wait.UntilAsync(async () => await CounterRows.WaitingAsync(database) > 1 || read.IsCompleted);

        await ExecuteAsync("COMMIT");
        await written;

        Assert.Contains(hold.Memory(), new long?[] { null, 4 });
        Assert.Equal(4, await hold.TotalAsync());
        await read;

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, first);
            await command.ExecuteNonQueryAsync();
        }
    }

    [Fact]
    public async Task Cells_that_were_written_anew_end_the_hold()
    {
        var hold = await Silo.HoldAsync(1);

        await Other.WriteAsync(1, write => write.Rebuilt(Usa(1)));

        await Wait.UntilAsync(() => hold.IsGone);
        Assert.Null(await CounterRows.HolderAsync(database, 1));
    }

    private static GlobalId Usa(int number) => GlobalId.FromValue(CounterRows.Usa(number));

    /// <summary>A cluster whose grains answer writers as the test says.</summary>
    /// <param name="answer">Is given the number of the call, from 1 on.</param>
    private sealed class Calls(Func<int, Task<TimeSpan?>> answer)
    {
        public int Count { get; private set; }

        /// <summary>A silo's calls of it.</summary>
        public HolderCalls Of(TestSilo silo)
        {
            var grain = Proxy.Of<IAdvertiserCountersGrain>(_ => new ValueTask<TimeSpan?>(answer(++Count)));
            var cluster = new CountersSilo();
            cluster.Join(Proxy.Of<IGrainFactory>(_ => grain));
            return new HolderCalls(silo.Tables, cluster, null, LeaseRules.All);
        }
    }

    /// <summary>Answers all calls of an interface in one way.</summary>
    public class Proxy : DispatchProxy
    {
        private Func<MethodInfo?, object?>? invoke;

        public static T Of<T>(Func<MethodInfo?, object?> invoke)
            where T : class
        {
            var made = Create<T, Proxy>();
            ((Proxy)(object)made).invoke = invoke;
            return made;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => invoke!(targetMethod);
    }
}

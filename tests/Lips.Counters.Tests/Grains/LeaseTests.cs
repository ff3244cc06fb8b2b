using Lips.Counters.Grains;
using Lips.Testing;
using Xunit;

namespace Lips.Counters.Tests.Grains;

/// <summary>For how long memory is served, and what ends a hold. The clocks are the test's.</summary>
public sealed class LeaseTests : IAsyncLifetime
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
        await CounterRows.WriteAsync(database, advertisers: 3, cells: 3);
    }

    public async Task DisposeAsync()
    {
        Wire.Release();
        Wire.ReleaseAnswers();
        await Silo.DisposeAsync();
        await Wire.DisposeAsync();
    }

    /// <summary>The rules `lease-start` and `wall`: a machine that was suspended knows it by one of its clocks alone.</summary>
    [Theory]
    [InlineData(2, 2)]
    [InlineData(2, 0)]
    [InlineData(0, 2)]
    public async Task Memory_serves_for_a_lease_by_both_clocks_and_again_after_the_next_look(double monotonic, double wall)
    {
        var hold = await Silo.HoldAsync(1);
        Wire.Hold();

        clock.Advance(monotonic * .99, wall * .99);
        Assert.Equal(3, hold.Memory());
        clock.Advance(monotonic * .01, wall * .01);
        Assert.Null(hold.Memory());

        Wire.Release();
        await Wait.UntilAsync(() => hold.Memory() == 3);
        Assert.False(hold.IsGone);
    }

    /// <summary>The rule `lease-start`.</summary>
    [Fact]
    public async Task A_look_that_was_answered_late_gives_no_lease()
    {
        var (hold, ended) = (await Silo.HoldAsync(1), await Silo.HoldAsync(2));
        Wire.HoldAnswers();
        await Silo.Tables.RevokeThroughAsync(database, ended);
        // This one is sent after that, and its answer is held back.
        Wire.TakeStatements();
        await Wait.UntilAsync(() => Wire.TakeStatements().Any(s => s.Contains("FROM counters.ended_holds e", StringComparison.Ordinal)));
        Wire.Hold();
        clock.Advance(LeaseTimes.Lease.TotalSeconds);
        Wire.ReleaseAnswers();
        await Wait.UntilAsync(() => ended.IsGone);
        await Task.Delay(100);

        Assert.Null(hold.Memory());

        Wire.Release();
        await Wait.UntilAsync(() => hold.Memory() == 3);
    }

    [Fact]
    public async Task Without_a_look_nothing_is_served_from_memory()
    {
        await CounterRows.DenyLooksAsync(database);
        var hold = Silo.Holds.Begin(CounterRows.Usa(1));
        Assert.Equal(3, await hold.TotalAsync());

        await CounterRows.AddAsync(database, 1);

        Assert.Null(hold.Memory());
        Assert.Equal(4, await hold.TotalAsync());
    }

    [Fact]
    public async Task A_hold_that_was_ended_goes_with_the_next_look_and_the_others_stay()
    {
        var (ended, stays) = (await Silo.HoldAsync(1), await Silo.HoldAsync(2));

        await Silo.Tables.RevokeThroughAsync(database, ended);

        await Wait.UntilAsync(() => ended.IsGone);
        Assert.Null(await ended.ReadAsync());
        Assert.Equal(3, await stays.TotalAsync());
        Assert.Equal((null, stays), (Silo.Holds.Find(ended.Advertiser), Silo.Holds.Find(stays.Advertiser)));
    }

    /// <summary>The rule `pending`.</summary>
    [Fact]
    public async Task A_hold_that_was_ended_before_it_has_loaded_never_serves()
    {
        var hold = Silo.Holds.Begin(CounterRows.Usa(1));
        await Silo.Tables.RevokeThroughAsync(database, hold);

        await Wait.UntilAsync(() => hold.IsGone);

        Assert.Null(await hold.ReadAsync());
    }

    [Fact]
    public async Task A_hold_that_another_silo_has_taken_over_goes_with_the_next_look()
    {
        await using var other = new TestSilo(database);
        var hold = await Silo.HoldAsync(1);

        var taken = await other.HoldAsync(1);

        await Wait.UntilAsync(() => hold.IsGone);
        Assert.Equal(taken.Id, await CounterRows.HolderAsync(database, 1));
        Assert.Equal(3, await taken.TotalAsync());
    }

    /// <summary>The rule `epoch`.</summary>
    [Fact]
    public async Task Another_history_of_the_database_ends_all_holds()
    {
        var holds = new[] { await Silo.HoldAsync(1), await Silo.HoldAsync(2) };

        await CounterRows.MakeAnewAsync(database);

        await Wait.UntilAsync(() => Array.TrueForAll(holds, hold => hold.IsGone));
        var next = await Silo.HoldAsync(1);
        Assert.NotEqual(holds[0].Epoch, next.Epoch);
        Assert.Equal(3, next.Memory());
    }

    /// <summary>The rule `epoch`, of a read that comes before the look.</summary>
    [Fact]
    public async Task A_read_that_meets_another_history_ends_the_hold()
    {
        await CounterRows.DenyLooksAsync(database);
        var hold = Silo.Holds.Begin(CounterRows.Usa(1));
        Assert.Equal(3, await hold.TotalAsync());

        await CounterRows.MakeAnewAsync(database);

        Assert.Null(await hold.ReadAsync());
        Assert.True(hold.IsGone);
    }

    /// <summary>
    /// The rules `window` and `margin`: a look sees a minute, and a row may be a third of one on its way to its commit.
    /// </summary>
    [Theory]
    [InlineData(39, 39, false)]
    [InlineData(41, 41, true)]
    [InlineData(41, 0, true)]
    [InlineData(0, 41, true)]
    public async Task Holds_that_were_not_looked_after_for_too_long_are_gone(double monotonic, double wall, bool isGone)
    {
        var hold = await Silo.HoldAsync(1);
        Wire.Hold();
        clock.Advance(monotonic, wall);
        Wire.Release();

        await Wait.UntilAsync(() => hold.IsGone || hold.Memory() is not null);

        Assert.Equal(isGone, hold.IsGone);
    }

    [Fact]
    public async Task Looks_end_with_the_last_hold_and_begin_with_the_next()
    {
        Silo.Holds.End(await Silo.HoldAsync(1));
        await Wait.UntilAsync(async () =>
        {
            Wire.TakeStatements();
            await Task.Delay(LeaseTimes.Look * 3);
            return Wire.TakeStatements().Count == 0;
        });
        clock.Advance(100);

        Assert.Equal(3, (await Silo.HoldAsync(1)).Memory());
    }
}

/// <summary>What a silo elsewhere does.</summary>
internal static class Elsewhere
{
    /// <summary>Ends a hold of a silo, as a writer does that got no answer, on a connection of its own.</summary>
    public static Task RevokeThroughAsync(this HolderTables ofSilo, string database, AdvertiserHold hold) => TestPostgres.ExecuteAsync(
        database, $"INSERT INTO counters.ended_holds VALUES ({hold.Id}, '{ofSilo.Silo}', clock_timestamp(), false)");
}

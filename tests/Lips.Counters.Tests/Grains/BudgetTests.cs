using Lips.Testing;
using Xunit;

namespace Lips.Counters.Tests.Grains;

/// <summary>The memory of a silo's holds.</summary>
public sealed class BudgetTests : IAsyncLifetime
{
    private const long Budget = 40_000;

    private string database = "";
    private TestSilo? silo;

    private TestSilo Silo => silo!;

    public async Task InitializeAsync()
    {
        database = await TestPostgres.NewDatabaseAsync();
        silo = new TestSilo(database, budget: Budget);
        await CounterRows.WriteAsync(database, advertisers: 60, cells: 20);
    }

    public async Task DisposeAsync() => await Silo.DisposeAsync();

    [Fact]
    public async Task Over_the_budget_the_hold_asked_for_the_longest_ago_leaves_and_no_writer_waits_for_it()
    {
        var first = Silo.Holds.Begin(CounterRows.Usa(1));
        await first.ReadAsync();
        var second = Silo.Holds.Begin(CounterRows.Usa(2));
        await second.ReadAsync();
        second.AskedAt = 0;
        for (var advertiser = 3; advertiser <= 60; advertiser++)
        {
            var hold = Silo.Holds.Begin(CounterRows.Usa(advertiser));
            Assert.Equal(20, await hold.TotalAsync());
            hold.AskedAt = advertiser;
            first.AskedAt = advertiser;
            Assert.InRange(Silo.Holds.Bytes, 1, Budget);
            Assert.False(hold.IsGone);
            Assert.False(first.IsGone);
        }

        Assert.True(second.IsGone);
        await Wait.UntilAsync(async () => await CounterRows.HolderAsync(database, 2) is null);
        Assert.Equal([true], await CounterRows.EndsAsync(database, second));
        Assert.Equal(first.Id, await CounterRows.HolderAsync(database, 1));
    }

    [Fact]
    public async Task The_memory_is_counted_right_however_holds_come_change_and_go()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 150; i++)
            {
                var advertiser = CounterRows.Usa(random.Next(1, 13));
                var hold = Silo.Holds.Find(advertiser) ?? Silo.Holds.Begin(advertiser);
                var read = hold.ReadAsync().AsTask();
                if (random.Next(3) == 0)
                    Silo.Holds.End(hold);
                await read;
                await hold.ChangedAsync(hold.NewestVersion + 1, CounterRows.Added());
            }
        })));

        await Silo.Holds.LeaveAllAsync();

        Assert.Equal(0, Silo.Holds.Bytes);
    }

    [Fact]
    public async Task All_holds_are_given_back_when_the_silo_leaves()
    {
        var holds = new[] { await Silo.HoldAsync(1), await Silo.HoldAsync(2), await Silo.HoldAsync(3) };

        await Silo.Holds.LeaveAllAsync();

        Assert.All(holds, hold => Assert.True(hold.IsGone));
        Assert.Equal(0, await TestPostgres.ScalarAsync<long>(database, "SELECT count(*) FROM counters.holders"));
        Assert.Equal(0, Silo.Holds.Bytes);
    }
}

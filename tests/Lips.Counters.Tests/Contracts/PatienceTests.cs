using Lips.Counters.Contracts;
using Lips.Counters.Tests.Grains;
using Lips.Kernel;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Counters.Tests.Contracts;

/// <summary>Readers of counters that nobody gives: the silo has not joined, and its database does not answer.</summary>
public sealed class PatienceTests : IAsyncLifetime
{
    private TestSilo? silo;
    private PostgresRelay? wire;

    private TestSilo Silo => silo!;

    public async Task InitializeAsync()
    {
        wire = new PostgresRelay(await TestPostgres.NewDatabaseAsync());
        wire.Hold();
        silo = new TestSilo(wire.ConnectionString);
    }

    public async Task DisposeAsync()
    {
        wire!.Release();
        await Silo.DisposeAsync();
        await wire.DisposeAsync();
    }

    [Fact]
    public async Task A_reader_gets_an_error_once_it_has_waited_for_as_long_as_it_may()
    {
        var failure = await Assert.ThrowsAsync<NpgsqlException>(
            () => ReadAsync(Silo.Counters(TimeSpan.FromMilliseconds(200)), CancellationToken.None));

        Assert.IsType<TimeoutException>(failure.InnerException);
    }

    [Fact]
    public async Task A_reader_that_gives_up_is_gone_at_once_and_the_others_wait_on()
    {
        using var givingUp = new CancellationTokenSource();
        var counters = Silo.Counters(TimeSpan.FromSeconds(3));
        var (leaves, stays) = (ReadAsync(counters, givingUp.Token), ReadAsync(counters, CancellationToken.None));
        await givingUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaves);
        Assert.False(stays.IsCompleted);
        await Assert.ThrowsAsync<NpgsqlException>(() => stays);
    }

    private static async Task<LiveReading> ReadAsync(LiveCounters counters, CancellationToken cancellation) =>
        await counters.ReadAsync([GlobalId.FromValue(CounterRows.Usa(1))], new CellFilter(), cancellation);
}

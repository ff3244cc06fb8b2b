using Lips.Counters.Contracts;
using Lips.Counters.Cube;
using Lips.Counters.Grains;
using Lips.Kernel;
using Lips.Kernel.Database;
using Lips.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

namespace Lips.Counters.Tests.Grains;

/// <summary>The holds and writers of a silo without the silo: it reaches no other one, so a writer gets no answer from elsewhere.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private readonly CountersSilo silo = new();
    private readonly TotalsWatch watch;
    private readonly Connections connections;

    /// <param name="connectionString">The database; the silo connects as the application's role.</param>
    /// <param name="clock">The machine's clocks, where the test sets them.</param>
    /// <param name="budget">The memory for cells, in bytes.</param>
    public TestSilo(string connectionString, TimeProvider? clock = null, long budget = 1 << 24)
    {
        Pool = LipsDatabase.Open(TestPostgres.AsApplication(connectionString));
        Tables = new HolderTables(Pool, Guid.NewGuid().ToString("N"));
        Holds = new SiloHolds(Tables, silo, clock ?? TimeProvider.System, budget, NullLogger<SiloHolds>.Instance, LeaseRules.All);
        Calls = new HolderCalls(Tables, silo, Holds, LeaseRules.All);
        connections = new Connections(Pool);
        Writes = new AdvertiserWrites(connections, Calls);
        watch = new TotalsWatch(Holds, silo);
    }

    public NpgsqlDataSource Pool { get; }

    public HolderTables Tables { get; }

    public SiloHolds Holds { get; }

    public HolderCalls Calls { get; }

    public AdvertiserWrites Writes { get; }

    /// <summary>The live counters, of which a reader waits for an answer no longer than it may.</summary>
    public LiveCounters Counters(TimeSpan patience) => new(Holds, silo, watch, patience);

    /// <summary>Begins a hold and waits until it serves from memory.</summary>
    public async Task<AdvertiserHold> HoldAsync(int advertiser)
    {
        var hold = Holds.Begin(CounterRows.Usa(advertiser));
        Assert.NotNull(await hold.ReadAsync());
        await Wait.UntilAsync(() => hold.TryServe(out _));
        return hold;
    }

    /// <summary>Writes a call as clients' requests do, and ends when it may be acknowledged.</summary>
    public Task<int> AddAsync(int advertiser) => WriteAsync(advertiser, write => write.Added(CounterRows.Call(advertiser)));

    /// <summary>Writes as clients' requests do, and ends when it may be acknowledged.</summary>
    public Task<int> WriteAsync(int advertiser, Action<AdvertiserWrite> write) => Writes.RunAsync(
        [GlobalId.FromValue(CounterRows.Usa(advertiser))],
        (transaction, _) =>
        {
            write(transaction);
            return Task.FromResult(0);
        },
        CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        watch.Dispose();
        await Holds.DisposeAsync();
        connections.Dispose();
        await Pool.DisposeAsync();
    }
}

/// <summary>What a test reads of a hold.</summary>
internal static class HoldReads
{
    /// <summary>How many interactions a read is answered with.</summary>
    public static async Task<long> TotalAsync(this AdvertiserHold hold) =>
        TotalOf((await hold.ReadAsync() ?? throw new InvalidOperationException("The hold is gone.")).Cube);

    /// <summary>How many interactions memory serves; null when it serves nothing.</summary>
    public static long? Memory(this AdvertiserHold hold) => hold.TryServe(out var held) ? TotalOf(held.Cube) : null;

    public static long TotalOf(AdvertiserCube cube)
    {
        var counts = new Counts();
        cube.Sum(CellQuestion.Of(new CellFilter())).AddTo(counts);
        return counts.Events;
    }
}

using Lips.Kernel.Database;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Kernel.Tests.Database;

public sealed class ConnectionsTests : IAsyncLifetime
{
    // Two of them are not lent.
    private const int Pool = 6;
    private const int Lent = 4;

    private string database = "";
    private NpgsqlDataSource? pool;

    public async Task InitializeAsync()
    {
        database = await TestPostgres.NewEmptyDatabaseAsync();
        pool = LipsDatabase.Open(new NpgsqlConnectionStringBuilder(database) { Pooling = true, MaxPoolSize = Pool }.ConnectionString);
    }

    public async Task DisposeAsync() => await pool!.DisposeAsync();

    [Fact]
    public async Task Who_finds_none_free_waits_and_one_more_than_may_wait_is_refused()
    {
        using var connections = new Connections(pool!, mostWaiting: 1);
        var lent = await LendAsync(connections, Lent);
        var waiting = connections.LendAsync(CancellationToken.None).AsTask();
        Assert.Equal(1, connections.Waiting);

        await Assert.ThrowsAsync<BusyException>(async () => await connections.LendAsync(CancellationToken.None));
        // What must not wait does not.
        await (await connections.LendBesideAsync(CancellationToken.None)).DisposeAsync();
        Assert.False(waiting.IsCompleted);
        await lent[0].DisposeAsync();
        await (await waiting).DisposeAsync();

        Assert.Equal(0, connections.Waiting);
        await GiveBackAsync(lent[1..]);
        await GiveBackAsync(await LendAsync(connections, Lent));
    }

    [Fact]
    public async Task Who_gives_up_waiting_takes_no_place_with_him()
    {
        using var connections = new Connections(pool!, mostWaiting: 3);
        var lent = await LendAsync(connections, Lent);
        using var gone = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 3).Select(_ => connections.LendAsync(gone.Token).AsTask()).ToList();
        await gone.CancelAsync();
        foreach (var one in waiting)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);

        await GiveBackAsync(lent);

        await GiveBackAsync(await LendAsync(connections, Lent));
    }

    [Theory]
    [InlineData(4, 2)]
    [InlineData(3, 1)]
    [InlineData(1, 1)]
    [InlineData(6, 4)]
    [InlineData(1_000, 4)]
    public async Task A_share_is_kept_as_those_come_back_that_are_lent(int share, int places)
    {
        using var connections = new Connections(pool!, mostWaiting: 10);
        var lent = await LendAsync(connections, Lent);
        connections.Share(share);
        Assert.Equal(places, connections.Places);

        await GiveBackAsync(lent);

        var again = await LendAsync(connections, places);
        using var gone = new CancellationTokenSource();
        var more = connections.LendAsync(gone.Token).AsTask();
        Assert.Equal(1, connections.Waiting);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => more);
        await GiveBackAsync(again);
        // And all are there again with the old share.
        connections.Share(Pool);
        await GiveBackAsync(await LendAsync(connections, Lent));
    }

    [Fact]
    public async Task Shares_that_change_under_load_neither_lose_a_place_nor_make_one()
    {
        using var connections = new Connections(pool!, mostWaiting: 100);
        var (using_, most) = (0, 0);
        using var end = new CancellationTokenSource();
        var users = Enumerable.Range(0, 12).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                await using var lent = await connections.LendAsync(CancellationToken.None);
                var now = Interlocked.Increment(ref using_);
                for (var seen = Volatile.Read(ref most); seen < now; seen = Volatile.Read(ref most))
                    Interlocked.CompareExchange(ref most, now, seen);
                await Task.Yield();
                Interlocked.Decrement(ref using_);
            }
        })).ToList();
        var random = new Random(1);
        while (!users.TrueForAll(u => u.IsCompleted))
        {
            connections.Share(random.Next(1, 9));
            await Task.Delay(1);
        }

        await Task.WhenAll(users);

        Assert.InRange(most, 1, Lent);
        connections.Share(Pool);
        Assert.Equal(Lent, connections.Places);
        await GiveBackAsync(await LendAsync(connections, Lent));
    }

    [Fact]
    public async Task Where_the_server_has_no_more_what_a_node_has_goes_round()
    {
        const string role = "narrow_role";
        await TestPostgres.ExecuteAsync(
            database, $"DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN PASSWORD '{role}' CONNECTION LIMIT 2");
        await using var narrow = LipsDatabase.Open(new NpgsqlConnectionStringBuilder(database)
        {
            Pooling = true,
            MaxPoolSize = 12,
            Username = role,
            Password = role,
        }.ConnectionString);
        using var connections = new Connections(narrow, mostWaiting: 100);

        await Task.WhenAll(Enumerable.Range(0, 40).Select(async _ =>
        {
            await using var lent = await connections.LendAsync(CancellationToken.None);
            await using var command = new NpgsqlCommand("SELECT pg_sleep(0.01)", lent.Connection);
            await command.ExecuteNonQueryAsync();
        }));

        // One, where two asked at the same moment: the server counts each beside the other and refuses both. One more each second.
        Assert.InRange(connections.Places, 1, 5);
        Assert.Equal(0, connections.Waiting);

        await TestPostgres.ExecuteAsync(database, $"ALTER ROLE {role} CONNECTION LIMIT 12");
        for (var patience = DateTime.UtcNow.AddSeconds(20); connections.Places < 6; await Task.Delay(50))
            Assert.True(DateTime.UtcNow < patience, "They are still few.");
    }

    [Fact]
    public async Task After_one_broke_few_are_lent_and_bit_by_bit_all_again()
    {
        await using var wide = LipsDatabase.Open(
            new NpgsqlConnectionStringBuilder(database) { Pooling = true, MaxPoolSize = 12 }.ConnectionString);
        using var connections = new Connections(wide, mostWaiting: 10);
        var lent = await LendAsync(connections, 10);
        await TestPostgres.ExecuteAsync(
            database,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        foreach (var one in lent)
        {
            await using var command = new NpgsqlCommand("SELECT 1", one.Connection);
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => command.ExecuteNonQueryAsync());
        }

        await GiveBackAsync(lent);

        Assert.InRange(connections.Places, 3, 9);
        connections.Share(12);
        for (var patience = DateTime.UtcNow.AddSeconds(20); connections.Places < 10; await Task.Delay(50))
            Assert.True(DateTime.UtcNow < patience, "They are still few.");
        await GiveBackAsync(await LendAsync(connections, 10));
    }

    private static async Task<List<LentConnection>> LendAsync(Connections connections, int count)
    {
        var lent = new List<LentConnection>();
        for (var i = 0; i < count; i++)
            lent.Add(await connections.LendAsync(CancellationToken.None));
        return lent;
    }

    private static async Task GiveBackAsync(IEnumerable<LentConnection> lent)
    {
        foreach (var one in lent)
            await one.DisposeAsync();
    }
}

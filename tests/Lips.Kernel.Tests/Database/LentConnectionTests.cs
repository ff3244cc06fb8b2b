using Lips.Kernel.Database;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Kernel.Tests.Database;

public sealed class LentConnectionTests : IAsyncLifetime
{
    // It sleeps when the statement is planned, where the planner works out what is constant, and not when it runs.
    private const string Slow = "CREATE FUNCTION slow(seconds double precision) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN "
        + "PERFORM pg_sleep(seconds); RETURN 'done'; END $$";

    private string database = "";
    private NpgsqlDataSource? pool;
    private Connections? connections;

    public async Task InitializeAsync()
    {
        database = await TestPostgres.NewEmptyDatabaseAsync();
        await TestPostgres.ExecuteAsync(database, Slow);
        // One connection, on which each statement is prepared as soon as it is asked.
        pool = LipsDatabase.Open(
            new NpgsqlConnectionStringBuilder(database) { Pooling = true, MaxPoolSize = 1, AutoPrepareMinUsages = 1 }.ConnectionString);
        connections = new Connections(pool);
    }

    public async Task DisposeAsync()
    {
        connections!.Dispose();
        await pool!.DisposeAsync();
    }

    [Theory]
    [Each(false, true)]
    public async Task What_is_cancelled_while_it_is_planned_does_not_harm_who_asks_the_same_next(bool isInTransaction)
    {
        await CancelAsync(token => AskAsync(seconds: 600, isInTransaction, token));

        var first = await AskAsync(seconds: 0, isInTransaction, CancellationToken.None);
        var second = await AskAsync(seconds: 0, isInTransaction, CancellationToken.None);

        Assert.Equal("done", first.Answer);
        // The connection was mended and not lost.
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task What_a_person_cancels_while_it_is_planned_does_not_harm_who_asks_the_same_next()
    {
        var cancelled = RunAsync(600);
        await PlanningAsync();
        await TestPostgres.ExecuteAsync(
            database, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()");
        await Assert.ThrowsAnyAsync<PostgresException>(() => cancelled);

        Assert.Equal("done", await RunAsync(0));

        Task<string> RunAsync(double seconds) => connections!.RunAsync(async connection =>
        {
            await using var command = new NpgsqlCommand("SELECT slow($1)", connection)
            {
                Parameters = { new NpgsqlParameter<double> { TypedValue = seconds } },
            };
            return (string)(await command.ExecuteScalarAsync())!;
        }, CancellationToken.None);
    }

    [Fact]
    public async Task Without_it_the_next_one_fails_so_it_is_still_needed_with_this_version_of_the_driver()
    {
        await CancelAsync(AskAsync);

        await Assert.ThrowsAnyAsync<Exception>(() => AskAsync(CancellationToken.None));

        async Task AskAsync(CancellationToken cancellation)
        {
            await using var connection = await pool!.OpenConnectionAsync(cancellation);
            await using var command = new NpgsqlCommand("SELECT slow($1)", connection)
            {
                Parameters = { new NpgsqlParameter<double> { TypedValue = cancellation.CanBeCanceled ? 600 : 0 } },
            };
            await command.ExecuteScalarAsync(cancellation);
        }
    }

    private async Task CancelAsync(Func<CancellationToken, Task> ask)
    {
        using var gone = new CancellationTokenSource();
        var cancelled = ask(gone.Token);
        await PlanningAsync();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
    }

    private async Task<(string Answer, int Connection)> AskAsync(double seconds, bool isInTransaction, CancellationToken cancellation)
    {
        await using var lent = await connections!.LendAsync(cancellation);
        await using var batch = new NpgsqlBatch(lent.Connection);
        if (isInTransaction)
            batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));
        batch.BatchCommands.Add(
            new NpgsqlBatchCommand("SELECT slow($1)") { Parameters = { new NpgsqlParameter<double> { TypedValue = seconds } } });
        return ((string)(await batch.ExecuteScalarAsync(cancellation))!, lent.Connection.ProcessID);
    }

    private async Task PlanningAsync()
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var sleeping = new NpgsqlCommand(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')", connection);
        while (!(bool)(await sleeping.ExecuteScalarAsync())!)
            await Task.Delay(10);
    }
}

using Lips.Kernel.Database;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Kernel.Tests.Database;

public sealed class LipsDatabaseTests
{
    private static readonly Lazy<Task<string>> Shared = new(TestPostgres.NewEmptyDatabaseAsync);

    [Theory]
    [InlineData("", "30s")]
    [InlineData("-c idle_in_transaction_session_timeout=7min", "7min")]
    public async Task Who_is_gone_without_a_word_holds_its_locks_for_half_a_minute_or_as_an_operator_says(string options, string expected)
    {
        await using var database = await OpenAsync(options);
        await using var command = database.CreateCommand(
            "SELECT concat_ws(' ', current_setting('idle_in_transaction_session_timeout'), current_setting('synchronous_commit'), boot_val "
                + "<> setting) FROM pg_settings WHERE name = 'jit'");
        Assert.Equal($"{expected} on t", await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Its_transaction_is_undone_and_if_it_comes_again_the_database_is_away()
    {
        await using var database = await OpenAsync("-c idle_in_transaction_session_timeout=50");
        await using var other = await OpenAsync("-c idle_in_transaction_session_timeout=50");
        await ExecuteAsync(other, "CREATE TABLE held (id integer)");
        await using var connection = await database.OpenConnectionAsync();
        await using var begin = new NpgsqlCommand("BEGIN; LOCK TABLE held", connection);
        await begin.ExecuteNonQueryAsync();

        await ExecuteAsync(other, "SELECT FROM held");

        var failure = await Assert.ThrowsAnyAsync<NpgsqlException>(() => begin.ExecuteNonQueryAsync());
        Assert.True(LipsDatabase.IsAway(failure), failure.ToString());
    }

    [Theory]
    [InlineData("FATAL", true)]
    [InlineData("ERROR", false)]
    public void A_session_that_cannot_begin_for_a_full_disk_means_that_the_database_is_away(string severity, bool isAway) =>
        Assert.Equal(isAway, LipsDatabase.IsAway(new PostgresException("could not write init file", severity, severity, "XX000")));

    [Theory]
    [InlineData("psql", null)]
    [InlineData("", null)]
    [InlineData("lips 1 4711@node-2", "4711@node-2")]
    [InlineData("leads of the east 12 4711@node-2", "4711@node-2")]
    public void Sessions_are_named_after_their_node(string name, string? node) => Assert.Equal(node, LipsDatabase.NodeOf(name));

    [Fact]
    public async Task So_are_those_of_this_process()
    {
        await using var database = await OpenAsync("");
        await using var command = database.CreateCommand("SELECT current_setting('application_name')");

        Assert.Equal(LipsDatabase.Node, LipsDatabase.NodeOf((string)(await command.ExecuteScalarAsync())!));
    }

    /// <summary>Else a busy node would close, every so often, what it opens again at once.</summary>
    [Fact]
    public async Task Eight_connections_stay_open_and_more_only_while_they_are_used()
    {
        var settings = new NpgsqlConnectionStringBuilder(await Shared.Value) { ConnectionIdleLifetime = 1, ConnectionPruningInterval = 1 };
        await using var database = LipsDatabase.Open(settings.ConnectionString);
        foreach (var used in await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => database.OpenConnectionAsync().AsTask())))
            await used.DisposeAsync();
        for (var looks = 0; looks < 300 && await CountAsync() != 8; looks++)
            await Task.Delay(100);

        // Time to close some more.
        await Task.Delay(3_000);

        Assert.Equal(8, await CountAsync());

        async Task<long> CountAsync()
        {
            await using var command = database.CreateCommand(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = current_setting('application_name')");
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }

    private static async Task<NpgsqlDataSource> OpenAsync(string options) =>
        LipsDatabase.Open(new NpgsqlConnectionStringBuilder(await Shared.Value) { Options = options }.ConnectionString);

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}

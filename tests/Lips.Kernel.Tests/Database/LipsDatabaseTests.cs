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

    private static async Task<NpgsqlDataSource> OpenAsync(string options) =>
        LipsDatabase.Open(new NpgsqlConnectionStringBuilder(await Shared.Value) { Options = options }.ConnectionString);

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}

using System.Collections.Concurrent;
using Lips.Access;
using Lips.Audit;
using Lips.Counters;
using Lips.Interactions;
using Lips.Kernel.Database;
using Lips.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit;

namespace Lips.Host.Tests;

public sealed class MigrationTests
{
    [Fact]
    public async Task Many_nodes_may_migrate_an_empty_database_at_once_and_one_of_them_does()
    {
        var connectionString = await TestPostgres.NewEmptyDatabaseAsync();
        await using var database = LipsDatabase.Open(connectionString);
        var schemas = Schemas(database);
        var log = new Lines();

        await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => new Migrator(database, schemas, log).MigrateAsync(CancellationToken.None))));

        Assert.Equal(
            schemas.Select(s => $"Schema {s.Name} is migrated to {s.Migrations[^1]}.").Order(StringComparer.Ordinal),
            log.All.Order(StringComparer.Ordinal));
        foreach (var schema in schemas)
            Assert.Equal(schema.Migrations, await HistoryAsync(database, schema.Name));
    }

    [Fact]
    public async Task Where_nothing_is_to_do_no_model_is_built_and_nothing_is_written()
    {
        // A write of any kind would fail here, and so would a schema that is asked for its context.
        await using var database = LipsDatabase.Open(
            await TestPostgres.NewDatabaseAsync() + ";Options=-c default_transaction_read_only=on");
        var schemas = Schemas(database)
            .Select(s => s with { OpenContext = _ => throw new InvalidOperationException("The model was asked for.") });

        await new Migrator(database, schemas, NullLogger<Migrator>.Instance).MigrateAsync(CancellationToken.None);
    }

    [Fact]
    public async Task The_test_above_can_fail()
    {
        await using var database = LipsDatabase.Open(
            await TestPostgres.NewEmptyDatabaseAsync() + ";Options=-c default_transaction_read_only=on");
        var migrator = new Migrator(database, Schemas(database), NullLogger<Migrator>.Instance);

        await Assert.ThrowsAsync<PostgresException>(() => migrator.MigrateAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_database_from_which_a_newer_version_took_something_away_is_refused_and_left_alone()
    {
        await using var database = LipsDatabase.Open(await TestPostgres.NewEmptyDatabaseAsync());
        var schemas = Schemas(database);
        // Only the last of the schemas is newer; the ones before it lack everything, and must still lack it afterwards.
        var newer = schemas[^1].Name;
        await ExecuteAsync(
            database,
            $"""CREATE SCHEMA {newer}; CREATE TABLE {newer}.migrations ("MigrationId" text PRIMARY KEY, "ProductVersion" text NOT NULL)""");
        await ExecuteAsync(database, $"INSERT INTO {newer}.migrations SELECT m, '10' FROM "
            + $"unnest('{{{string.Join(',', schemas[^1].Migrations)},9999_future_contract}}'::text[]) AS m");
        var before = await CatalogAsync(database);

        var failure = await Assert.ThrowsAsync<NewerDatabaseException>(
            () => new Migrator(database, schemas, NullLogger<Migrator>.Instance).MigrateAsync(CancellationToken.None));

        Assert.Equal(
            $"The database has the migration 9999_future_contract of schema {newer}, beside which this version cannot serve: "
                + "start a newer version.",
            failure.Message);
        Assert.Equal(before, await CatalogAsync(database));
        Assert.Equal([.. schemas[^1].Migrations, "9999_future_contract"], await HistoryAsync(database, newer));
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_nothing_of_itself_and_runs_again()
    {
        await using var database = LipsDatabase.Open(await TestPostgres.NewEmptyDatabaseAsync());
        var migrator = new Migrator(database, Schemas(database), NullLogger<Migrator>.Instance);
        // Stands where the migration makes a table of that name, after others.
        await ExecuteAsync(database, "CREATE SCHEMA interactions; CREATE TABLE interactions.interaction_tags ()");

        await Assert.ThrowsAsync<PostgresException>(() => migrator.MigrateAsync(CancellationToken.None));

        Assert.DoesNotContain("interactions.contacts", await CatalogAsync(database));
        await ExecuteAsync(database, "DROP TABLE interactions.interaction_tags");
        await migrator.MigrateAsync(CancellationToken.None);
        Assert.Contains("interactions.contacts", await CatalogAsync(database));
    }

    /// <summary>The schemas as the modules give them to the host, on the database of the test.</summary>
    private static List<ModuleSchema> Schemas(NpgsqlDataSource database) =>
        [.. new ServiceCollection().AddSingleton(database).AddAudit().AddAccess().AddCounters(database.ConnectionString).AddInteractions()
            .BuildServiceProvider().GetServices<ModuleSchema>()];

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static Task<List<string>> HistoryAsync(NpgsqlDataSource database, string schema) =>
        ReadAsync(database, $"""SELECT "MigrationId" FROM {schema}.migrations ORDER BY 1""");

    private static Task<List<string>> CatalogAsync(NpgsqlDataSource database) =>
        ReadAsync(database, "SELECT n.nspname || coalesce('.' || c.relname, '') FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace "
            + "= n.oid WHERE n.nspname !~ '^pg_|^information_schema$' ORDER BY 1");

    private static async Task<List<string>> ReadAsync(NpgsqlDataSource database, string sql)
    {
        var values = new List<string>();
        await using var command = database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            values.Add(reader.GetString(0));
        return values;
    }

    private sealed class Lines : ILogger<Migrator>
    {
        public ConcurrentQueue<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Enqueue(formatter(state, exception));
    }
}

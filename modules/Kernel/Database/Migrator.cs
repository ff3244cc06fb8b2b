using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lips.Kernel.Database;

/// <summary>Brings the database to this version of the code. Any number of nodes may start at once: one works, the others wait.</summary>
/// <param name="database">The connections of whoever owns the schemas, or of a role that does not and can only look.</param>
/// <param name="schemas">The modules' schemas.</param>
/// <param name="log">Where it is said what was done.</param>
/// <param name="application">The role of the nodes, when it is another one: it is made where it is missing, and given what it
/// needs.</param>
public sealed partial class Migrator(
    NpgsqlDataSource database, IEnumerable<ModuleSchema> schemas, ILogger<Migrator> log, ApplicationRole? application = null)
{
    // "lips" in ASCII: the advisory lock's key, the same on every node.
    private const long LockKey = 0x6c697073;

    private const string State =
        """
        SELECT c.oid IS NOT NULL, coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'), false),
            coalesce(pg_has_role(n.nspowner, 'USAGE'), has_database_privilege(current_database(), 'CREATE'))
        FROM (SELECT) one LEFT JOIN pg_namespace n ON n.nspname = $1 LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = $2
        """;

    /// <summary>Runs what has not run yet, and gives the application's role its rights. Idempotent.</summary>
    /// <exception cref="NpgsqlException">The database cannot be reached, or a migration failed; nothing of that migration
    /// stays.</exception>
    /// <exception cref="NewerDatabaseException">A newer version of this program has taken away what this one needs.</exception>
    /// <exception cref="NotMigratedException">The database is not of this version yet, and this role may not change that.</exception>
    public async Task MigrateAsync(CancellationToken cancellation)
    {
        // The usual start finds nothing to do, and then EF Core's model need not be built.
        if (await MissingAsync(cancellation) is { Count: 0 } && application is null)
            return;
        await using var holder = await database.OpenConnectionAsync(cancellation);
        await using (var take = new NpgsqlCommand(
            "SELECT pg_advisory_lock($1)", holder)
        { Parameters = { new() { Value = LockKey } }, CommandTimeout = 0 })
            await take.ExecuteNonQueryAsync(cancellation);
        try
        {
            var missing = await MissingAsync(cancellation);
            foreach (var schema in missing)
            {
                await using var context = schema.OpenContext(database);
                context.Database.SetCommandTimeout(TimeSpan.FromHours(6));
                await context.Database.MigrateAsync(cancellation);
            }

            foreach (var schema in missing)
            {
                await MigrateDataAsync(holder, schema, cancellation);
                Migrated(schema.Name, schema.Migrations[^1]);
            }

            if (application is not null)
                await application.GrantAsync(holder, schemas.Select(s => s.Grants), cancellation);
        }
        finally
        {
            await using var release = new NpgsqlCommand(
                "SELECT pg_advisory_unlock($1)", holder)
            { Parameters = { new() { Value = LockKey } } };
            await release.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private async Task MigrateDataAsync(NpgsqlConnection holder, ModuleSchema schema, CancellationToken cancellation)
    {
        var done = await DoneAsync(holder, schema, cancellation);
        foreach (var migration in schema.Data.Where(migration => !done.Contains(migration.Id)))
        {
            await migration.RunAsync(database, cancellation);
            await using var note = new NpgsqlCommand($"INSERT INTO {schema.Name}.{ModuleSchema.HistoryTable} VALUES ($1, $2)", holder)
            {
                Parameters = { new() { Value = migration.Id }, new() { Value = ProductInfo.GetVersion() } },
            };
            await note.ExecuteNonQueryAsync(cancellation);
        }
    }

    private async Task<List<ModuleSchema>> MissingAsync(CancellationToken cancellation)
    {
        var missing = new List<ModuleSchema>();
        string? refused = null;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        foreach (var schema in schemas)
        {
            var (exists, isReadable, isOurs) = await StateAsync(connection, schema, cancellation);
            var done = exists && isReadable ? await DoneAsync(connection, schema, cancellation) : [];
            if (done.Except(schema.Migrations, StringComparer.Ordinal).FirstOrDefault(SchemaCheck.IsContract) is { } unknown)
                throw new NewerDatabaseException(
                    $"The database has the migration {unknown} of schema {schema.Name}, beside which this version cannot serve: "
                    + "start a newer version.");
            if (schema.Migrations.Except(done, StringComparer.Ordinal).FirstOrDefault() is not { } next)
                continue;
            if (!isOurs)
                refused ??= exists && !isReadable ? $"may not use the schema {schema.Name}"
                    : $"may not make the migration {next} of the schema {schema.Name}, which is missing";
            missing.Add(schema);
        }

        return refused is null
            ? missing
            : throw new NotMigratedException(
                $"The role of ConnectionStrings:Lips {refused}: run lips migrate with the owner's connection string "
                + "in ConnectionStrings:LipsOwner.");
    }

    private static async Task<(bool Exists, bool IsReadable, bool IsOurs)> StateAsync(
        NpgsqlConnection connection, ModuleSchema schema, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            State, connection)
        { Parameters = { new() { Value = schema.Name }, new() { Value = ModuleSchema.HistoryTable } } };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (reader.GetBoolean(0), reader.GetBoolean(1), reader.GetBoolean(2));
    }

    private static async Task<List<string>> DoneAsync(NpgsqlConnection connection, ModuleSchema schema, CancellationToken cancellation)
    {
        var done = new List<string>();
        await using var ids = new NpgsqlCommand($"SELECT \"MigrationId\" FROM {schema.Name}.{ModuleSchema.HistoryTable}", connection);
        await using var reader = await ids.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            done.Add(reader.GetString(0));
        return done;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Schema {Schema} is migrated to {Migration}.")]
    private partial void Migrated(string schema, string migration);
}

/// <summary>
/// A newer version of this program has taken away what this one needs (<see cref="SchemaCheck"/>). The message is one line for the person
/// who started it.
/// </summary>
/// <param name="message">What was found, and what to do.</param>
public sealed class NewerDatabaseException(string message) : Exception(message);

/// <summary>
/// The database is not of this version yet, and the role may not change that; another may do so any moment. The message is one line.
/// </summary>
/// <param name="message">What was found, and what to do.</param>
public sealed class NotMigratedException(string message) : Exception(message);

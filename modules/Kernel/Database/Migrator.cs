using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lips.Kernel.Database;

/// <summary>Brings the database to this version of the code. Any number of nodes may start at once: one works, the others wait.</summary>
public sealed partial class Migrator(NpgsqlDataSource database, IEnumerable<ModuleSchema> schemas, ILogger<Migrator> log)
{
    // "lips" in ASCII: the advisory lock's key, the same on every node.
    private const long LockKey = 0x6c697073;

    /// <summary>Runs what has not run yet. Idempotent.</summary>
    /// <exception cref="NpgsqlException">The database cannot be reached, or a migration failed; nothing of that migration stays.</exception>
    /// <exception cref="NewerDatabaseException">The database was migrated by a newer version of this program.</exception>
    public async Task MigrateAsync(CancellationToken cancellation)
    {
        // The usual start finds nothing to do, and then EF Core's model need not be built.
        if (await MissingAsync(cancellation) is { Count: 0 })
            return;
        await using var holder = await database.OpenConnectionAsync(cancellation);
        await using (var take = new NpgsqlCommand("SELECT pg_advisory_lock($1)", holder) { Parameters = { new() { Value = LockKey } }, CommandTimeout = 0 })
            await take.ExecuteNonQueryAsync(cancellation);
        try
        {
            foreach (var schema in await MissingAsync(cancellation))
            {
                await using var context = schema.OpenContext();
                context.Database.SetCommandTimeout(TimeSpan.FromHours(6));
                await context.Database.MigrateAsync(cancellation);
                Migrated(schema.Name, schema.Migrations[^1]);
            }
        }
        finally
        {
            await using var release = new NpgsqlCommand("SELECT pg_advisory_unlock($1)", holder) { Parameters = { new() { Value = LockKey } } };
            await release.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private async Task<List<ModuleSchema>> MissingAsync(CancellationToken cancellation)
    {
        var missing = new List<ModuleSchema>();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        foreach (var schema in schemas)
        {
            var done = new List<string>();
            var history = $"{schema.Name}.{ModuleSchema.HistoryTable}";
            await using (var exists = new NpgsqlCommand("SELECT to_regclass($1) IS NOT NULL", connection) { Parameters = { new() { Value = history } } })
            {
                if (await exists.ExecuteScalarAsync(cancellation) is true)
                {
                    await using var ids = new NpgsqlCommand($"SELECT \"MigrationId\" FROM {history}", connection);
                    await using var reader = await ids.ExecuteReaderAsync(cancellation);
                    while (await reader.ReadAsync(cancellation))
                        done.Add(reader.GetString(0));
                }
            }

            if (done.Except(schema.Migrations, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
                throw new NewerDatabaseException($"The database has the migration {unknown} of schema {schema.Name}, which this version does not know: start a newer version.");
            if (schema.Migrations.Except(done, StringComparer.Ordinal).Any())
                missing.Add(schema);
        }

        return missing;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Schema {Schema} is migrated to {Migration}.")]
    private partial void Migrated(string schema, string migration);
}

/// <summary>The database was migrated by a newer version of this program. The message is one line for the person who started it.</summary>
/// <param name="message">What was found, and what to do.</param>
public sealed class NewerDatabaseException(string message) : Exception(message);

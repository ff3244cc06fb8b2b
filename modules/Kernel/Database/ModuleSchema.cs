using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Lips.Kernel.Database;

/// <summary>A module's schema and how to migrate it.</summary>
/// <param name="Name">The schema; a module's SQL touches no other.</param>
/// <param name="OpenContext">Makes the module's EF Core context on a database.</param>
/// <param name="Migrations">The ids of all migrations that the module brings, in their order.</param>
/// <param name="Data">Those of the migrations that SQL cannot express.</param>
/// <param name="Grants">SQL that gives a role what the module needs of its schema and nothing more; the role is written <c>:"role"</c>, as psql spells a variable.</param>
public sealed record ModuleSchema(
    string Name,
    Func<NpgsqlDataSource, DbContext> OpenContext,
    IReadOnlyList<string> Migrations,
    IReadOnlyList<DataMigration> Data,
    string Grants)
{
    /// <summary>The table, in each module's schema, in which EF Core notes what has run.</summary>
    public const string HistoryTable = "migrations";

    private const string GrantsFile = "grants.sql";

    /// <summary>Describes the schema of a context.</summary>
    public static ModuleSchema Of<TContext>(string name, Func<DbContextOptions<TContext>, TContext> open, params DataMigration[] data)
        where TContext : DbContext
    {
        // By their files, whose names they have: every start comes here, and to look through all types takes long.
        var migrations = typeof(TContext).Assembly.GetManifestResourceNames()
            .Where(file => file.EndsWith(".sql", StringComparison.Ordinal) && file != GrantsFile)
            .Select(file => Path.GetFileNameWithoutExtension(file)!)
            .Concat(data.Select(migration => migration.Id)).Order(StringComparer.Ordinal).ToList();
        var grants = SqlFileMigration.Read(typeof(TContext).Assembly, GrantsFile);
        return new ModuleSchema(name, database => open(Options<TContext>(name, database)), migrations, data, grants);
    }

    /// <summary>The options of a module's context: its history in its own schema.</summary>
    public static DbContextOptions<TContext> Options<TContext>(string schema, NpgsqlDataSource database)
        where TContext : DbContext =>
        new DbContextOptionsBuilder<TContext>()
            .UseNpgsql(database, npgsql => npgsql.MigrationsHistoryTable(HistoryTable, schema))
            // There are no model snapshots: the SQL files are the source, and a test compares model and schema.
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning))
            .Options;
}

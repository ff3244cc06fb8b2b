using Lips.Kernel.Database;
using Lips.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Scaffolding;
using Microsoft.EntityFrameworkCore.Scaffolding.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL.Design.Internal;

namespace Lips.Architecture.Tests;

/// <summary>
/// Compares an EF Core model with a migrated schema. The model's own script makes the schema once more, EF Core's design-time services read
/// both databases, and its differ compares them. So PostgreSQL brings types and expressions of both into one form.
/// </summary>
internal static class ModelAgreement
{
    // EF Core reads no checks, included columns and identities of composite keys from a database.
    private const string Definitions =
        """
        SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
        WHERE t.relnamespace = $1::regnamespace AND t.relname <> 'migrations'
        UNION ALL
        SELECT format('%s: %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
        WHERE contype = 'c' AND connamespace = $1::regnamespace
        UNION ALL
        SELECT format('%s.%s: identity %s', attrelid::regclass, attname, attidentity)
        FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid WHERE attidentity <> '' AND t.relnamespace = $1::regnamespace
        """;

    /// <summary>
    /// The differences, none when they agree: SQL that would bring the database to the model, and definitions that one of them has alone.
    /// </summary>
    public static async Task<IReadOnlyList<string>> DifferencesAsync(DbContext context, string schema, string migrated)
    {
        var modelled = await TestPostgres.NewEmptyDatabaseAsync();
        await TestPostgres.ExecuteAsync(modelled, context.Database.GenerateCreateScript());
        var model = Scaffold(context, schema, modelled);
        var operations = context.GetService<IMigrationsModelDiffer>()
            .GetDifferences(Scaffold(context, schema, migrated).GetRelationalModel(), model.GetRelationalModel());
        var (inDatabase, inModel) = (await DefinitionsAsync(schema, migrated), await DefinitionsAsync(schema, modelled));
        return
        [
            .. context.GetService<IMigrationsSqlGenerator>().Generate(operations, model).Select(c => c.CommandText.Trim()),
            .. inDatabase.Except(inModel, StringComparer.Ordinal).Select(d => "only in the database: " + d),
            .. inModel.Except(inDatabase, StringComparer.Ordinal).Select(d => "only in the model: " + d),
        ];
    }

    private static IModel Scaffold(DbContext context, string schema, string connectionString)
    {
        var services = new ServiceCollection().AddEntityFrameworkDesignTimeServices();
        new NpgsqlDesignTimeServices().ConfigureDesignTimeServices(services);
        using var design = services.BuildServiceProvider();
        var database = design.GetRequiredService<IDatabaseModelFactory>()
            .Create(connectionString, new DatabaseModelFactoryOptions([], [schema]));
        if (database.Tables.SingleOrDefault(t => t.Name == ModuleSchema.HistoryTable) is { } history)
            database.Tables.Remove(history);
        // The order of columns is nothing to EF Core, but its differ compares it.
        foreach (var columns in database.Tables.Select(t => t.Columns))
        {
            DatabaseColumn[] byName = [.. columns.OrderBy(c => c.Name, StringComparer.Ordinal)];
            columns.Clear();
            Array.ForEach(byName, columns.Add);
        }

        var model = design.GetRequiredService<IScaffoldingModelFactory>()
            .Create(database, new ModelReverseEngineerOptions { UseDatabaseNames = true });
        return context.GetService<IModelRuntimeInitializer>().Initialize(model, designTime: true, validationLogger: null);
    }

    private static async Task<List<string>> DefinitionsAsync(string schema, string connectionString)
    {
        var definitions = new List<string>();
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var command = database.CreateCommand(Definitions);
        command.Parameters.AddWithValue(schema);
        await using var definition = await command.ExecuteReaderAsync();
        while (await definition.ReadAsync())
            definitions.Add(definition.GetString(0));
        return definitions;
    }
}

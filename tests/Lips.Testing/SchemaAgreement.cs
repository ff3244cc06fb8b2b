using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Lips.Testing;

/// <summary>
/// Whether a migrated schema and the EF Core model of it agree. The model's own script makes the schema once more in an empty database, so
/// that PostgreSQL itself brings types and expressions of both into one form; then the two catalogs are compared, line by line.
/// </summary>
public static class SchemaAgreement
{
    private const string Catalog =
        """
        WITH tables AS (
            SELECT c.* FROM pg_class c WHERE c.relnamespace = to_regnamespace($1) AND c.relname <> 'migrations'
        )
        SELECT format('%s %s (%s)', CASE relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'p' THEN 'partitioned table'
            ELSE 'relation ' || relkind::text END,
            relname, array_to_string(reloptions, ', '))
        FROM tables WHERE relkind NOT IN ('i', 'I', 'S', 't')
        UNION ALL
        SELECT format('column %s.%s %s%s%s%s%s', t.relname, a.attname, format_type(a.atttypid, a.atttypmod), CASE
            WHEN a.attnotnull THEN ' NOT NULL' END,
            ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), ' IDENTITY ' || nullif(a.attidentity::text, ''),
                ' COLLATE ' || nullif(a.attcollation, y.typcollation)::regcollation::text)
        FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN pg_type y ON y.oid = a.atttypid
            LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE t.relkind IN ('r', 'p', 'v', 'm')
        UNION ALL
        SELECT pg_get_indexdef(i.indexrelid) FROM tables t JOIN pg_index i ON i.indrelid = t.oid
        UNION ALL
        SELECT format('constraint %s on %s %s', c.conname, t.relname, pg_get_constraintdef(c.oid))
        FROM tables t JOIN pg_constraint c ON c.conrelid = t.oid AND c.contype <> 'n'
        UNION ALL
        SELECT format('trigger %s on %s', g.tgname, t.relname) FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal
        UNION ALL
        SELECT format('sequence %s %s %s', t.relname, s.seqtypid::regtype, (s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcycle))
        FROM tables t JOIN pg_sequence s ON s.seqrelid = t.oid
        """;

    /// <summary>What one of the two has and the other has not, each a line that says so; empty when they agree.</summary>
    /// <param name="connectionString">The migrated database.</param>
    /// <param name="schema">The schema; of its tables only the migrations' history is left out.</param>
    /// <param name="model">The context whose model it is.</param>
    public static async Task<IReadOnlyList<string>> DifferencesAsync(string connectionString, string schema, DbContext model)
    {
        var empty = await TestPostgres.NewEmptyDatabaseAsync();
        await TestPostgres.ExecuteAsync(empty, model.Database.GenerateCreateScript());
        var migrated = await ReadAsync(connectionString, schema);
        var modelled = await ReadAsync(empty, schema);
        return
        [
            .. migrated.Except(modelled, StringComparer.Ordinal).Select(line => "only in the database: " + line),
            .. modelled.Except(migrated, StringComparer.Ordinal).Select(line => "only in the model: " + line),
        ];
    }

    private static async Task<List<string>> ReadAsync(string connectionString, string schema)
    {
        var lines = new List<string>();
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(Catalog, connection) { Parameters = { new NpgsqlParameter { Value = schema } } };
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            lines.Add(reader.GetString(0));
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }
}

using Npgsql;

namespace Lips.Kernel.Database;

/// <summary>
/// Whether the database still is what this version can serve. A migration adds (expand) and the version before goes on beside it; what it
/// ends is taken away by another one, of a later version, whose name ends with <c>_contract</c>.
/// </summary>
/// <param name="database">The node's connections.</param>
/// <param name="schemas">The modules' schemas.</param>
public sealed class SchemaCheck(Connections database, IEnumerable<ModuleSchema> schemas)
{
    private readonly string[] known = [.. schemas.SelectMany(schema => schema.Migrations)];

    private readonly string unknown =
        "SELECT m.id FROM (" + string.Join(
            " UNION ALL ", schemas.Select(s => $"SELECT \"MigrationId\" AS id FROM {s.Name}.{ModuleSchema.HistoryTable}"))
        + ") AS m WHERE right(m.id, length('" + Contract + "')) = '" + Contract + "' AND m.id <> ALL($1) LIMIT 1";

    private const string Contract = "_contract";

    /// <summary>Whether the version before that of a migration cannot serve beside it.</summary>
    public static bool IsContract(string migration) => migration.EndsWith(Contract, StringComparison.Ordinal);

    /// <summary>A migration beside which this version cannot serve; null when there is none.</summary>
    /// <param name="patience">How long to wait for the answer, in seconds.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public Task<string?> FindUnknownAsync(int patience, CancellationToken cancellation) =>
        database.RunBesideAsync(async connection =>
        {
            await using var command = new NpgsqlCommand(unknown, connection) { CommandTimeout = patience };
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = known });
            return (string?)await command.ExecuteScalarAsync(cancellation);
        }, cancellation);
}

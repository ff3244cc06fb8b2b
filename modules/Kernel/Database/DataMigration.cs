using Npgsql;

namespace Lips.Kernel.Database;

/// <summary>
/// A migration of rows by code, for rules that SQL cannot express. It runs once, after the SQL migrations of all modules, as the owner of
/// the schemas and under the migrator's lock; then it is noted in the history like the others (build/decisions/0003-migrations.md).
/// </summary>
/// <param name="Id">Its name in the history: that of the SQL migration before it, and what it does.</param>
/// <param name="RunAsync">
/// Does it, in transactions of its own that are small enough for nodes of the version before to go on. Cut off, it is run again: it must
/// find what is left to do.
/// </param>
public sealed record DataMigration(string Id, Func<NpgsqlDataSource, CancellationToken, Task> RunAsync);

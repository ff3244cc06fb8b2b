using Microsoft.EntityFrameworkCore;

namespace Lips.Interactions;

/// <summary>
/// Runs the module's migrations. It has no model: the record is read and written by SQL alone (build/decisions/0003-migrations.md).
/// </summary>
internal sealed class InteractionsContext(DbContextOptions<InteractionsContext> options) : DbContext(options)
{
    public const string Schema = "interactions";
}

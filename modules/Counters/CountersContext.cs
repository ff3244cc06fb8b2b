using Microsoft.EntityFrameworkCore;

namespace Lips.Counters;

/// <summary>
/// Runs the module's migrations. It has no model: counters are read and written by SQL alone (build/decisions/0003-migrations.md).
/// </summary>
internal sealed class CountersContext(DbContextOptions<CountersContext> options) : DbContext(options)
{
    public const string Schema = "counters";
}

using Microsoft.EntityFrameworkCore;

namespace Lips.Host.Cluster;

/// <summary>
/// Runs the migrations of what Orleans keeps in the database. It has no model: Orleans' providers look their statements up.
/// </summary>
internal sealed class OrleansContext(DbContextOptions<OrleansContext> options) : DbContext(options)
{
    public const string Schema = "orleans";
}

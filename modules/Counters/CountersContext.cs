using Microsoft.EntityFrameworkCore;

namespace Lips.Counters;

internal sealed class CountersContext(DbContextOptions<CountersContext> options) : DbContext(options)
{
    public const string Schema = "counters";

    public DbSet<Advertiser> Advertisers => Set<Advertiser>();

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.HasDefaultSchema(Schema);
        model.Entity<Advertiser>(table =>
        {
            table.ToTable("advertisers").HasStorageParameter("fillfactor", 50);
            table.HasKey(a => a.Id).HasName("advertisers_pkey");
            table.Property(a => a.Id).HasColumnName("advertiser").ValueGeneratedNever();
            table.Property(a => a.Version).HasColumnName("version").HasDefaultValue(0L);
        });
    }
}

/// <summary>One row an advertiser: the lock that its writers take, and how often something visible of it has changed.</summary>
internal sealed class Advertiser
{
    public long Id { get; init; }

    public long Version { get; init; }
}

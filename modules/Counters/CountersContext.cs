using Microsoft.EntityFrameworkCore;

namespace Lips.Counters;

internal sealed class CountersContext(DbContextOptions<CountersContext> options) : DbContext(options)
{
    public const string Schema = "counters";

    public DbSet<Advertiser> Advertisers => Set<Advertiser>();

    public DbSet<RunRow> Runs => Set<RunRow>();

    public DbSet<CellRow> Cells => Set<CellRow>();

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.HasDefaultSchema(Schema);
        model.Entity<Advertiser>(table =>
        {
            table.ToTable("advertisers").HasStorageParameter("fillfactor", 50);
            table.HasKey(a => a.Id).HasName("advertisers_pkey");
            table.Property(a => a.Id).HasColumnName("advertiser").ValueGeneratedNever();
            table.Property(a => a.Version).HasColumnName("version").HasDefaultValue(0L);
            table.Property(a => a.Run).HasColumnName("run");
        });
        model.Entity<RunRow>(table =>
        {
            table.ToTable("runs");
            table.HasKey(r => new { r.Advertiser, r.FirstVersion }).HasName("runs_pkey");
            table.Property(r => r.Advertiser).HasColumnName("advertiser");
            table.Property(r => r.FirstVersion).HasColumnName("first_version");
            table.Property(r => r.Run).HasColumnName("run");
        });
        model.Entity<CellRow>(table =>
        {
            table.ToTable("cells").HasStorageParameter("fillfactor", 80);
            table.HasKey(c => new { c.Advertiser, c.Day, c.Campaign, c.Kind, c.Channel, c.HasWpc }).HasName("cells_pkey");
            table.Property(c => c.Advertiser).HasColumnName("advertiser");
            table.Property(c => c.Day).HasColumnName("day");
            table.Property(c => c.Campaign).HasColumnName("campaign");
            table.Property(c => c.Kind).HasColumnName("kind");
            table.Property(c => c.Channel).HasColumnName("channel");
            table.Property(c => c.HasWpc).HasColumnName("has_wpc");
            table.Property(c => c.Total).HasColumnName("total");
            table.Property(c => c.Unread).HasColumnName("unread");
            table.Property(c => c.Important).HasColumnName("important");
            table.Property(c => c.ArchivedTotal).HasColumnName("archived_total");
            table.Property(c => c.ArchivedUnread).HasColumnName("archived_unread");
            table.Property(c => c.ArchivedImportant).HasColumnName("archived_important");
            table.Property(c => c.Version).HasColumnName("version");
            table.HasIndex(c => new { c.Advertiser, c.Version }).HasDatabaseName("cells_by_version");
        });
    }
}

/// <summary>One row an advertiser: the lock that its writers take, and how often something visible of it has changed.</summary>
internal sealed class Advertiser
{
    public long Id { get; init; }

    public long Version { get; init; }

    public long? Run { get; init; }
}

/// <summary>From which version on a run of the database has written an advertiser's.</summary>
internal sealed class RunRow
{
    public long Advertiser { get; init; }

    public long FirstVersion { get; init; }

    public long Run { get; init; }
}

/// <summary>How many interactions there are of one day, campaign, kind, channel, with or without a wpc_id.</summary>
internal sealed class CellRow
{
    public long Advertiser { get; init; }

    public DateOnly Day { get; init; }

    public long Campaign { get; init; }

    public short Kind { get; init; }

    public short Channel { get; init; }

    public bool HasWpc { get; init; }

    public int Total { get; init; }

    public int Unread { get; init; }

    public int Important { get; init; }

    public int ArchivedTotal { get; init; }

    public int ArchivedUnread { get; init; }

    public int ArchivedImportant { get; init; }

    public long Version { get; init; }
}

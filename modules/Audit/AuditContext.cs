using Microsoft.EntityFrameworkCore;

namespace Lips.Audit;

/// <summary>The trail as it is read. It is written by <see cref="Contracts.AuditTrail"/>, in the transaction of the change.</summary>
internal sealed class AuditContext(DbContextOptions<AuditContext> options) : DbContext(options)
{
    public const string Schema = "audit";

    public DbSet<Entry> Entries => Set<Entry>();

    public DbSet<EntryAdvertiser> EntryAdvertisers => Set<EntryAdvertiser>();

    public DbSet<EntryInteraction> EntryInteractions => Set<EntryInteraction>();

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.HasDefaultSchema(Schema);
        model.Entity<Entry>(table =>
        {
            table.ToTable("entries");
            table.HasKey(e => new { e.At, e.Id }).HasName("entries_pkey");
            table.Property(e => e.At).HasColumnName("at").ValueGeneratedNever();
            table.Property(e => e.Id).HasColumnName("id").UseIdentityAlwaysColumn();
            table.Property(e => e.TokenId).HasColumnName("token_id");
            table.Property(e => e.Action).HasColumnName("action");
            table.Property(e => e.Advertiser).HasColumnName("advertiser");
            table.Property(e => e.Advertisers).HasColumnName("advertisers");
            table.Property(e => e.Counts).HasColumnName("counts");
            table.Property(e => e.Count).HasColumnName("count");
            table.Property(e => e.InteractionId).HasColumnName("interaction_id");
            table.Property(e => e.FirstInteractionId).HasColumnName("first_interaction_id");
            table.Property(e => e.LastInteractionId).HasColumnName("last_interaction_id");
            table.Property(e => e.Fields).HasColumnName("fields");
            table.Property(e => e.SubjectTokenId).HasColumnName("subject_token_id");
            table.Property(e => e.Address).HasColumnName("address");
            table.HasIndex(e => new { e.TokenId, e.At, e.Id }, "entries_by_token");
            table.HasIndex(e => new { e.Action, e.At, e.Id }, "entries_by_action");
            table.HasIndex(e => new { e.Advertiser, e.At, e.Id }, "entries_by_advertiser").HasFilter("advertiser IS NOT NULL");
            table.HasIndex(e => new { e.InteractionId, e.At, e.Id }, "entries_by_interaction").HasFilter("interaction_id IS NOT NULL");
        });
        model.Entity<EntryAdvertiser>(table =>
        {
            table.ToTable("entry_advertisers");
            table.HasKey(a => new { a.Advertiser, a.At, a.Id }).HasName("entry_advertisers_pkey");
            table.Property(a => a.Advertiser).HasColumnName("advertiser").ValueGeneratedNever();
            table.Property(a => a.At).HasColumnName("at").ValueGeneratedNever();
            table.Property(a => a.Id).HasColumnName("id").ValueGeneratedNever();
        });
        model.Entity<EntryInteraction>(table =>
        {
            table.ToTable("entry_interactions");
            table.HasKey(i => new { i.InteractionId, i.At, i.Id }).HasName("entry_interactions_pkey");
            table.Property(i => i.InteractionId).HasColumnName("interaction_id").ValueGeneratedNever();
            table.Property(i => i.At).HasColumnName("at").ValueGeneratedNever();
            table.Property(i => i.Id).HasColumnName("id").ValueGeneratedNever();
            table.Property(i => i.Fields).HasColumnName("fields");
        });
    }
}

/// <summary>A row that has a place in the trail.</summary>
internal interface IPlaced
{
    DateTime At { get; }

    long Id { get; }
}

/// <summary>A row of the trail.</summary>
internal sealed class Entry : IPlaced
{
    public DateTime At { get; init; }

    public long Id { get; init; }

    /// <summary>Null: an operator, without a token.</summary>
    public long? TokenId { get; init; }

    public required string Action { get; init; }

    /// <summary>Null: none, or several.</summary>
    public long? Advertiser { get; init; }

    /// <summary>Several, ascending.</summary>
    public long[]? Advertisers { get; init; }

    /// <summary>How many of each of the several.</summary>
    public int[]? Counts { get; init; }

    public int Count { get; init; }

    public long? InteractionId { get; init; }

    public long? FirstInteractionId { get; init; }

    public long? LastInteractionId { get; init; }

    public required string[] Fields { get; init; }

    public long? SubjectTokenId { get; init; }

    public byte[]? Address { get; init; }
}

/// <summary>One of the several advertisers of a row.</summary>
internal sealed class EntryAdvertiser : IPlaced
{
    public long Advertiser { get; init; }

    public DateTime At { get; init; }

    public long Id { get; init; }
}

/// <summary>One of the several interactions of a row.</summary>
internal sealed class EntryInteraction : IPlaced
{
    public long InteractionId { get; init; }

    public DateTime At { get; init; }

    public long Id { get; init; }

    public required string[] Fields { get; init; }
}

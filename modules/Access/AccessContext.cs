using Lips.Access.Tokens;
using Microsoft.EntityFrameworkCore;

namespace Lips.Access;

internal sealed class AccessContext(DbContextOptions<AccessContext> options) : DbContext(options)
{
    public const string Schema = "access";

    public DbSet<Token> Tokens => Set<Token>();

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.HasDefaultSchema(Schema);
        model.Entity<Token>(table =>
        {
            table.ToTable("tokens");
            table.HasKey(t => t.Id).HasName("tokens_pkey");
            table.Property(t => t.Id).HasColumnName("id").UseIdentityAlwaysColumn();
            table.Property(t => t.Name).HasColumnName("name");
            table.Property(t => t.SecretHash).HasColumnName("secret_hash");
            table.Property(t => t.ApiKeyHash).HasColumnName("api_key_hash");
            table.Property(t => t.Advertisers).HasColumnName("advertisers");
            table.Property(t => t.Abilities).HasColumnName("abilities").HasConversion<int>();
            table.Property(t => t.Trusted).HasColumnName("trusted");
            table.Property(t => t.Pii).HasColumnName("pii");
            table.Property(t => t.Bootstrap).HasColumnName("bootstrap").HasDefaultValue(false);
            table.Property(t => t.ExpiresAt).HasColumnName("expires_at");
            table.Property(t => t.CreatedAt).HasColumnName("created_at");
            table.Property(t => t.LastUsedAt).HasColumnName("last_used_at");
            table.Property(t => t.RevokedAt).HasColumnName("revoked_at");
            table.HasIndex(t => t.SecretHash).IsUnique().HasDatabaseName("tokens_secret_hash_key");
            table.HasIndex(t => t.Bootstrap).IsUnique().HasFilter("bootstrap").HasDatabaseName("tokens_bootstrap_key");
        });
    }
}

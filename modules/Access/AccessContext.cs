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
            table.ToTable("tokens", t => t.HasCheckConstraint(
                "tokens_second_secret", "num_nulls(second_secret_id, second_secret_hash, second_secret_created_at) IN (0, 3)"));
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
            table.Property(t => t.SecretId).HasColumnName("secret_id").HasDefaultValue(1);
            table.Property(t => t.SecretCreatedAt).HasColumnName("secret_created_at");
            table.Property(t => t.SecondSecretId).HasColumnName("second_secret_id");
            table.Property(t => t.SecondSecretHash).HasColumnName("second_secret_hash");
            table.Property(t => t.SecondSecretCreatedAt).HasColumnName("second_secret_created_at");
            table.Property(t => t.SecretsMade).HasColumnName("secrets_made").HasDefaultValue(1);
            table.Property(t => t.BootstrapHash).HasColumnName("bootstrap_hash");
            table.HasIndex(t => t.SecretHash).IsUnique().HasDatabaseName("tokens_secret_hash_key");
            table.HasIndex(t => t.SecondSecretHash).IsUnique().HasDatabaseName("tokens_second_secret_hash_key");
            table.HasIndex(t => t.Bootstrap).IsUnique().HasFilter("bootstrap").HasDatabaseName("tokens_bootstrap_key");
        });
    }
}

using Lips.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Xunit;

namespace Lips.Architecture.Tests;

/// <summary>The check of a schema against its model can fail: here are models that are wrong.</summary>
public sealed class SchemaAgreementTests
{
    private const string Tables =
        """
        CREATE SCHEMA made;
        CREATE SEQUENCE made.ids;
        CREATE TABLE made.things (
            advertiser bigint NOT NULL, id bigint NOT NULL, name text, size integer NOT NULL DEFAULT 7,
            CONSTRAINT things_pkey PRIMARY KEY (advertiser, id), CONSTRAINT things_size CHECK (size BETWEEN 1 AND 9)
        ) WITH (fillfactor = 80);
        CREATE INDEX things_by_name ON made.things (advertiser, name) INCLUDE (size) WHERE name IS NOT NULL;
        """;

    [Fact]
    public async Task The_right_model_agrees() => Assert.Empty(await DifferencesAsync(new Right()));

    [Fact]
    public async Task A_missing_column_is_found() =>
        Assert.Equal(["only in the database: column things.name text"], await DifferencesAsync(new MissingColumn(), but: "INDEX"));

    [Fact]
    public async Task Another_column_is_found() =>
        Assert.Equal(["only in the model: column things.colour text"], await DifferencesAsync(new MoreColumns()));

    [Fact]
    public async Task Another_type_and_nullability_are_found() => Assert.Equal(
        ["only in the database: column things.name text", "only in the model: column things.name character varying(50) NOT NULL"],
        await DifferencesAsync(new OtherType()));

    [Fact]
    public async Task Another_default_is_found() => Assert.Equal(
        ["only in the database: column things.size integer NOT NULL DEFAULT 7",
         "only in the model: column things.size integer NOT NULL DEFAULT 8"],
        await DifferencesAsync(new OtherDefault()));

    [Fact]
    public async Task A_missing_index_is_found() => Assert.Equal(
        ["only in the database: CREATE INDEX things_by_name ON made.things USING btree (advertiser, "
            + "name) INCLUDE (size) WHERE (name IS NOT NULL)"],
        await DifferencesAsync(new MissingIndex()));

    [Fact]
    public async Task Another_order_filter_inclusion_and_uniqueness_of_an_index_are_found() => Assert.Equal(
        [
            "only in the database: CREATE INDEX things_by_name ON made.things USING btree (advertiser, "
                + "name) INCLUDE (size) WHERE (name IS NOT NULL)",
            "only in the model: CREATE UNIQUE INDEX things_by_name ON made.things USING btree (name, advertiser) WHERE (size > 1)",
        ],
        await DifferencesAsync(new OtherIndex()));

    [Fact]
    public async Task A_missing_table_key_and_check_and_another_sequence_are_found()
    {
        var differences = await DifferencesAsync(new AlmostNothing());

        Assert.Contains("only in the database: table things (fillfactor=80)", differences);
        Assert.Contains("only in the database: constraint things_pkey on things PRIMARY KEY (advertiser, id)", differences);
        Assert.Contains("only in the database: constraint things_size on things CHECK (((size >= 1) AND (size <= 9)))", differences);
        Assert.Contains(differences, d => d.StartsWith("only in the database: sequence ids bigint", StringComparison.Ordinal));
        Assert.StartsWith(
            "only in the model: sequence ids integer",
            Assert.Single(differences, d => d.StartsWith("only in the model: ", StringComparison.Ordinal)),
            StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<string>> DifferencesAsync(DbContext model, string? but = null)
    {
        await using var context = model;
        var database = await TestPostgres.NewEmptyDatabaseAsync();
        await TestPostgres.ExecuteAsync(database, Tables);
        var differences = await SchemaAgreement.DifferencesAsync(database, "made", context);
        return [.. differences.Where(d => but is null || !d.Contains(but, StringComparison.Ordinal))];
    }

    private sealed class Thing
    {
        public long Advertiser { get; init; }

        public long Id { get; init; }

        public string? Name { get; init; }

        public int Size { get; init; }

        public string? Colour { get; init; }
    }

    private class Right : DbContext
    {
        protected override void OnConfiguring(DbContextOptionsBuilder options) => options.UseNpgsql("Host=nowhere");

        protected override void OnModelCreating(ModelBuilder model)
        {
            model.HasDefaultSchema("made");
            model.HasSequence<long>("ids");
            model.Entity<Thing>(thing =>
            {
                thing.ToTable("things", table => table.HasCheckConstraint("things_size", "size BETWEEN 1 AND 9"))
                    .HasStorageParameter("fillfactor", 80);
                thing.HasKey(t => new { t.Advertiser, t.Id }).HasName("things_pkey");
                thing.Property(t => t.Advertiser).HasColumnName("advertiser").ValueGeneratedNever();
                thing.Property(t => t.Id).HasColumnName("id").ValueGeneratedNever();
                thing.Property(t => t.Name).HasColumnName("name");
                thing.Property(t => t.Size).HasColumnName("size").HasDefaultValue(7);
                thing.Ignore(t => t.Colour);
                Index(thing);
                Change(thing);
            });
        }

        protected virtual void Index(EntityTypeBuilder<Thing> thing) =>
            thing.HasIndex(t => new { t.Advertiser, t.Name }, "things_by_name").IncludeProperties(t => t.Size)
                .HasFilter("name IS NOT NULL");

        protected virtual void Change(EntityTypeBuilder<Thing> thing)
        {
        }
    }

    private class MissingIndex : Right
    {
        protected override void Index(EntityTypeBuilder<Thing> thing)
        {
        }
    }

    private sealed class MissingColumn : MissingIndex
    {
        protected override void Change(EntityTypeBuilder<Thing> thing) => thing.Ignore(t => t.Name);
    }

    private sealed class MoreColumns : Right
    {
        protected override void Change(EntityTypeBuilder<Thing> thing) => thing.Property(t => t.Colour).HasColumnName("colour");
    }

    private sealed class OtherType : Right
    {
        protected override void Change(EntityTypeBuilder<Thing> thing) => thing.Property(t => t.Name).HasMaxLength(50).IsRequired();
    }

    private sealed class OtherDefault : Right
    {
        protected override void Change(EntityTypeBuilder<Thing> thing) => thing.Property(t => t.Size).HasDefaultValue(8);
    }

    private sealed class OtherIndex : Right
    {
        protected override void Index(EntityTypeBuilder<Thing> thing) =>
            thing.HasIndex(t => new { t.Name, t.Advertiser }, "things_by_name").IsUnique().HasFilter("size > 1");
    }

    private sealed class AlmostNothing : Right
    {
        protected override void OnModelCreating(ModelBuilder model) => model.HasDefaultSchema("made").HasSequence<int>("ids");
    }
}

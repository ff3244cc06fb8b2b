using Lips.Access;
using Lips.Audit;
using Lips.Counters;
using Lips.Interactions;
using Lips.Kernel.Database;
using Lips.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Lips.Architecture.Tests;

/// <summary>The models of EF Core are what the migrations make, no less and no more. Models that are not are found.</summary>
public sealed class ModelTests
{
    private const string Tables =
        """
        CREATE SCHEMA made;
        CREATE TABLE made.migrations ();
        CREATE TABLE made.things (
            advertiser bigint NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY, name text, size integer NOT NULL DEFAULT 7,
            CONSTRAINT things_pkey PRIMARY KEY (advertiser, id), CONSTRAINT things_size CHECK (size > 0)
        );
        CREATE INDEX things_by_name ON made.things (advertiser, name) INCLUDE (size) WHERE name IS NOT NULL;
        """;

    /// <summary>Something that is wrong with the database or the model, and what is said of it.</summary>
    private static readonly Dictionary<string, Case> Wrong = new(StringComparer.Ordinal)
    {
        ["a column that only the database has"] = new(
            "ALTER TABLE made.things ADD colour text", _ => { },
            "ALTER TABLE made.things DROP COLUMN colour;"),
        ["a column that only the model has"] = new("", t => t.Property<string?>("colour"), "ALTER TABLE made.things ADD colour text;"),
        ["another type"] = new(
            "", t => t.Property(x => x.Name).HasMaxLength(50),
            "ALTER TABLE made.things ALTER COLUMN name TYPE character varying(50);"),
        ["another type in the database"] = new(
            "ALTER TABLE made.things ALTER size TYPE bigint", _ => { },
            "ALTER TABLE made.things ALTER COLUMN size TYPE integer;"),
        ["null in the model alone"] = new(
            "", t => t.Property(x => x.Size).IsRequired(false),
            "ALTER TABLE made.things ALTER COLUMN size DROP NOT NULL;"),
        ["null in the database alone"] = new(
            "ALTER TABLE made.things ALTER size DROP NOT NULL", _ => { },
            "ALTER TABLE made.things ALTER COLUMN size SET NOT NULL;"),
        ["another default"] = new(
            "", t => t.Property(x => x.Size).HasDefaultValue(8),
            "ALTER TABLE made.things ALTER COLUMN size SET DEFAULT (8);"),
        ["another identity"] = new(
            "", t => t.Property(x => x.Id).UseIdentityByDefaultColumn(),
            "only in the database: made.things.id: identity a"),
        ["an index that only the database has"] = new(
            "CREATE INDEX things_by_size ON made.things (size)", _ => { },
            "DROP INDEX made.things_by_size;"),
        ["an index that only the model has"] = new(
            "", t => t.HasIndex(x => x.Size, "things_by_size"),
            "CREATE INDEX things_by_size ON made.things (size);"),
        ["another filter"] = new(
            "", t => ByName(t).HasFilter("size > 1"),
            "CREATE INDEX things_by_name ON made.things (advertiser, name) WHERE (size > 1);"),
        ["another uniqueness"] = new(
            "", t => ByName(t).IsUnique(),
            "CREATE UNIQUE INDEX things_by_name ON made.things (advertiser, name) WHERE (name IS NOT NULL);"),
        ["another column included"] = new(
            "", t => ByName(t).IncludeProperties(x => x.Id),
            "only in the model: CREATE INDEX things_by_name ON made.things USING btree (advertiser, name) INCLUDE (id) WHERE"),
        ["another key"] = new(
            "", t => t.HasKey(x => new { x.Id, x.Advertiser }).HasName("things_pkey"),
            "ALTER TABLE made.things ADD CONSTRAINT things_pkey PRIMARY KEY (id, advertiser);"),
        ["another name of the key"] = new(
            "", t => t.HasKey(x => new { x.Advertiser, x.Id }).HasName("things_key"),
            "ALTER TABLE made.things ADD CONSTRAINT things_key PRIMARY KEY (advertiser, id);"),
        ["a check that only the database has"] = new(
            "ALTER TABLE made.things ADD CONSTRAINT things_name CHECK (id > 1)", _ => { },
            "only in the database: made.things: things_name CHECK ((id > 1))"),
        ["a check that only the model has"] = new(
            "", t => t.ToTable(x => x.HasCheckConstraint("things_id", "id > 0")),
            "only in the model: made.things: things_id CHECK ((id > 0))"),
        ["a table that only the database has"] = new(
            "CREATE TABLE made.others (id bigint CONSTRAINT others_pkey PRIMARY KEY)", _ => { },
            "DROP TABLE made.others;"),
        ["a table that only the model has"] = new(
            "DROP TABLE made.things", _ => { },
            "CREATE INDEX things_by_name ON made.things (advertiser, name) WHERE (name IS NOT NULL);"),
        ["a sequence that only the database has"] = new("CREATE SEQUENCE made.ids", _ => { }, "DROP SEQUENCE made.ids;"),
    };

    public static TheoryData<string> Violations => [.. Wrong.Keys];

    [Fact]
    public async Task Every_model_agrees_with_the_migrated_database()
    {
        var connectionString = await TestPostgres.NewDatabaseAsync();
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var services = new ServiceCollection().AddSingleton(database)
            .AddAudit().AddAccess().AddCounters(connectionString).AddInteractions().BuildServiceProvider();
        var schemas = services.GetServices<ModuleSchema>().ToList();
        var modelled = new List<string>();
        foreach (var schema in schemas)
        {
            await using var context = schema.OpenContext(database);
            // A module that uses SQL alone has no model.
            if (!context.Model.GetEntityTypes().Any())
                continue;
            modelled.Add(schema.Name);
            Assert.Empty(await ModelAgreement.DifferencesAsync(context, schema.Name, connectionString));
        }

        Assert.Equal(Product.Modules, schemas.Select(s => s.Name).Order(StringComparer.Ordinal), StringComparer.OrdinalIgnoreCase);
        Assert.Contains("access", modelled);
        Assert.Contains("audit", modelled);
    }

    [Fact]
    public async Task The_right_model_agrees() => Assert.Empty(await DifferencesAsync("", _ => { }));

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task A_model_that_is_not_what_the_migrations_make_is_found(string name)
    {
        var (sql, model, difference) = Wrong[name];

        var differences = await DifferencesAsync(sql, model);

        Assert.True(differences.Any(d => d.Contains(difference, StringComparison.Ordinal)), string.Join('\n', differences));
    }

    private static async Task<IReadOnlyList<string>> DifferencesAsync(string sql, Action<EntityTypeBuilder<Thing>> model)
    {
        var database = await TestPostgres.NewEmptyDatabaseAsync();
        await TestPostgres.ExecuteAsync(database, $"{Tables}; {sql}");
        await using var context = new Things(database, model);
        return await ModelAgreement.DifferencesAsync(context, "made", database);
    }

    private static IndexBuilder<Thing> ByName(EntityTypeBuilder<Thing> thing) =>
        thing.HasIndex(t => new { t.Advertiser, t.Name }, "things_by_name");

    private sealed record Case(string Sql, Action<EntityTypeBuilder<Thing>> Model, string Difference);

    private sealed class Thing
    {
        public long Advertiser { get; init; }

        public long Id { get; init; }

        public string? Name { get; init; }

        public int? Size { get; init; }
    }

    private sealed class Things(string database, Action<EntityTypeBuilder<Thing>> change) : DbContext
    {
        // Without the cache each instance has a model of its own.
        protected override void OnConfiguring(DbContextOptionsBuilder options) =>
            options.UseNpgsql(database).EnableServiceProviderCaching(false);

        protected override void OnModelCreating(ModelBuilder model)
        {
            model.HasDefaultSchema("made");
            model.Entity<Thing>(thing =>
            {
                thing.ToTable("things", table => table.HasCheckConstraint("things_size", "size > 0"));
                thing.HasKey(t => new { t.Advertiser, t.Id }).HasName("things_pkey");
                thing.Property(t => t.Advertiser).HasColumnName("advertiser").ValueGeneratedNever();
                thing.Property(t => t.Id).HasColumnName("id").UseIdentityAlwaysColumn();
                thing.Property(t => t.Name).HasColumnName("name");
                thing.Property(t => t.Size).HasColumnName("size").IsRequired().HasDefaultValue(7);
                ByName(thing).IncludeProperties(t => t.Size).HasFilter("name IS NOT NULL");
                change(thing);
            });
        }
    }
}

using System.Text.RegularExpressions;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Architecture.Tests;

/// <summary>Keys and names of the migrated database.</summary>
public sealed class SchemaTests
{
    // Two writers may only meet where they lock the advertiser (design.md, "Writing"). Access is not written under that lock.
    private static readonly string[] SchemasByAdvertiser = ["counters", "interactions"];

    [Fact]
    public async Task Every_unique_key_starts_with_the_advertiser() =>
        Assert.Empty(await KeysWithoutAdvertiserAsync(await TestPostgres.NewDatabaseAsync(), SchemasByAdvertiser));

    [Fact]
    public async Task Every_constraint_and_index_has_the_name_that_its_migration_gives_it()
    {
        var database = await TestPostgres.NewDatabaseAsync();

        foreach (var module in Product.Modules.Append(Product.Host))
            Assert.Empty(await NamesNotGivenAsync(database, Product.SchemaOf(module), string.Join('\n', Product.MigrationsOf(module))));
    }

    [Fact]
    public async Task Other_keys_and_names_made_up_by_the_database_are_found()
    {
        const string migration =
            """
            CREATE SCHEMA wrong;
            CREATE TABLE wrong.things (id bigint PRIMARY KEY, advertiser bigint NOT NULL CHECK (advertiser > 0), name text UNIQUE);
            CREATE INDEX ON wrong.things (name);
            CREATE UNIQUE INDEX by_name ON wrong.things (advertiser, name);
            CREATE INDEX things_by_advertiser ON wrong.things (advertiser);
            """;
        var database = await TestPostgres.NewEmptyDatabaseAsync();
        await TestPostgres.ExecuteAsync(database, migration);

        Assert.Equal(["things_name_key", "things_pkey"], await KeysWithoutAdvertiserAsync(database, ["wrong"]));
        Assert.Equal(
            ["by_name", "things_advertiser_check", "things_name_idx", "things_name_key", "things_pkey"],
            await NamesNotGivenAsync(database, "wrong", migration));
    }

    private static Task<List<string>> KeysWithoutAdvertiserAsync(string database, string[] schemas) => ReadAsync(
        database,
        """
        SELECT c.relname::text, ''
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
        WHERE i.indisunique AND c.relnamespace = ANY($1::regnamespace[]) AND t.relname <> 'migrations'
            AND coalesce((SELECT attname FROM pg_attribute WHERE attrelid = t.oid AND attnum = i.indkey[0]), '') <> 'advertiser'
        ORDER BY 1
        """,
        schemas,
        (_, _) => true);

    /// <summary>
    /// A name is ours when the migrations spell it and it begins with the thing that the table holds, so that a name alone says where it
    /// is. (A list of the database's own patterns would not do: <c>things_pkey</c> is one of them and a good name.)
    /// </summary>
    private static Task<List<string>> NamesNotGivenAsync(string database, string schema, string migrations) => ReadAsync(
        database,
        """
        SELECT x.name, x.of FROM (
            SELECT c.relname::text, t.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                JOIN pg_class t ON t.oid = i.indrelid WHERE c.relnamespace = ANY($1::regnamespace[])
            UNION
            SELECT c.conname::text, t.relname::text FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
            WHERE c.connamespace = ANY($1::regnamespace[]) AND c.contype <> 'n'
        ) x (name, of)
        WHERE x.of <> 'migrations'
        ORDER BY 1
        """,
        [schema],
        (name, table) => !name.StartsWith(table + "_", StringComparison.Ordinal)
            || !Regex.IsMatch(migrations, $@"\b{Regex.Escape(name)}\b"));

    private static async Task<List<string>> ReadAsync(string database, string sql, string[] schemas, Func<string, string, bool> isViolation)
    {
        var names = new List<string>();
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection)
        {
            Parameters = { new NpgsqlParameter<string[]> { TypedValue = schemas } },
        };
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            if (isViolation(reader.GetString(0), reader.GetString(1)))
                names.Add(reader.GetString(0));
        }

        return names;
    }
}

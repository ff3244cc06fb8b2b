using Lips.Kernel.Database;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Counters.Tests;

public sealed class SchemaTests
{
    [Fact]
    public async Task The_migrated_schema_and_the_model_agree()
    {
        await using var database = NpgsqlDataSource.Create(await TestPostgres.NewDatabaseAsync());
        await using var context = new CountersContext(ModuleSchema.Options<CountersContext>(CountersContext.Schema, database));

        Assert.Empty(await SchemaAgreement.DifferencesAsync(database.ConnectionString, CountersContext.Schema, context));
    }
}

using Lips.Kernel.Database;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Access.Tests;

public sealed class SchemaTests
{
    [Fact]
    public async Task The_migrated_schema_and_the_model_agree()
    {
        await using var database = NpgsqlDataSource.Create(await TestPostgres.NewDatabaseAsync());
        await using var context = new AccessContext(ModuleSchema.Options<AccessContext>(AccessContext.Schema, database));

        Assert.Empty(await SchemaAgreement.DifferencesAsync(database.ConnectionString, AccessContext.Schema, context));
    }
}

using Lips.Kernel.Database;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Audit.Tests;

public sealed class SchemaTests
{
    [Fact]
    public async Task The_migrated_schema_and_the_model_agree()
    {
        await using var database = NpgsqlDataSource.Create(await TestPostgres.NewDatabaseAsync());
        await using var context = new AuditContext(ModuleSchema.Options<AuditContext>(AuditContext.Schema, database));

        Assert.Empty(await SchemaAgreement.DifferencesAsync(database.ConnectionString, AuditContext.Schema, context));
    }
}

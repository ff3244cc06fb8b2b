using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Interactions.Tests;

public sealed class SchemaTests
{
    [Fact]
    public async Task The_advertisers_of_campaigns_that_were_there_before_their_table_are_in_it()
    {
        var connectionString = await TestPostgres.NewEmptyDatabaseAsync();
        await RunAsync(connectionString, "0001_interactions.sql");
        await TestPostgres.ExecuteAsync(
            connectionString,
            """
            INSERT INTO interactions.interactions (advertiser, id, contact_id, campaign, occurred_at, created_at, kind, channel, important,
                read, tags, part)
            SELECT a, n, n, c, now(), now(), 1, 0, false, false, '{}', '{}'
            FROM (VALUES (1, 11, 1), (2, 11, 1), (3, 12, 1), (4, 11, 2), (5, NULL, 3)) AS v(n, c, a)
            """);

        await RunAsync(connectionString, "0002_campaigns.sql");

        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var command = database.CreateCommand(
            "SELECT string_agg(advertiser || ':' || campaign, ' ' ORDER BY advertiser, campaign) FROM interactions.campaign_advertisers");
        Assert.Equal("1:11 1:12 2:11", await command.ExecuteScalarAsync());
    }

    /// <summary>Runs the file of a migration, in one transaction, as the migrator does.</summary>
    internal static async Task RunAsync(string connectionString, string file)
    {
        using var reader = new StreamReader(typeof(InteractionsContext).Assembly.GetManifestResourceStream(file)!);
        await TestPostgres.ExecuteAsync(connectionString, $"BEGIN; {await reader.ReadToEndAsync()}; COMMIT");
    }
}

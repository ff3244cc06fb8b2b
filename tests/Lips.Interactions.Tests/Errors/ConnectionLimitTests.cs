using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Errors;

/// <summary>Nodes that together want more connections than the database has.</summary>
public sealed class ConnectionLimitTests
{
    [Theory]
    [Each(24, 40)]
    public async Task Requests_wait_for_a_connection_of_the_server_as_for_one_of_the_pool(int connections)
    {
        var database = await TestPostgres.NewDatabaseAsync();
        await using var first = await LipsNode.StartAsync(database);
        await using var second = await LipsNode.StartAsync(database);
        await TestPostgres.ExecuteAsync(
            database, $"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT {connections}', current_database()); END $$");
        LipsNode[] nodes = [first, second];

        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(async number =>
        {
            await Task.Delay(number % 10);
            var client = nodes[number % 2].Client;
            return (number % 3) switch
            {
                0 => await client.SendOneAsync(Records.Call($"USA_{number}")),
                1 => await client.BulkAsync([Records.Call($"USA_{number}"), Records.Call($"USA_{number + 1000}")]),
                _ => await client.GetAnswerAsync($"/contact_interactions?global_master_advertiser_id=USA_{number - 2}"),
            };
        }));

        Assert.All(answers, answer => Assert.True(answer.Status is 200 or 201, $"{answer.Status}: {answer.Body}"));
    }
}

using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests;

/// <summary>A node beside a newer one that has migrated their database.</summary>
public sealed class UpgradeTests
{
    private const string Page = "/contact_interactions?global_master_advertiser_id=USA_1";

    [Fact]
    public async Task Beside_a_migration_that_only_adds_nodes_go_on_and_others_start()
    {
        await using var node = await LipsNode.StartAsync();
        await MigrateAsync(node, "9998_more", "ALTER TABLE interactions.interactions ADD score integer");

        (await node.Client.GetAnswerAsync("/health/ready")).Is(200);
        (await node.Client.GetAnswerAsync(Page)).Is(200);
        await using var second = await LipsNode.StartAsync(node.ConnectionString);
        await second.Client.IngestAsync(Processes.Records.New("one"));
        Assert.Single((await node.Client.GetAnswerAsync(Page)).Is(200).Ids);
    }

    [Theory]
    [InlineData("ALTER TABLE interactions.interactions RENAME body TO content")]
    [InlineData("DROP TABLE interactions.interaction_versions")]
    [InlineData(
        "ALTER TABLE interactions.interactions ADD score integer NOT NULL DEFAULT 0; "
        + "ALTER TABLE interactions.interactions ALTER score DROP DEFAULT")]
    [InlineData("REVOKE SELECT ON interactions.interactions FROM lips_app")]
    public async Task Beside_a_migration_that_takes_away_what_a_node_needs_it_is_not_ready_and_says_why(string sql)
    {
        await using var node = await LipsNode.StartAsync();
        await node.Client.IngestAsync(Processes.Records.New("one"));
        var id = Assert.Single((await node.Client.GetAnswerAsync(Page)).Is(200).Ids);
        await MigrateAsync(node, "9999_less_contract", sql);

        Answer[] answers =
        [
            await node.Client.GetAnswerAsync("/health/ready"),
            await node.Client.GetAnswerAsync(Page),
            await node.Client.GetAnswerAsync($"/contact_interactions/{id}"),
            await node.Client.PostAsync("/contact_interactions", new { contact_interaction = Processes.Records.New("two") }),
        ];

        // What does not need it is served still.
        Assert.All(answers, answer => Assert.True(answer.Status == 200 || answer.Is(503).Body.Contains("9999_less_contract"), answer.Body));
        answers[0].Is(503);
        (await node.Client.GetAnswerAsync("/health/live")).Is(200);
    }

    [Fact]
    public async Task Without_such_a_migration_what_is_missing_is_a_failure_of_ours()
    {
        await using var node = await LipsNode.StartAsync();
        await node.Client.IngestAsync(Processes.Records.New("one"));
        await TestPostgres.ExecuteAsync(node.ConnectionString, "ALTER TABLE interactions.interactions RENAME body TO content");

        (await node.Client.GetAnswerAsync(Page)).Is(500);
    }

    private static async Task MigrateAsync(LipsNode node, string id, string sql)
    {
        await TestPostgres.ExecuteAsync(node.ConnectionString, sql);
        await TestPostgres.ExecuteAsync(
            node.ConnectionString, $"INSERT INTO interactions.migrations (\"MigrationId\", \"ProductVersion\") VALUES ('{id}', '10')");
    }
}

using System.Net;
using Lips.Host.Cluster;
using Lips.Kernel.Database;
using Lips.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Lips.Host.Tests.Cluster;

[Collection(nameof(AloneCollection))]
public sealed class ConnectionShareTests
{
    // Three nodes with all that each may open alone, some 90, are far beyond it. With their shares they fit.
    private const int Accepted = 70;
    private const int Clients = 75;

    [Theory]
    [InlineData(97, 1, 40)]
    [InlineData(97, 3, 16)]
    [InlineData(97, 4, 12)]
    [InlineData(97, 40, 12)]
    [InlineData(500, 3, 117)]
    public void What_the_server_accepts_is_for_all_nodes_and_one_more(int accepted, int nodes, int share) =>
        Assert.Equal(share, ConnectionShare.Of(accepted, nodes));

    [Fact]
    public async Task Nodes_share_what_the_server_accepts_so_that_no_request_fails_for_it()
    {
        var database = await TestPostgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(
            database, $"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT {Accepted}', current_database()); END $$");
        var nodes = new List<LipsNode>();
        try
        {
            while (nodes.Count < 3)
                nodes.Add(await LipsNode.StartAsync(TestPostgres.AsApplication(database)));
            var places = nodes.ConvertAll(n => n.Services.GetRequiredService<Connections>());
            while (places.Exists(p => p.Places > ConnectionShare.Of(Accepted, nodes.Count)))
                await Task.Delay(50);

            var statuses = await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => UseAsync(nodes[client % 3], client)));

            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Created], statuses.SelectMany(s => s).Distinct().Order());
            Assert.All(places, p => Assert.Equal(0, p.Waiting));
        }
        finally
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }
    }

    private static async Task<List<HttpStatusCode>> UseAsync(LipsNode node, int client)
    {
        var statuses = new List<HttpStatusCode>();
        var advertiser = $"USA_{client % 20 + 1}";
        for (var i = 0; i < 4; i++)
        {
            statuses.Add((HttpStatusCode)(await node.Client.PostAsync(
                "/contact_interactions",
                new
                {
                    contact_interaction =
                        new { global_master_advertiser_id = advertiser, event_type = "call", occurred_at = "2026-03-02T10:00:00Z" },
                })).Status);
            // Filters that no counter knows take a connection each.
            statuses.Add((HttpStatusCode)(await node.Client.GetAnswerAsync(
                $"/contact_interactions?global_master_advertiser_id={advertiser}&q=nobody")).Status);
        }

        return statuses;
    }
}

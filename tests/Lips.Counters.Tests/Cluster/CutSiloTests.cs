using Lips.Testing;
using Xunit;

namespace Lips.Counters.Tests.Cluster;

/// <summary>A silo that holds an advertiser, and is cut off from the database or frozen.</summary>
public sealed class CutSiloTests
{
    private const string Totals = "/contact_interactions/totals?global_master_advertiser_id=USA_1";

    [Theory]
    [Each(false, true)]
    public async Task The_others_tell_its_counters_all_the_same(bool isHeld)
    {
        var database = await TestPostgres.NewDatabaseAsync();
        await using var wire = new PostgresRelay(database);
        await using var holder = await LipsNode.StartAsync(wire.ConnectionString);
        await using var other = await LipsNode.StartAsync(database);
        await IngestAsync(other);
        Assert.Equal(1, await EventsAsync(holder));

        if (isHeld)
            wire.Hold();
        else
            wire.Close();
        await IngestAsync(other);
        Assert.Equal(2, await EventsAsync(other));
        Assert.Equal(2, (await other.Client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_1")).Is(200).Ids.Count);
        await IngestAsync(other);
        Assert.Equal(3, await EventsAsync(other));

        if (isHeld)
            wire.Release();
        else
            wire.Open();
        while ((await holder.Client.GetAnswerAsync(Totals)).Status == 503)
            await Task.Delay(50);
        Assert.Equal(3, await EventsAsync(holder));
        Assert.Equal(3, await EventsAsync(other));
    }

    private static Task IngestAsync(LipsNode node) => node.Client.IngestAsync(
        new { global_master_advertiser_id = "USA_1", event_type = "call", occurred_at = "2026-03-02T10:00:00Z" });

    private static async Task<int> EventsAsync(LipsNode node) =>
        (int)(await node.Client.GetAnswerAsync(Totals)).Is(200).Json["totals"]!["events"]!;
}

using Lips.Counters.Grains;
using Lips.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Lips.Counters.Tests.Contracts;

/// <summary>A node whose memory is short, and one whose database is away.</summary>
public sealed class MemoryTests
{
    private const int Days = 800;

    [Fact]
    public async Task More_advertisers_than_the_memory_holds_are_read_right_while_they_change()
    {
        const int advertisers = 30;
        await using var node = await LipsNode.StartAsync(
            builder => builder.Configuration.AddInMemoryCollection([new("Lips:Counters:MemoryMb", "1")]));
        // Each is too large for more than a few to be held.
        var calls = Enumerable.Range(0, advertisers * Days).Select(n => Call((n % advertisers) + 1, n / advertisers));
        (await node.Client.BulkAsync(calls)).Is(200);
        var (begun, done) = (new int[advertisers + 1], new int[advertisers + 1]);
        using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(6));
        var (reads, writes) = (0, 0);
        var writers = Enumerable.Range(0, 4).Select(w => Task.Run(async () =>
        {
            for (var random = new Random(w); !enough.IsCancellationRequested; Interlocked.Increment(ref writes))
            {
                var advertiser = random.Next(1, advertisers + 1);
                Interlocked.Increment(ref begun[advertiser]);
                await node.Client.IngestAsync(Call(advertiser, 1));
                Interlocked.Increment(ref done[advertiser]);
            }
        }));
        var readers = Enumerable.Range(0, 6).Select(r => Task.Run(async () =>
        {
            for (var random = new Random(r); !enough.IsCancellationRequested; Interlocked.Increment(ref reads))
            {
                var advertiser = random.Next(1, advertisers + 1);
                var least = Volatile.Read(ref done[advertiser]);
                var answer = (await node.Client
                    .GetAnswerAsync($"/contact_interactions/totals?global_master_advertiser_id=USA_{advertiser}")).Is(200);
                Assert.InRange((int)answer.Json["totals"]!["events"]!, Days + least, Days + Volatile.Read(ref begun[advertiser]));
            }
        }));

        await Task.WhenAll([.. writers, .. readers]);

        Assert.True(reads > 50 && writes > 10, $"Only {reads} reads and {writes} writes.");
        var holds = node.Services.GetRequiredService<SiloHolds>();
        Assert.InRange(holds.Bytes, 1, 1 << 20);
        Assert.True(
            await TestPostgres.ScalarAsync<bool>(node.ConnectionString, "SELECT EXISTS (SELECT FROM counters.ended_holds WHERE has_left)"));
        await holds.LeaveAllAsync();
        Assert.Equal(0, holds.Bytes);
    }

    [Fact]
    public async Task Without_its_database_a_node_serves_no_longer_than_its_lease_and_never_what_was_changed_elsewhere()
    {
        const string address = "/contact_interactions/totals?global_master_advertiser_id=USA_77";
        var database = await TestPostgres.NewDatabaseAsync();
        await using var wire = new PostgresRelay(database);
        await using var reader = await LipsNode.StartAsync(wire.ConnectionString);
        await using var writer = await LipsNode.StartAsync(database);
        await writer.Client.IngestAsync(Call(77, 0));
        var tag = (await reader.Client.GetAnswerAsync(address)).Is(200).Headers.ETag!.ToString();

        wire.Close();
        for (var status = 304; status != 503;)
        {
            var answer = await reader.Client.SendAsync(HttpMethod.Get, address, (HttpContent?)null, ("If-None-Match", tag));
            status = answer.Status;
            Assert.True(status is 304 or 503, answer.Body);
        }

        await writer.Client.IngestAsync(Call(77, 0));
        foreach (var answer in await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(_ => reader.Client.SendAsync(HttpMethod.Get, address, (HttpContent?)null, ("If-None-Match", tag)))))
        {
            // A holder elsewhere may be asked; it knows.
            Assert.True(answer.Status is 503 or 200, answer.Body);
            if (answer.Status == 200)
                Assert.Equal(2, (int)answer.Json["totals"]!["events"]!);
        }

        wire.Open();
        var patience = DateTime.UtcNow.AddSeconds(60);
        Answer back;
        while ((back = await reader.Client.GetAnswerAsync(address)).Status == 503)
            Assert.True(DateTime.UtcNow < patience, back.Body);
        Assert.Equal(2, (int)back.Is(200).Json["totals"]!["events"]!);
    }

    private static object Call(int advertiser, int day) => new
    {
        global_master_advertiser_id = $"USA_{advertiser}",
        event_type = "call",
        occurred_at = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(-day),
    };
}

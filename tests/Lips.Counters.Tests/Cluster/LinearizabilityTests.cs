using System.Collections.Concurrent;
using Lips.Counters.Grains;
using Lips.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using Xunit.Abstractions;

namespace Lips.Counters.Tests.Cluster;

/// <summary>
/// Three silos on one database, each behind a wire of its own. Writers and readers go to any of them, while silos are cut from the database
/// and from each other, holds are taken twice and given back, clocks stop, and nodes come and go. Each total lies between what was
/// acknowledged before its request began and what had begun before its answer came.
/// </summary>
public sealed class LinearizabilityTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Advertisers = 5;
    private const int Writers = 6;
    private const int Readers = 6;

    private static readonly TimeSpan Length = Environment.GetEnvironmentVariable("LIPS_SOAK") is { Length: > 0 }
        ? TimeSpan.FromMinutes(10)
        : TimeSpan.FromSeconds(60);

    private readonly int[] begun = new int[Advertisers];
    private readonly int[] acknowledged = new int[Advertisers];
    private readonly PostgresRelay[] wires = new PostgresRelay[3];
    private readonly LipsNode[] nodes = new LipsNode[3];
    private readonly SuspendedClock[] clocks = [new(), new(), new()];
    private readonly ConcurrentDictionary<string, int> seen = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource over = new();
    private string database = "";

    public async Task InitializeAsync()
    {
        database = await TestPostgres.NewDatabaseAsync();
        for (var i = 0; i < nodes.Length; i++)
        {
            wires[i] = new PostgresRelay(database);
            nodes[i] = await StartAsync(i);
        }
    }

    public async Task DisposeAsync()
    {
        for (var i = 0; i < nodes.Length; i++)
        {
            await nodes[i].DisposeAsync();
            await wires[i].DisposeAsync();
        }

        over.Dispose();
    }

    [Fact]
    public async Task No_total_is_stale_whatever_fails()
    {
        over.CancelAfter(Length);
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        await Task.WhenAll(
            Enumerable.Range(0, Writers).Select(i => WriteAsync(new Random(seed + i), i))
                .Concat(Enumerable.Range(100, Readers).Select(i => ReadAsync(new Random(seed + i))))
                .Append(FailAsync(new Random(seed + 1000))));

        output.WriteLine(string.Join(", ", seen.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}: {s.Value}")));
        Assert.True(seen.GetValueOrDefault("read 200") > 100 && seen.GetValueOrDefault("written") > 20, "Too little was read or written.");
        for (var advertiser = 0; advertiser < Advertisers; advertiser++)
        {
            foreach (var node in nodes)
            {
                // The last failure may have been a moment ago.
                for (var attempt = 0; attempt < 100 && (await TotalsAsync(node, advertiser)).Status == 503; attempt++)
                    await Task.Delay(100);
                Assert.Equal(begun[advertiser], (int)(await TotalsAsync(node, advertiser)).Is(200).Json["totals"]!["events"]!);
            }
        }

        await nodes[0].AssertWholeAsync();
    }

    /// <summary>Brings interactions in; each again until it is acknowledged, by any node.</summary>
    private async Task WriteAsync(Random random, int writer)
    {
        for (var number = 0; !over.IsCancellationRequested; number++)
        {
            var advertiser = random.Next(Advertisers);
            Interlocked.Increment(ref begun[advertiser]);
            var interaction = new
            {
                global_master_advertiser_id = $"USA_{advertiser + 1}",
                event_type = "call",
                occurred_at = "2026-03-02T10:00:00Z",
                external_app_id = "w",
                external_id = $"{writer}-{number}",
            };
            while (await StatusAsync(async () => await nodes[random.Next(nodes.Length)].Client.PostAsync(
                "/contact_interactions", new { contact_interaction = interaction })) is not (200 or 201))
                await Task.Delay(20);
            Interlocked.Increment(ref acknowledged[advertiser]);
            seen.AddOrUpdate("written", 1, (_, count) => count + 1);
            await Task.Delay(random.Next(20));
        }
    }

    private async Task ReadAsync(Random random)
    {
        while (!over.IsCancellationRequested)
        {
            var advertiser = random.Next(Advertisers);
            var node = random.Next(nodes.Length);
            var least = Volatile.Read(ref acknowledged[advertiser]);
            Answer? answer = null;
            var status = await StatusAsync(async () => answer = await TotalsAsync(nodes[node], advertiser));
            seen.AddOrUpdate($"read {status}", 1, (_, count) => count + 1);
            if (status == 200)
            {
                var total = (int)answer!.Json["totals"]!["events"]!;
                Assert.InRange(total, least, Volatile.Read(ref begun[advertiser]));
            }

            await Task.Delay(random.Next(5));
        }
    }

    private async Task FailAsync(Random random)
    {
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(random.Next(400));
            var i = random.Next(nodes.Length);
            var holds = nodes[i].Services.GetRequiredService<SiloHolds>();
            var silo = nodes[i].Services.GetRequiredService<CountersSilo>();
            var key = 1_000_000_000_001 + random.Next(Advertisers);
            var time = TimeSpan.FromMilliseconds(random.Next(4000));
            switch (random.Next(9))
            {
                case 0:
                    wires[i].Close();
                    await Task.Delay(time);
                    wires[i].Open();
                    break;
                case 1:
                    wires[i].Hold();
                    await Task.Delay(time);
                    wires[i].Release();
                    break;
                case 2:
                    wires[i].HoldAnswers();
                    await Task.Delay(time);
                    wires[i].ReleaseAnswers();
                    break;
                case 3:
                    // Its writers reach no other silo.
                    var grains = silo.Grains;
                    silo.Part();
                    await Task.Delay(time);
                    silo.Join(grains!);
                    break;
                case 4 when holds.Find(key) is { } hold:
                    await holds.LeaveAsync([hold]);
                    break;
                case 5:
                    var anew = await StartAsync(i);
                    (var old, nodes[i]) = (nodes[i], anew);
                    await old.DisposeAsync();
                    break;
                case 6:
                    // A machine that was suspended: of its clocks one has stood still.
                    wires[i].Hold();
                    clocks[i].Stop();
                    await Task.Delay(time);
                    wires[i].Release();
                    await Task.Delay(random.Next(200));
                    clocks[i].GoOn();
                    break;
                default:
                    // An activation that should not be.
                    await StatusAsync(async () =>
                    {
                        await holds.Begin(key).ReadAsync();
                        return null;
                    });
                    break;
            }
        }
    }

    private Task<LipsNode> StartAsync(int i) =>
        LipsNode.StartAsync(wires[i].ConnectionString, builder => builder.Services.AddSingleton<TimeProvider>(clocks[i]));

    private static Task<Answer> TotalsAsync(LipsNode node, int advertiser) =>
        node.Client.GetAnswerAsync($"/contact_interactions/totals?global_master_advertiser_id=USA_{advertiser + 1}");

    /// <summary>The status; 0 where there was no answer.</summary>
    private static async Task<int> StatusAsync(Func<Task<Answer?>> ask)
    {
        try
        {
            return (await ask())?.Status ?? 0;
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            return 0;
        }
    }

    /// <summary>A clock of which the time since the start can be stopped, and the time of day goes on.</summary>
    private sealed class SuspendedClock : TimeProvider
    {
        private readonly Lock guard = new();
        private long lost;
        private long? stoppedAt;

        public override long GetTimestamp()
        {
            lock (guard)
                return (stoppedAt ?? base.GetTimestamp()) - lost;
        }

        public void Stop()
        {
            lock (guard)
                stoppedAt = base.GetTimestamp();
        }

        public void GoOn()
        {
            lock (guard)
            {
                lost += base.GetTimestamp() - stoppedAt!.Value;
                stoppedAt = null;
            }
        }
    }
}

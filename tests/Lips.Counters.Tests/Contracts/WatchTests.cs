using Lips.Counters.Contracts;
using Lips.Counters.Grains;
using Lips.Counters.Tests.Grains;
using Lips.Kernel;
using Lips.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Lips.Counters.Tests.Contracts;

/// <summary>Where a change falls beside the beginning of a watch, the reading and the wait.</summary>
public sealed class WatchTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    // More than the watch takes to look twice.
    private static readonly TimeSpan TwoLooks = TimeSpan.FromSeconds(1);

    private readonly LiveCounters counters = fixture.Node.Services.GetRequiredService<LiveCounters>();

    [Fact]
    public async Task A_change_before_the_first_reading_is_in_it()
    {
        using var watcher = counters.Watch([Id(1)]);
        await ChangeAsync(1);
        var reading = await ReadAsync(1);

        Assert.Equal(1, reading.Versions[0]);
        Assert.False(await IsToldAsync(watcher, reading));
    }

    // The watch looks four times a second: one of these has its look before the change, and the next has it amid the reading.
    [Fact]
    public async Task What_a_look_found_before_the_reading_is_not_told_wherever_it_falls()
    {
        var told = await Task.WhenAll(Enumerable.Range(100, 60).Select(async number =>
        {
            using var watcher = counters.Watch([Id(number)]);
            await Task.Delay(TimeSpan.FromMilliseconds((number - 100) * 8));
            await ChangeAsync(number);
            return await IsToldAsync(watcher, await ReadAsync(number));
        }));

        Assert.DoesNotContain(true, told);
    }

    [Fact]
    public async Task A_change_after_the_first_reading_and_before_the_wait_is_told()
    {
        using var watcher = counters.Watch([Id(2)]);
        var reading = await ReadAsync(2);
        await ChangeAsync(2);

        await watcher.ChangedAsync(reading).WaitAsync(Patience);
    }

    [Fact]
    public async Task A_change_that_the_watch_has_seen_before_the_wait_is_told_and_told_once()
    {
        using var watcher = counters.Watch([Id(3)]);
        var reading = await ReadAsync(3);
        await ChangeAsync(3);
        await Task.Delay(TwoLooks);

        await watcher.ChangedAsync(reading).WaitAsync(Patience);
        Assert.False(await IsToldAsync(watcher, await ReadAsync(3)));
    }

    [Fact]
    public async Task A_change_during_the_wait_is_told_to_all_who_watch_and_to_nobody_else()
    {
        using var one = counters.Watch([Id(4)]);
        using var two = counters.Watch([Id(5), Id(4)]);
        using var other = counters.Watch([Id(5)]);
        var (changedOne, changedTwo, changedOther) = (one.ChangedAsync(await ReadAsync(4)), two.ChangedAsync(await ReadAsync(5, 4)),
            other.ChangedAsync(await ReadAsync(5)));
        await Task.Delay(TwoLooks);
        Assert.False(changedOne.IsCompleted || changedTwo.IsCompleted);

        await ChangeAsync(4);

        await Task.WhenAll(changedOne, changedTwo).WaitAsync(Patience);
        Assert.False(changedOther.IsCompleted);
    }

    [Fact]
    public async Task Who_could_not_read_is_told_when_the_database_answers()
    {
        using var watcher = counters.Watch([Id(6)]);

        await watcher.ChangedAsync(null).WaitAsync(Patience);
    }

    [Fact]
    public async Task Another_history_of_the_database_is_told_though_the_versions_are_the_same()
    {
        using var watcher = counters.Watch([Id(7)]);
        await ChangeAsync(7);
        var reading = await ReadAsync(7);
        var changed = watcher.ChangedAsync(reading);
        await Task.Delay(TwoLooks);
        Assert.False(changed.IsCompleted);

        // A table that was made anew is what a restored backup looks like.
        await CounterRows.MakeAnewAsync(fixture.Node.ConnectionString);

        await changed.WaitAsync(Patience);
        Assert.Equal(reading.Versions, (await ReadAsync(7)).Versions);
    }

    [Fact]
    public async Task A_client_that_vanishes_leaves_nothing_behind()
    {
        await using var node = await LipsNode.StartAsync(fixture.Node.ConnectionString);
        var watch = node.Services.GetRequiredService<TotalsWatch>();
        await using (var stream = await EventStream.OpenAsync(
            node.Client, "/contact_interactions/totals/stream?global_master_advertiser_id=USA_51"))
        {
            await stream.NextAsync();
            Assert.Equal(1, watch.Count);
        }

        var deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (watch.Count > 0)
        {
            Assert.True(Environment.TickCount64 < deadline, "It is still watched.");
            await Task.Delay(20);
        }
    }

    private static async Task<bool> IsToldAsync(LiveWatcher watcher, LiveReading reading)
    {
        var changed = watcher.ChangedAsync(reading);
        return await Task.WhenAny(changed, Task.Delay(TwoLooks)) == changed;
    }

    private static GlobalId Id(int number) => GlobalId.TryParse($"USA_{number}", out var id) ? id : default;

    private async Task<LiveReading> ReadAsync(params int[] numbers) =>
        await counters.ReadAsync([.. numbers.Select(Id)], null, CancellationToken.None);

    private async Task ChangeAsync(int number) => await fixture.Client.IngestAsync(
        new { global_master_advertiser_id = $"USA_{number}", event_type = "call", occurred_at = "2026-03-02T10:00:00Z" });
}

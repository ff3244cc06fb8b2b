using System.Collections.Concurrent;
using Xunit;

namespace Lips.Kernel.Tests;

public sealed class BatcherTests
{
    [Fact]
    public async Task Requests_that_come_while_a_batch_is_served_are_the_next_batch()
    {
        var groups = new ConcurrentQueue<int[]>();
        var gate = new TaskCompletionSource();
        var all = new CountdownEvent(6);
        var batcher = new Batcher<int>(most: 3, atOnce: 1, mostWaiting: 5, async group =>
        {
            groups.Enqueue([.. group]);
            await gate.Task;
            all.Signal(group.Count);
            return [];
        });

        batcher.Add(1);
        await UntilAsync(() => groups.Count == 1);
        foreach (var one in new[] { 2, 3, 4, 5, 6 })
            batcher.Add(one);
        gate.SetResult();
        await UntilAsync(() => all.IsSet);

        Assert.Equal([[1], [2, 3, 4], [5, 6]], groups);
    }

    [Fact]
    public async Task No_more_batches_than_allowed_are_served_at_a_time_and_each_request_once()
    {
        const int Count = 20_000;
        var served = new ConcurrentQueue<int>();
        var (serving, most) = (0, 0);
        var batcher = new Batcher<int>(most: 8, atOnce: 3, mostWaiting: Count, async group =>
        {
            var now = Interlocked.Increment(ref serving);
            InterlockedMax(ref most, now);
            Assert.InRange(group.Count, 1, 8);
            await Task.Yield();
            group.ForEach(served.Enqueue);
            Interlocked.Decrement(ref serving);
            return [];
        });

        await Parallel.ForAsync(0, Count, (one, _) =>
        {
            batcher.Add(one);
            return ValueTask.CompletedTask;
        });
        await UntilAsync(() => served.Count >= Count);

        Assert.Equal(Enumerable.Range(0, Count), served.Order());
        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task One_more_than_may_wait_is_refused_and_those_that_wait_are_served()
    {
        var served = new ConcurrentQueue<int>();
        var gate = new TaskCompletionSource();
        var serving = new TaskCompletionSource();
        var batcher = new Batcher<int>(most: 8, atOnce: 1, mostWaiting: 2, async group =>
        {
            serving.TrySetResult();
            await gate.Task;
            group.ForEach(served.Enqueue);
            return [];
        });

        batcher.Add(1);
        await serving.Task;
        batcher.Add(2);
        Assert.False(batcher.IsFull);
        batcher.Add(3);
        Assert.True(batcher.IsFull);
        Assert.Throws<BusyException>(() => batcher.Add(4));
        gate.SetResult();
        await UntilAsync(() => served.Count == 3);
        Assert.False(batcher.IsFull);
        batcher.Add(5);
        await UntilAsync(() => served.Count == 4);

        Assert.Equal([1, 2, 3, 5], served);
    }

    [Fact]
    public async Task What_a_batch_gives_back_begins_the_next_one_with_or_without_others()
    {
        var groups = new ConcurrentQueue<int[]>();
        var gate = new TaskCompletionSource();
        var batcher = new Batcher<int>(most: 3, atOnce: 1, mostWaiting: 9, async group =>
        {
            groups.Enqueue([.. group]);
            await gate.Task;
            return group.FindAll(one => one < 3).ConvertAll(one => one + 10);
        });

        batcher.Add(1);
        await UntilAsync(() => groups.Count == 1);
        foreach (var one in new[] { 3, 2, 4 })
            batcher.Add(one);
        gate.SetResult();
        await UntilAsync(() => groups.Count == 3);
        batcher.Add(5);
        await UntilAsync(() => groups.Count == 4);

        Assert.Equal([[1], [11, 3, 2], [12, 4], [5]], groups);
    }

    [Fact]
    public async Task Small_batches_of_several_batchers_take_turns_and_large_ones_do_not()
    {
        using var few = new FewRequests(3);
        var groups = new ConcurrentQueue<int[]>();
        var gates = new ConcurrentDictionary<int, TaskCompletionSource>();
        Batcher<int> New() => new(most: 8, atOnce: 1, mostWaiting: 9, async group =>
        {
            groups.Enqueue([.. group]);
            await gates.GetOrAdd(group[0], _ => new()).Task;
            return [];
        }, few);
        void Open(int first) => gates.GetOrAdd(first, _ => new()).SetResult();
        var (one, other) = (New(), New());

        one.Add(1);
        await UntilAsync(() => groups.Count == 1);
        other.Add(2);
        Assert.Null(await few.TurnAsync(3));
        await Task.Delay(50);
        Assert.Single(groups);
        other.Add(3);
        Open(1);
        await UntilAsync(() => groups.Count == 2);
        Open(2);

        Assert.Equal([[1], [2, 3]], groups);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); seen < value; seen = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, value, seen);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var patience = DateTime.UtcNow.AddSeconds(20);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < patience, "This has taken more than 20 seconds.");
            await Task.Delay(5);
        }
    }
}

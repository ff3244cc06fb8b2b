using Lips.Testing;
using Xunit;

namespace Lips.Client.Tests;

/// <summary>The stream of totals and the change feed.</summary>
public sealed class StreamTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task A_stream_tells_of_changes_and_ends_when_it_is_cancelled()
    {
        using var lips = fixture.Node.NewLipsClient();
        using var stop = new CancellationTokenSource(Patience);
        var seen = new List<long>();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var totals in lips.WatchTotalsAsync(InteractionFilter.Of("USA_41"), cancellation: stop.Token))
            {
                seen.Add(totals.All.Events);
                if (totals.All.Events == 1)
                    await stop.CancelAsync();
                else
                    await lips.AddAsync(Clients.Call("USA_41", "seen"));
            }
        });

        Assert.Equal([0, 1], seen);
    }

    [Fact]
    public async Task A_stream_that_breaks_off_is_opened_again()
    {
        var told = new List<LipsException>();
        using var between = new Between((attempt, _, send) =>
            attempt == 2 ? throw new HttpRequestException("Nobody is there.") : attempt == 1 ? BrokenAsync(send) : send());
        using var lips = fixture.Node.NewLipsClient(between);
        using var stop = new CancellationTokenSource(Patience);

        var seen = 0;
        await foreach (var totals in lips.WatchTotalsAsync(InteractionFilter.Of("USA_42"), told.Add, stop.Token))
        {
            Assert.Equal(0, totals.All.Events);
            if (++seen == 1)
                break;
        }

        Assert.Equal(3, between.Attempts);
        Assert.Single(told);
    }

    [Fact]
    public async Task The_change_feed_goes_on_where_it_was_and_misses_nothing()
    {
        using var lips = fixture.Node.NewLipsClient();
        await lips.AddAsync(Clients.Call("USA_43", "before"));
        var first = await lips.ReadChangesAsync("USA_43").ToListAsync();
        await lips.AddAsync(Clients.Call("USA_43", "after"));

        var rest = await lips.ReadChangesAsync("USA_43", first[^1].Next).ToListAsync();

        Assert.Equal(["before"], first.SelectMany(part => part.ContactInteractions).Select(i => i.ExternalId));
        Assert.Equal(["after"], rest.SelectMany(part => part.ContactInteractions).Select(i => i.ExternalId));
    }

    // It ends before it has said anything.
    private static async Task<HttpResponseMessage> BrokenAsync(Func<Task<HttpResponseMessage>> send)
    {
        var answer = await send();
        answer.Content.Dispose();
        answer.Content = new ByteArrayContent([]);
        return answer;
    }
}

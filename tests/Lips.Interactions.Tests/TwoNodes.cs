using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests;

/// <summary>Two nodes on one database of their own.</summary>
public sealed class TwoNodes : IAsyncLifetime
{
    private LipsNode[] nodes = [];

    public LipsNode First => nodes[0];

    public LipsNode Second => nodes[1];

    public string Database => First.ConnectionString;

    /// <summary>The clients of the two, by turns.</summary>
    public HttpClient Client(int turn) => nodes[turn % 2].Client;

    /// <summary>Every line that either has logged.</summary>
    public IEnumerable<string> LogLines => nodes.SelectMany(n => n.LogLines);

    public Task<T> ScalarAsync<T>(string sql) => TestPostgres.ScalarAsync<T>(Database, sql);

    /// <summary>Waits for something to become so; 20 seconds at most.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var patience = DateTime.UtcNow.AddSeconds(20);
        while (!await condition())
        {
            Assert.True(DateTime.UtcNow < patience, "This has taken more than 20 seconds.");
            await Task.Delay(20);
        }
    }

    /// <summary>
    /// Fails when a statement of the nodes was the victim of a deadlock, or a transaction or lock of theirs is left over.
    /// </summary>
    public async Task AssertNothingIsLeftOverAsync()
    {
        // A session's statistics arrive when it has been idle for a moment.
        var patience = DateTime.UtcNow.AddSeconds(15);
        List<string> left;
        while ((left = await TestPostgres.ColumnAsync<string>(
            Database,
            """
            SELECT concat_ws(' ', a.state, a.wait_event, a.query) FROM pg_stat_activity a
            WHERE a.datname = current_database() AND a.application_name LIKE 'lips %'
                AND (a.state <> 'idle' OR EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid))
            """)).Count > 0)
        {
            Assert.True(DateTime.UtcNow < patience, string.Join('\n', left));
            await Task.Delay(100);
        }

        await Task.Delay(1_200);
        Assert.Equal(0, await ScalarAsync<long>("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"));
    }

    public async Task InitializeAsync()
    {
        var first = await LipsNode.StartAsync();
        nodes = [first, await LipsNode.StartAsync(first.ConnectionString)];
    }

    public async Task DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
    }
}

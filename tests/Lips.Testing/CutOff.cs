using Xunit;

namespace Lips.Testing;

/// <summary>What a test class begins with when its node reaches the database through a relay. Each test has its own.</summary>
public abstract class CutOff : IAsyncLifetime
{
    private string database = "";
    private PostgresRelay? relay;
    private LipsNode? node;

    /// <summary>What is between the node and its database.</summary>
    protected PostgresRelay Wire => relay!;

    /// <summary>The node that can be cut off.</summary>
    protected LipsNode Node => node!;

    /// <inheritdoc />
    public virtual async Task InitializeAsync()
    {
        database = await TestPostgres.NewDatabaseAsync();
        relay = new PostgresRelay(database);
        node = await LipsNode.StartAsync(relay.ConnectionString);
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        await Node.DisposeAsync();
        await Wire.DisposeAsync();
    }

    /// <summary>Starts a node that keeps the database.</summary>
    protected Task<LipsNode> StartOtherAsync() => LipsNode.StartAsync(database);
}

using Xunit;

namespace Lips.Testing;

/// <summary>A node and a database of their own for a test class: <c>IClassFixture&lt;NodeFixture&gt;</c>.</summary>
public sealed class NodeFixture : IAsyncLifetime
{
    private LipsNode? node;

    /// <summary>The node.</summary>
    public LipsNode Node => node!;

    /// <summary>A client with the admin token.</summary>
    public HttpClient Client => Node.Client;

    /// <summary>The first column of the first row of a query against the node's database.</summary>
    public Task<T> ScalarAsync<T>(string sql) => TestPostgres.ScalarAsync<T>(Node.ConnectionString, sql);

    /// <inheritdoc />
    public async Task InitializeAsync() => node = await LipsNode.StartAsync();

    /// <inheritdoc />
    public Task DisposeAsync() => Node.DisposeAsync().AsTask();
}

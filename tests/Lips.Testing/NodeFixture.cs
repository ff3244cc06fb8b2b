using System.Globalization;
using Xunit;

namespace Lips.Testing;

/// <summary>
/// A node and a database of their own for a test class: <c>IClassFixture&lt;NodeFixture&gt;</c>. With LIPS_TEST_NODES=3 it is three nodes,
/// and each request goes to any of them: nothing that a client sees may depend on which.
/// </summary>
public sealed class NodeFixture : IAsyncLifetime
{
    private static readonly int Nodes =
        Environment.GetEnvironmentVariable("LIPS_TEST_NODES") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : 1;

    private LipsNode? node;

    /// <summary>The node.</summary>
    public LipsNode Node => node!;

    /// <summary>A client with the admin token.</summary>
    public HttpClient Client => Node.Client;

    /// <summary>The first column of the first row of a query against the node's database.</summary>
    public Task<T> ScalarAsync<T>(string sql) => TestPostgres.ScalarAsync<T>(Node.ConnectionString, sql);

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        node = await LipsNode.StartAsync();
        var others = new List<LipsNode>();
        while (others.Count + 1 < Nodes)
            others.Add(await LipsNode.StartAsync(node.ConnectionString));
        node.ShareWith(others);
    }

    /// <inheritdoc />
    public Task DisposeAsync() => Node.DisposeAsync().AsTask();
}

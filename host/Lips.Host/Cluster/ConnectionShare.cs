using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Host.Cluster;

/// <summary>
/// Keeps the node to its share of the connections that the server accepts: that divided among the nodes, with room for one more node to
/// join. The number of nodes is that of the silos.
/// </summary>
internal sealed class ConnectionShare : IAsyncDisposable
{
    // Of a node's connections those of the counters and of the silo.
    private const int OfOthers = 8;

    // With fewer a bulk load and those who wait for its locks would hold up everybody. Where the server has fewer, those that it refuses
    // wait in line.
    private const int Least = 12;

    // What no limit says is -1.
    private const string Question =
        """
        SELECT least(
            current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
                - coalesce(current_setting('reserved_connections', true)::integer, 0),
            (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database()),
            (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user)),
            (SELECT count(*)::integer FROM orleans.silos WHERE cluster = $1 AND status = 3)
        """;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource end = new();
    private readonly IDisposable observed;
    private readonly Task following;

    /// <summary>Follows the number of nodes and the server's settings, until it is disposed of.</summary>
    /// <param name="database">The silo's own pool, in which nobody waits.</param>
    /// <param name="cluster">The silo's cluster.</param>
    /// <param name="connections">The connections of the node.</param>
    public ConnectionShare(NpgsqlDataSource database, string cluster, Connections connections)
    {
        observed = LipsMeter.ObserveConnections(connections);
        following = FollowAsync(database, cluster, connections);
    }

    /// <summary>How many connections a node may have, those of counters and silo not among them.</summary>
    /// <param name="accepted">How many the server accepts.</param>
    /// <param name="nodes">How many nodes there are.</param>
    public static int Of(int accepted, int nodes) => Math.Max(Least, accepted / (nodes + 1) - OfOthers);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await following;
        observed.Dispose();
        end.Dispose();
    }

    private async Task FollowAsync(NpgsqlDataSource database, string cluster, Connections connections)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                await using var command = database.CreateCommand(Question);
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = cluster });
                await using var row = await command.ExecuteReaderAsync(CancellationToken.None);
                await row.ReadAsync(CancellationToken.None);
                connections.Share(Of(row.GetInt32(0), row.GetInt32(1)));
            }
            catch (NpgsqlException)
            {
                // It stays as it is while the database is away.
            }

            await Task.Delay(Interval, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

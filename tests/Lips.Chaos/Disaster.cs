using Lips.Testing;
using Npgsql;

namespace Lips.Chaos;

/// <summary>What a fault needs.</summary>
internal sealed record Disaster(Cluster Cluster, Load Load, Ledger Ledger, Random Random, TimeSpan Away)
{
    /// <summary>How many processes have ended that were not asked to.</summary>
    public int Ended => Cluster.Nodes.Sum(node => node.Ended.Count);

    /// <summary>What nginx said last of requests that it could not pass on.</summary>
    public string LastWords() => string.Join(" | ", Cluster.NginxErrors.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(4));

    public Member AnyNode() => Cluster.Nodes[Random.Next(Cluster.Nodes.Count)];

    /// <summary>Ends a node in order, and starts it again; it is ready.</summary>
    /// <param name="node">Which.</param>
    /// <param name="clock">Its own clock; null for the machine's.</param>
    public static async Task RestartAsync(Member node, FakeClock? clock = null)
    {
        await node.EndAsync(Signals.Terminate);
        node.Again(clock);
        await node.Process.ReadyAsync();
    }

    /// <summary>A pause of up to so many seconds.</summary>
    public Task PauseAsync(int most) => PauseAsync(0, most);

    /// <summary>A pause of so many seconds.</summary>
    public Task PauseAsync(int least, int most) => Task.Delay(TimeSpan.FromSeconds(least + (Random.NextDouble() * (most - least))));

    public async Task ForEachSessionAsync(string function)
    {
        await using var connection = new NpgsqlConnection(Cluster.Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            $"SELECT count({function}(pid)) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
            connection);
        await command.ExecuteNonQueryAsync();
    }
}

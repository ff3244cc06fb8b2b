using Lips.Host.Tests.Processes;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Host.Tests.Http;

/// <summary>A statement that a person or a time-out of the server cancels costs its request, and nobody else anything.</summary>
public sealed class CancelledStatementTests
{
    // It asks the database and not the counters, each time on a connection of its own.
    private const string List = "/contact_interactions?global_master_advertiser_id=USA_1&q=ann";
    private const int Readers = 5;

    [Fact]
    public async Task The_cancelled_are_answered_with_503_and_their_sessions_stay()
    {
        await using var node = await LipsNode.StartAsync();
        await node.Client.IngestAsync(Records.New("cancelled"));
        await using var connection = new NpgsqlConnection(node.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("LOCK TABLE interactions.interactions IN ACCESS EXCLUSIVE MODE", connection, transaction))
            await hold.ExecuteNonQueryAsync();
        var readers = Enumerable.Range(0, Readers).Select(_ => node.Client.GetAnswerAsync(List)).ToList();
        List<int> waiting;
        while ((waiting = await SessionsAsync("wait_event_type = 'Lock'")).Count < Readers)
            await Task.Delay(20);

        await TestPostgres.ExecuteAsync(
            node.ConnectionString, $"SELECT pg_cancel_backend(pid) FROM unnest(ARRAY[{string.Join(", ", waiting)}]) pid");

        foreach (var answer in await Task.WhenAll(readers))
            answer.Is(503);
        await transaction.RollbackAsync();
        (await node.Client.GetAnswerAsync(List)).Is(200);
        Assert.Subset((await SessionsAsync("true")).ToHashSet(), waiting.ToHashSet());

        Task<List<int>> SessionsAsync(string condition) => TestPostgres.ColumnAsync<int>(
            node.ConnectionString,
            $"SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%@%' AND {condition}");
    }
}

using Lips.Host.Tests.Processes;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Host.Tests.Http;

/// <summary>A statement that a person or a time-out of the server cancels costs its request, and nobody else anything.</summary>
public sealed class CancelledStatementTests
{
    private const string List = "/contact_interactions?global_master_advertiser_id=USA_1";
    private const int Readers = 5;

    [Fact]
    public async Task The_cancelled_are_answered_with_503_and_all_sessions_of_the_node_stay()
    {
        await using var node = await LipsNode.StartAsync();
        await node.Client.IngestAsync(Records.New("cancelled"));
        await using var connection = new NpgsqlConnection(node.ConnectionString);
        await connection.OpenAsync();
        // These find no answer in the counters, so each has a session of its own.
        var before = await BlockedAsync(() => node.Client.GetAnswerAsync(List + "&q=ann"), 200, "SELECT true");

        var after = await BlockedAsync(() => node.Client.GetAnswerAsync(List + "&q=ann"), 503, "SELECT pg_cancel_backend(pid)");

        (await node.Client.GetAnswerAsync(List + "&q=ann")).Is(200);
        Assert.Subset((await SessionsAsync("true")).ToHashSet(), before.Concat(after).ToHashSet());

        // Has readers wait for a table, does something to the sessions that do, and lets them go on.
        async Task<List<int>> BlockedAsync(Func<Task<Answer>> readAsync, int status, string action)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using (var hold = new NpgsqlCommand(
                "LOCK TABLE interactions.interactions IN ACCESS EXCLUSIVE MODE", connection, transaction))
                await hold.ExecuteNonQueryAsync();
            var readers = Enumerable.Range(0, Readers).Select(_ => readAsync()).ToList();
            List<int> waiting;
            while ((waiting = await SessionsAsync("wait_event_type = 'Lock'")).Count < Readers)
                await Task.Delay(20);
            await TestPostgres.ExecuteAsync(
                node.ConnectionString, $"{action} FROM pg_stat_activity WHERE pid IN ({string.Join(", ", waiting)})");
            if (status == 200)
                await transaction.RollbackAsync();
            foreach (var answer in await Task.WhenAll(readers))
                answer.Is(status);
            return waiting;
        }

        Task<List<int>> SessionsAsync(string condition) => TestPostgres.ColumnAsync<int>(
            node.ConnectionString,
            $"SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%@%' AND {condition}");
    }
}

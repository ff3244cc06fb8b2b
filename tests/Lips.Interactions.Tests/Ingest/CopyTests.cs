using System.Globalization;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Interactions.Tests.Ingest;

/// <summary>Many rows are copied into the record: what becomes of that when it is disturbed.</summary>
public sealed class CopyTests(TwoNodes nodes) : IClassFixture<TwoNodes>
{
    [Theory]
    [InlineData("the session is killed", 503)]
    [InlineData("the client leaves", null)]
    [InlineData("the row is there after all", 500)]
    public async Task A_copy_that_does_not_come_to_its_end_leaves_nothing(string end, int? status)
    {
        const int many = 300;
        const string copying = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'transactionid' AND query LIKE 'COPY interactions.interactions %'";
        var app = end.Replace(' ', '-');
        var records = Enumerable.Range(0, many).Select(i => Records.Call("AUS_8").External(app, i.ToString(CultureInfo.InvariantCulture))).ToList();
        // A row that came in by hand and is not committed: the copy waits at its own row of that key, when others are written and not all are sent.
        await using var other = new NpgsqlConnection(nodes.Database + ";Pooling=false");
        await other.OpenAsync();
        await ExecuteAsync(
            other,
            $"""
            BEGIN;
            INSERT INTO interactions.interactions (advertiser, id, contact_id, occurred_at, kind, channel, important, read, external_app_id, external_id, body, contact)
            VALUES (3000000000008, nextval('interactions.interaction_ids'), 0, '2021-09-06', 2, 0, false, false, '{app}', '200', '', '')
            """);
        using var leaving = new CancellationTokenSource();
        using var body = new ByteArrayContent(Records.Lines(records));
        body.Headers.ContentType = new("application/x-ndjson");
        var sending = nodes.Client(0).PostAsync(new Uri(Records.Bulk, UriKind.Relative), body, leaving.Token);
        await TwoNodes.UntilAsync(async () => await nodes.ScalarAsync<long>($"SELECT count(*) {copying}") == 1);

        if (status is null)
            await leaving.CancelAsync();
        else
            await ExecuteAsync(other, status == 500 ? "COMMIT" : $"SELECT pg_terminate_backend(pid) {copying}");

        if (status is null)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        else
            Assert.Equal(status, (int)(await sending).StatusCode);
        await ExecuteAsync(other, status == 500 ? $"DELETE FROM interactions.interactions WHERE external_app_id = '{app}'" : "ROLLBACK");
        await nodes.AssertNothingIsLeftOverAsync();
        Assert.Equal(0, await nodes.ScalarAsync<long>($"SELECT count(*) FROM interactions.interactions WHERE external_app_id = '{app}'"));
        Assert.Equal(many, (int)(await nodes.Client(1).BulkAsync(records)).Is(200).Json["created"]!);
        (await nodes.Client(0).SendOneAsync(Records.Call("AUS_8"))).Is(201);
        await nodes.AssertStampsAreWithinVersionsAsync();
    }

    [Fact]
    public async Task A_node_that_is_stopped_amid_a_copy_does_not_lock_an_advertiser_for_ever()
    {
        await using var node = await LipsNode.StartAsync(nodes.Database + ";Command Timeout=2");
        (await node.Client.SendOneAsync(Records.Call("AUS_9"))).Is(201);
        // What is left of another node: its session.
        await using var stopped = new NpgsqlConnection(TestPostgres.AsApplication(nodes.Database) + ";Pooling=false");
        await stopped.OpenAsync();
        await ExecuteAsync(stopped, "BEGIN; SELECT FROM counters.advertisers WHERE advertiser = 3000000000009 FOR NO KEY UPDATE");
        await using var copy = await stopped.BeginRawBinaryCopyAsync("COPY interactions.interactions (advertiser) FROM STDIN (FORMAT binary)");

        Assert.Equal("unavailable", (string?)(await node.Client.SendOneAsync(Records.Call("AUS_9"))).Is(503).Json["name"]);

        (await node.Client.SendOneAsync(Records.Call("AUS_9"))).Is(201);
        await Assert.ThrowsAnyAsync<NpgsqlException>(copy.CancelAsync);
    }

    private static async Task<long> ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync();
    }
}

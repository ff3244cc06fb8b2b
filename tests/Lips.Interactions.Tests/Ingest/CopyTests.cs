using System.Globalization;
using System.Text.Json.Nodes;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Interactions.Tests.Ingest;

/// <summary>Many rows are copied into the record: what becomes of that when it is disturbed.</summary>
public sealed class CopyTests(TwoNodes nodes) : IClassFixture<TwoNodes>
{
    private const string Copying =
        "FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE 'COPY interactions.interactions %'";

    private const string HeldUp = $"{Copying} AND wait_event = 'transactionid'";

    [Fact]
    public async Task A_copy_that_does_not_come_to_its_end_leaves_nothing()
    {
        var records = RecordsOf("refused");
        await using var other = await HoldUpAsync("refused");
        var sending = SendAsync(records);
        await TwoNodes.UntilAsync(async () => await nodes.ScalarAsync<long>($"SELECT count(*) {HeldUp}") == 1);

        // The row is there after all.
        await ExecuteAsync(other, "COMMIT");

        Assert.Equal(500, (int)(await sending).StatusCode);
        await ExecuteAsync(other, "DELETE FROM interactions.interactions WHERE external_app_id = 'refused'");
        await nodes.AssertNothingIsLeftOverAsync();
        Assert.Equal(0, await CountAsync("refused"));
        await AssertWorksOnAsync(records, created: records.Count);
    }

    [Fact]
    public async Task A_copy_whose_session_is_killed_is_made_again_and_once()
    {
        var records = RecordsOf("killed-once");
        await using var other = await HoldUpAsync("killed-once");
        var sending = SendAsync(records);
        await TwoNodes.UntilAsync(async () => await nodes.ScalarAsync<long>($"SELECT count(*) {HeldUp}") == 1);

        Assert.Equal(1, await nodes.ScalarAsync<long>($"SELECT count(pg_terminate_backend(pid)) {HeldUp}"));
        await ExecuteAsync(other, "ROLLBACK");

        Assert.Equal(200, (int)(await sending).StatusCode);
        await nodes.AssertNothingIsLeftOverAsync();
        Assert.Equal(records.Count, await CountAsync("killed-once"));
        await AssertWorksOnAsync(records, created: 0);
    }

    [Fact]
    public async Task A_client_that_leaves_amid_a_copy_has_stored_all_or_nothing()
    {
        var records = RecordsOf("leaves");
        await using var other = await HoldUpAsync("leaves");
        using var leaving = new CancellationTokenSource();
        var sending = SendAsync(records, leaving.Token);
        await TwoNodes.UntilAsync(async () => await nodes.ScalarAsync<long>($"SELECT count(*) {HeldUp}") == 1);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        await ExecuteAsync(other, "ROLLBACK");
        await nodes.AssertNothingIsLeftOverAsync();
        // All, if the copy went on before the node learnt that its client had gone.
        var stored = await CountAsync("leaves");
        Assert.True(stored == 0 || stored == records.Count, $"{stored} are stored.");
        await AssertWorksOnAsync(records, created: records.Count - stored);
    }

    [Fact]
    public async Task A_session_that_is_killed_at_any_moment_of_a_copy_costs_nothing_but_time()
    {
        await using var node = await LipsNode.StartAsync();
        var records = Enumerable.Range(0, 6_000).Select(i => Records.Call($"USA_{(i % 2) + 1}")
            .External("killed", i.ToString(CultureInfo.InvariantCulture)).With("notes", new string('n', 500))).ToList();
        var (random, answers, killed) = (new Random(1), new List<Answer>(), 0L);
        for (var turn = 0; turn < 40 && !answers.Exists(a => a.Status == 200); turn++)
        {
            var sending = node.Client.BulkAsync(records);
            await TwoNodes.UntilAsync(async () => sending.IsCompleted
                || await TestPostgres.ScalarAsync<long>(node.ConnectionString, $"SELECT count(*) {Copying}") > 0);
            await Task.Delay(random.Next(30));
            killed += await TestPostgres.ScalarAsync<long>(
                node.ConnectionString, $"SELECT count(pg_terminate_backend(pid)) {Copying}");
            answers.Add(await sending);
        }

        Assert.All(answers, answer => Assert.True(answer.Status is 200 or 503, answer.Body));
        Assert.True(killed > 0);
        Assert.Equal("", string.Join('\n', node.LogLines.Where(line => line.StartsWith("Error:", StringComparison.Ordinal))));
        (await node.Client.BulkAsync(records)).Is(200);
        Assert.Equal(records.Count, await TestPostgres.ScalarAsync<long>(
            node.ConnectionString, "SELECT count(DISTINCT external_id) FROM interactions.interactions"));
        Assert.Equal(
            records.Count, await TestPostgres.ScalarAsync<long>(node.ConnectionString, "SELECT count(*) FROM interactions.interactions"));
    }

    [Theory]
    [Each("before-its-rows", "amid-its-rows")]
    public async Task A_copy_that_is_held_up_is_given_up_in_time(string when)
    {
        await using var node = await LipsNode.StartAsync(nodes.Database + ";Command Timeout=2");
        var records = RecordsOf(when);
        await using var other = when == "amid-its-rows"
            ? await HoldUpAsync(when)
            : await OpenAsync("BEGIN; LOCK TABLE interactions.interactions IN ACCESS EXCLUSIVE MODE");

        var sending = node.Client.BulkAsync(records);
        Assert.Same(sending, await Task.WhenAny(sending, Task.Delay(TimeSpan.FromSeconds(20))));

        (await sending).Is(503);
        await ExecuteAsync(other, "ROLLBACK");
        await nodes.AssertNothingIsLeftOverAsync();
        Assert.Equal(records.Count, (int)(await node.Client.BulkAsync(records)).Is(200).Json["created"]!);
    }

    [Fact]
    public async Task A_node_that_is_stopped_amid_a_copy_does_not_lock_an_advertiser_for_ever()
    {
        await using var node = await LipsNode.StartAsync(nodes.Database);
        (await node.Client.SendOneAsync(Records.Call("AUS_9"))).Is(201);
        // What is left of another node: its session.
        await using var stopped = new NpgsqlConnection(TestPostgres.AsApplication(nodes.Database) + ";Pooling=false");
        await stopped.OpenAsync();
        await ExecuteAsync(stopped, "BEGIN; SELECT FROM counters.advertisers WHERE advertiser = 3000000000009 FOR NO KEY UPDATE");
        await using var copy = await stopped.BeginBinaryImportAsync(
            "COPY interactions.interactions (advertiser) FROM STDIN (FORMAT binary)");
        // Somebody else's, who holds up nobody.
        await using var other = new NpgsqlConnection(TestPostgres.AsApplication(nodes.Database) + ";Pooling=false");
        await other.OpenAsync();
        await using var slow = await other.BeginBinaryImportAsync("COPY interactions.interactions (advertiser) FROM STDIN (FORMAT binary)");

        (await node.Client.SendOneAsync(Records.Call("AUS_9"))).Is(201);
        await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await copy.CompleteAsync());
        await slow.CompleteAsync();
    }

    private static List<JsonObject> RecordsOf(string app) =>
        [.. Enumerable.Range(0, 300).Select(i => Records.Call("AUS_8").External(app, i.ToString(CultureInfo.InvariantCulture)))];

    private Task<HttpResponseMessage> SendAsync(List<JsonObject> records, CancellationToken cancellation = default)
    {
        var body = new ByteArrayContent(Records.Lines(records));
        body.Headers.ContentType = new("application/x-ndjson");
        return nodes.Client(0).PostAsync(new Uri(Records.Bulk, UriKind.Relative), body, cancellation);
    }

    private Task<long> CountAsync(string app) =>
        nodes.ScalarAsync<long>($"SELECT count(*) FROM interactions.interactions WHERE external_app_id = '{app}'");

    private async Task AssertWorksOnAsync(List<JsonObject> records, long created)
    {
        Assert.Equal(created, (long)(await nodes.Client(1).BulkAsync(records)).Is(200).Json["created"]!);
        (await nodes.Client(0).SendOneAsync(Records.Call("AUS_8"))).Is(201);
        await nodes.First.AssertWholeAsync();
    }

    /// <summary>
    /// A row that comes in by hand and is not committed: a copy waits at its own row of that key, when others are written and not all are.
    /// </summary>
    private Task<NpgsqlConnection> HoldUpAsync(string app) => OpenAsync(
        $"""
        BEGIN;
        INSERT INTO interactions.interactions (advertiser, id, contact_id, occurred_at, kind, channel, important, read, external_app_id,
            external_id, body, contact)
        VALUES (3000000000008, nextval('interactions.interaction_ids'), 0, '2021-09-06', 2, 0, false, false, '{app}', '200', '', '')
        """);

    private async Task<NpgsqlConnection> OpenAsync(string sql)
    {
        var connection = new NpgsqlConnection(nodes.Database + ";Pooling=false");
        await connection.OpenAsync();
        await ExecuteAsync(connection, sql);
        return connection;
    }

    private static async Task<long> ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync();
    }
}

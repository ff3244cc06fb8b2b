using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Ingest;

/// <summary>The database's sessions are killed while it is written to.</summary>
public sealed class ConnectionLossTests(TwoNodes nodes) : IClassFixture<TwoNodes>
{
    private const string Kill =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() "
            + "AND application_name LIKE 'lips %'";

    [Fact]
    public async Task Lost_connections_are_503_and_lose_and_double_nothing()
    {
        const int writers = 12;
        const int each = 60;
        using var killing = new CancellationTokenSource();
        var kills = Task.Run(async () =>
        {
            var killed = 0L;
            for (; !killing.IsCancellationRequested; await Task.Delay(100))
                killed += await nodes.ScalarAsync<long>(Kill);
            return killed;
        });
        var answers = new ConcurrentBag<(string External, Answer Answer)>();
        var others = new ConcurrentBag<Answer>();

        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
            {
                var external = $"{writer}-{i}";
                if (i % 10 == 9)
                {
                    others.Add(await nodes.Client(i / 10).BulkAsync([RecordOf(external), RecordOf(external + "-b")]));
                    others.Add(
                        await nodes.Client(writer).GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_1&per_page=3"));
                    others.Add(await nodes.Client(writer).GetAnswerAsync("/tokens"));
                    others.Add(await nodes.Client(writer).PostAsync("/tokens", new { token = new { name = "x", advertisers = "all" } }));
                    continue;
                }

                var answer = await nodes.Client(writer + i).SendOneAsync(RecordOf(external));
                answers.Add((external, answer));
                if (answer.Status == 201)
                    others.Add(await nodes.Client(i).UpdateAsync(answer.Json.Id(), new { read = true }));
            }
        })));
        await killing.CancelAsync();

        var killed = await kills;
        Assert.True(killed > 2, $"Only {killed} sessions were killed.");
        Assert.Empty(nodes.LogLines
            .Where(line => line.Contains(" failed", StringComparison.Ordinal) && line.Contains("Error:", StringComparison.Ordinal)));
        Assert.All(answers, a => Assert.True(a.Answer.Status is 201 or 503, $"{a.Answer.Status}: {a.Answer.Body}"));
        Assert.All(others, a => Assert.True(a.Status is 200 or 201 or 503, $"{a.Status}: {a.Body}"));
        var lost = answers.Select(a => a.Answer).Concat(others).Where(a => a.Status == 503).ToList();
        Assert.All(lost, a => Assert.True((string?)a.Json["name"] == "unavailable" && a.Headers.RetryAfter is not null, a.Body));

        // Kills that hit pooled sessions may still show: the pool is emptied before all is sent again.
        await SettleAsync();
        var stored = await TestPostgres.ColumnAsync<string>(
            nodes.Database, "SELECT external_id FROM interactions.interactions WHERE external_app_id = 'loss'");
        Assert.Equal(stored.Count, stored.Distinct().Count());
        Assert.Empty(answers.Where(a => a.Answer.Status == 201).Select(a => a.External).Except(stored));

        var all = Enumerable.Range(0, writers).SelectMany(
            w => Enumerable.Range(0, each).SelectMany(i => i % 10 == 9 ? [$"{w}-{i}", $"{w}-{i}-b"] : new[] { $"{w}-{i}" })).ToList();
        var resent = (await nodes.Client(0).BulkAsync(all.Select(RecordOf))).Is(200);
        Assert.True(
            (all.Count - stored.Count, stored.Count) == ((int)resent.Json["created"]!, (int)resent.Json["duplicates"]!), resent.Body);
        Assert.Equal(all.Order(StringComparer.Ordinal), (await TestPostgres.ColumnAsync<string>(
            nodes.Database,
            "SELECT external_id FROM interactions.interactions WHERE external_app_id = 'loss'")).Order(StringComparer.Ordinal));
        await nodes.AssertNothingIsLeftOverAsync();
        await nodes.First.AssertWholeAsync();
    }

    [Fact]
    public async Task A_connection_lost_amid_a_bulk_body_keeps_its_committed_batches()
    {
        var records = Enumerable.Range(0, 12_000)
            .Select(i => (object)Records.Call("CAN_1").External("bulk", i.ToString(CultureInfo.InvariantCulture))).ToList();
        var sending = nodes.Client(0).BulkAsync(records);
        await TwoNodes.UntilAsync(async () => sending.IsCompleted || await CountAsync() > 0);
        await nodes.ScalarAsync<long>(Kill);

        var answer = await sending;
        Assert.True(answer.Status is 503 or 200, answer.Body);
        await SettleAsync();
        var kept = (int)await CountAsync();
        Assert.True(kept % 2_000 == 0 && kept > 0, $"{kept} rows are there, and batches have 2,000.");
        var again = (await nodes.Client(1).BulkAsync(records)).Is(200);
        Assert.True((records.Count - kept, kept) == ((int)again.Json["created"]!, (int)again.Json["duplicates"]!), again.Body);
    }

    [Fact]
    public async Task A_request_that_its_client_gives_up_leaves_nothing_half_done()
    {
        await using var locker = new LockedAdvertiser(nodes.Database, 3_000_000_000_001);
        (await nodes.Client(0).SendOneAsync(Records.Call("AUS_1").External("first", "1").From("a@example.com"))).Is(201);
        await locker.TakeAsync();
        using var givingUp = new CancellationTokenSource();
        var requests = Enumerable.Range(0, 6).Select(i => GiveUpAsync(i, givingUp.Token)).ToList();
        // Two of each node wait in the database, the others in their node.
        await TwoNodes.UntilAsync(async () => await WaitingAsync() == 4);

        await givingUp.CancelAsync();
        foreach (var request in requests)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await TwoNodes.UntilAsync(async () => await WaitingAsync() == 0);
        await locker.ReleaseAsync();

        await nodes.AssertNothingIsLeftOverAsync();
        Assert.Equal(1, await nodes.ScalarAsync<long>("SELECT count(*) FROM interactions.interactions WHERE advertiser = 3000000000001"));
        Assert.Equal(1, await nodes.ScalarAsync<long>("SELECT version FROM counters.advertisers WHERE advertiser = 3000000000001"));
        Assert.Equal(
            "[]", await nodes.ScalarAsync<string>("SELECT phone_numbers FROM interactions.contacts WHERE advertiser = 3000000000001"));
        (await nodes.Client(0).SendOneAsync(Records.Call("AUS_1").External("app", "0"))).Is(201);
    }

    [Fact]
    public async Task An_advertiser_that_is_locked_for_long_takes_no_connections_from_others()
    {
        const int many = 60;
        (await nodes.Client(0).SendOneAsync(Records.Call("AUS_2"))).Is(201);
        (await nodes.Client(0).SendOneAsync(Records.Call("AUS_3"))).Is(201);
        await using var locker = new LockedAdvertiser(nodes.Database, 3_000_000_000_002);
        await locker.TakeAsync();

        // More than the node has connections.
        var waiting = Enumerable.Range(0, many).Select(_ => nodes.Client(0).SendOneAsync(Records.Call("AUS_2"))).ToList();
        await TwoNodes.UntilAsync(async () => await WaitingAsync() == 2);
        (await nodes.Client(0).GetAnswerAsync("/contact_interactions?global_master_advertiser_id=AUS_3&event_type[]=call")).Is(200);
        (await nodes.Client(0).BulkAsync([Records.Call("AUS_3"), Records.Call("AUS_4")])).Is(200);
        Assert.DoesNotContain(waiting, sending => sending.IsCompleted);
        await locker.ReleaseAsync();

        Assert.All(await Task.WhenAll(waiting), answer => answer.Is(201));
        await nodes.AssertNothingIsLeftOverAsync();
        Assert.Equal(many + 1, await nodes.ScalarAsync<long>("SELECT version FROM counters.advertisers WHERE advertiser = 3000000000002"));
    }

    [Fact]
    public async Task The_first_of_a_body_comes_first_though_its_transaction_waits()
    {
        const int many = 1_200;
        (await nodes.Client(0).SendOneAsync(Records.Call("AUS_5"))).Is(201);
        await using var locker = new LockedAdvertiser(nodes.Database, 3_000_000_000_005);
        await locker.TakeAsync();
        // So large that they are written in two transactions, though few;
        // the first of them has to do with an advertiser that is locked, the second not.
        var records = Enumerable.Range(0, many)
            .Select(i => Records.Call("AUS_7").External("order", (i % (many - 1)).ToString(CultureInfo.InvariantCulture))
                .With("notes", (i == 0 ? "first" : i == many - 1 ? "last" : "") + new string('x', 5_000))).ToList<object>();
        records.Insert(1, Records.Call("AUS_5"));

        var sending = nodes.Client(0).BulkAsync(records);
        await TwoNodes.UntilAsync(async () => await WaitingAsync() == 1);
        // Time enough for the second, if it does not wait.
        await Task.Delay(300);
        await locker.ReleaseAsync();

        Assert.Equal((many, 1), ((int)(await sending).Is(200).Json["created"]!, (int)(await sending).Json["duplicates"]!));
        Assert.Equal("first", await nodes.ScalarAsync<string>(
            "SELECT left(notes, 5) FROM interactions.interactions WHERE advertiser = 3000000000007 AND external_id = '0'"));
    }

    private async Task GiveUpAsync(int turn, CancellationToken givingUp)
    {
        var record = Records.Call("AUS_1").External("app", turn.ToString(CultureInfo.InvariantCulture))
            .From("a@example.com", "0412 345 678");
        using var body = new StringContent(
            turn < 3 ? record.ToJsonString() : new JsonObject { ["contact_interaction"] = record }.ToJsonString());
        body.Headers.ContentType = new(turn < 3 ? "application/x-ndjson" : "application/json");
        using var response = await nodes.Client(turn)
            .PostAsync(new Uri(turn < 3 ? Records.Bulk : Records.One, UriKind.Relative), body, givingUp);
    }

    private static JsonObject RecordOf(string external) =>
        Records.Call($"USA_{(external[0] % 3) + 1}").External("loss", external).From($"{external[^1]}@example.com")
            .With("tags", new JsonArray("t"));

    private Task<long> CountAsync() =>
        nodes.ScalarAsync<long>("SELECT count(*) FROM interactions.interactions WHERE external_app_id = 'bulk'");

    private Task<long> WaitingAsync() => nodes.ScalarAsync<long>(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
            + "application_name LIKE 'lips %' AND wait_event_type = 'Lock'");

    private async Task SettleAsync()
    {
        var good = 0;
        await TwoNodes.UntilAsync(async () =>
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 30)
                .Select(turn => nodes.Client(turn).GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_1&per_page=1")));
            Assert.All(answers, a => Assert.True(a.Status is 200 or 503, a.Body));
            return (good = answers.All(a => a.Status == 200) ? good + 1 : 0) == 2;
        });
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Lips.Counters.Tests.Faults;

/// <summary>
/// The connection to the database is cut at every message of every kind of write: before the message reaches the server, and behind it with
/// the answer lost. Whatever the server had got it has done: a commit among it is a commit.
/// </summary>
public sealed class CutConnectionTests(ITestOutputHelper output) : CutOff
{
    [Theory]
    [Each(true, false)]
    public Task An_ingest_of_one(bool forwarded) => CutEverywhereAsync(
        forwarded,
        turn => SendOneAsync(New($"USA_{100 + turn}", $"one-{turn}")),
        async turn => Assert.Equal(1, await EventsAsync($"USA_{100 + turn}", $"one-{turn}")));

    [Theory]
    [Each(true, false)]
    public Task A_bulk_ingest_for_two_advertisers(bool forwarded) => CutEverywhereAsync(
        forwarded,
        turn => Node.Client.BulkAsync(
            [New("USA_3", $"b-{turn}"), New($"USA_{500 + turn}", $"b-{turn}"), New("USA_3", $"c-{turn}"), New("USA_3", $"b-{turn}")]),
        async turn =>
        {
            Assert.Equal(1, await EventsAsync("USA_3", $"b-{turn}"));
            Assert.Equal(1, await EventsAsync("USA_3", $"c-{turn}"));
            Assert.Equal(1, await EventsAsync($"USA_{500 + turn}", $"b-{turn}"));
        });

    [Theory]
    [Each(true, false)]
    public async Task An_update(bool forwarded)
    {
        var id = await NewAsync("USA_4", "u");
        await CutEverywhereAsync(
            forwarded,
            turn => Node.Client.UpdateAsync(id, new { read = turn % 2 == 0, important = turn % 3 == 0, notes = Text(turn) }),
            async turn =>
            {
                var shown = await ShowAsync(id);
                Assert.Equal(
                    (turn % 2 == 0, turn % 3 == 0, Text(turn)), ((bool)shown["read"]!, (bool)shown["important"]!, (string)shown["notes"]!));
            });
    }

    [Theory]
    [Each(true, false)]
    public async Task An_archive_and_an_unarchive(bool forwarded)
    {
        var id = await NewAsync("USA_5", "a");
        // Each turn changes something, the first too.
        (await Node.Client.ArchiveAsync(id)).Is(200);
        await CutEverywhereAsync(
            forwarded,
            turn => turn % 2 == 0 ? Node.Client.UnarchiveAsync(id) : Node.Client.ArchiveAsync(id),
            async turn => Assert.Equal(turn % 2 == 1, (await ShowAsync(id))["archived_at"] is not null),
            turns: 2);
    }

    [Theory]
    [Each(true, false)]
    public async Task A_change_of_a_contact_that_others_show(bool forwarded)
    {
        var id = await NewAsync("USA_6", "first", "shared@mail.example");
        await CutEverywhereAsync(
            forwarded,
            turn => SendOneAsync(New("USA_6", $"n-{turn}", "shared@mail.example", $"2125550{turn:000}")),
            async turn =>
            {
                Assert.Contains(
                    $"+12125550{turn:000}", (await ShowAsync(id)).ToJsonString().Replace("\\u002B", "+", StringComparison.Ordinal));
                Assert.Equal(1, await EventsAsync("USA_6", $"n-{turn}"));
            });
    }

    /// <summary>
    /// Makes the write once for each message that it sends, with the connection cut there, and checks what is left; then makes it again.
    /// </summary>
    private async Task CutEverywhereAsync(bool forwarded, Func<int, Task<Answer>> write, Func<int, Task> assertDone, int turns = 1)
    {
        var (cuts, committed, repeats) = (0, 0, 0);
        // A write on a new connection sends more messages than one whose statements have been prepared, and a cut makes a new connection.
        for (int turn = turns, at = 1, missed = 0; missed < turns; turn++)
        {
            if (repeats > 0)
            {
                // So that each turn sends the same messages: statements are prepared when they are used for the second time.
                for (var end = turn + 2; turn < end; turn++)
                    Assert.InRange((await write(turn)).Status, 200, 201);
            }

            var before = await VersionsAsync();
            var kept = await EntriesAsync();
            var contents = await ContentsAsync();
            Wire.CutAt(at, forwarded);
            var answer = await write(turn);
            var wasCut = Wire.HasCut;
            await Wire.SettleAsync();

            // A transaction whose session ends before the commit was sent is run again. The node's own looks come through the same wire.
            var isDone = answer.Status is 200 or 201;
            if (wasCut)
            {
                cuts++;
                missed = 0;
                Assert.True(isDone || answer.Status == 503, $"Message {at}: {answer.Status}: {answer.Body}");
            }
            else
            {
                missed++;
                Assert.True(isDone, $"{answer.Status}: {answer.Body}");
            }

            var hasChanged = await ContentsAsync() != contents;
            Assert.True(
                hasChanged == (await VersionsAsync() != before),
                $"Message {at}: {(hasChanged ? "changed without a version" : "a version without a change")}.");
            Assert.True(hasChanged || !isDone, $"Message {at}: {answer.Status} for what was not written.");
            Assert.True(
                await EntriesAsync() - kept == (hasChanged ? 1 : 0),
                $"Message {at}: {(hasChanged ? "a change" : "no change")}, and {await EntriesAsync() - kept} entries in the audit trail.");
            if (hasChanged && !isDone)
                committed++;
            await Node.AssertWholeAsync();

            var again = await write(turn);
            Assert.True(again.Status is 200 or 201, $"Message {at}, again: {again.Status}: {again.Body}");
            await assertDone(turn);
            await Node.AssertWholeAsync();
            if ((turn + 1) % turns == 0)
                at++;

            // A message of the node's own looks counts like one of the write, and the connection was a new one in some turns only, so the
            // message behind the commit may have been passed over.
            if (missed == turns && committed == 0 && repeats++ < 30)
                (at, missed) = (at - 5, 0);
        }

        output.WriteLine($"{cuts} cuts, {committed} of them behind the commit");
        Assert.True(cuts > 10 * turns, $"Only {cuts} cuts.");
        Assert.True(committed is > 0 && committed < cuts / 2, $"{committed} of {cuts} cuts were behind the commit.");
    }

    private Task<string> VersionsAsync() =>
        TestPostgres.ScalarAsync<string>(
            Node.ConnectionString,
            "SELECT coalesce(string_agg(concat(advertiser, ':', version), ',' ORDER BY advertiser), "
                + "'') FROM counters.advertisers WHERE version > 0");

    private Task<long> EntriesAsync() => TestPostgres.ScalarAsync<long>(Node.ConnectionString, "SELECT count(*) FROM audit.entries");

    private Task<string> ContentsAsync() => TestPostgres.ScalarAsync<string>(
        Node.ConnectionString,
        """
        SELECT concat(
            (SELECT md5(string_agg(i::text, '|' ORDER BY i.id)) FROM interactions.interactions i), (SELECT md5(string_agg(c::text, '|'
                ORDER BY c.id)) FROM interactions.contacts c),
            (SELECT md5(string_agg(v::text, '|' ORDER BY v.interaction_id)) FROM interactions.interaction_versions v),
            (SELECT md5(string_agg(c::text, '|' ORDER BY c.advertiser, c.day, c.campaign, c.kind, c.channel, c.has_wpc))
                FROM counters.cells c))
        """);

    private Task<Answer> SendOneAsync(JsonObject record) =>
        Node.Client.PostAsync("/contact_interactions", new JsonObject { ["contact_interaction"] = record });

    private async Task<long> NewAsync(string advertiser, string external, string? email = null) =>
        (long)(await SendOneAsync(New(advertiser, external, email))).Is(201).Json["id"]!;

    private async Task<JsonNode> ShowAsync(long id) => (await Node.Client.GetAnswerAsync($"/contact_interactions/{id}")).Is(200).Json;

    private async Task<int> EventsAsync(string advertiser, string external)
    {
        var live = (await Node.Client.GetAnswerAsync($"/contact_interactions/totals?global_master_advertiser_id={advertiser}")).Is(200);
        Assert.True((int)live.Json["totals"]!["events"]! > 0, live.Body);
        var list = (await Node.Client
            .GetAnswerAsync($"/contact_interactions?global_master_advertiser_id={advertiser}&external_id={external}")).Is(200);
        return list.Ids.Count;
    }

    private static JsonObject New(string advertiser, string external, string? email = null, string? phone = null) => new()
    {
        ["global_master_advertiser_id"] = advertiser,
        ["event_type"] = "call",
        ["occurred_at"] = "2026-03-02T10:00:00Z",
        ["external_app_id"] = "cuts",
        ["external_id"] = external,
        ["tags"] = new JsonArray("a", "b"),
        ["contact"] = new JsonObject
        {
            ["email"] = email,
            ["phone_numbers"] = phone is null ? null : new JsonArray(new JsonObject { ["phone_type"] = "work", ["phone_number"] = phone }),
        },
    };

    private static string Text(int turn) => turn.ToString(CultureInfo.InvariantCulture);
}

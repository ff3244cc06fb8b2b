using System.Text.Json.Nodes;
using Lips.Counters.Grains;
using Lips.Testing;
using Xunit;

namespace Lips.Counters.Tests.Restores;

/// <summary>
/// An older backup is put back beneath a node that runs: nothing that it has seen of the lost history is served any more.
/// </summary>
public sealed class RestoreTests
{
    private const string Totals = "/contact_interactions/totals?global_master_advertiser_id=USA_1";
    private const string List = "/contact_interactions?global_master_advertiser_id=USA_1";

    /// <param name="way">How the backup is taken and put back.</param>
    /// <param name="written">What is written afterwards, beside the two changes that were lost: fewer, as many, or more.</param>
    [Theory]
    [InlineData("the data folder", 0)]
    [InlineData("the data folder", 2)]
    [InlineData("the data folder", 3)]
    [InlineData("pg_dump", 0)]
    [InlineData("pg_dump", 2)]
    [InlineData("pg_dump of the tables", 2)]
    [InlineData("a copy renamed", 0)]
    [InlineData("a copy renamed", 1)]
    [InlineData("a copy renamed", 2)]
    [InlineData("a copy renamed", 3)]
    public async Task Counts_lists_tags_and_cursors_are_of_the_history_that_is_there(string way, int written)
    {
        await using var backup = await Backup.NewAsync(way);
        await using var node = await LipsNode.StartAsync(backup.ConnectionString);
        var client = node.Client;
        var kept = await NewAsync(client, "call", "kept");
        var keptCursor = await FollowAsync(client, null);
        await backup.TakeAsync();
        // Two versions on: what will be lost.
        await NewAsync(client, "form", "lost");
        (await SendAsync(client, HttpMethod.Put, $"/contact_interactions/{kept}", new { contact_interaction = new { read = true } }))
            .Is(200);
        var lostCursor = await FollowAsync(client, keptCursor);
        string[] addresses = [Totals, List, Totals + "&tags[]=t", List + "&archived=true"];
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var address in addresses)
            tags[address] = (await GetAsync(client, address)).Is(200).Headers.ETag!.ToString();

        await backup.PutBackAsync();
        // As an operator does: clients come back once no lease from before is left (record 18). A write to a server that has just started
        // waits for that by itself.
        if (way != "the data folder" || written == 0)
            await Task.Delay(LeaseTimes.Over);
        // As many changes as were lost give the versions out again, for something else:
        // without asking in between, so that the node has not looked.
        for (var i = 0; i < written; i++)
            await NewAsync(client, "chat", $"new-{i}");

        foreach (var address in addresses)
            (await GetAsync(client, address, ("If-None-Match", tags[address]))).Is(200);
        var totals = (await GetAsync(client, Totals)).Is(200);
        Assert.Equal(
            (1 + written, 1, 0, written, 1 + written),
            ((int)totals.Json["totals"]!["events"]!, (int)totals.Json["totals"]!["call_events"]!,
                (int)totals.Json["totals"]!["form_events"]!, (int)totals.Json["totals"]!["chat_events"]!,
                (int)totals.Json["unread"]!["events"]!));
        var list = (await GetAsync(client, List)).Is(200);
        Assert.Equal(1 + written, (int)list.Json["totals"]!["events"]!);
        Assert.Equal(
            ["kept", .. Enumerable.Range(0, written).Select(i => $"new-{i}")],
            list.Json["contact_interactions"]!.AsArray().Select(i => (string)i!["external_id"]!).Order(StringComparer.Ordinal));
        Assert.Equal("gone", (string?)(await GetAsync(client, Changes(lostCursor))).Is(410).Json["name"]);
        // What was read before the backup was taken is still so: that cursor goes on. A new database gives no such promise.
        var since = (await GetAsync(client, Changes(keptCursor))).Is(200);
        Assert.Equal(written, since.Ids.Count);
        await node.AssertWholeAsync();
    }

    [Fact]
    public async Task A_restart_of_the_server_loses_no_cursor_and_no_count()
    {
        await using var backup = await Backup.NewAsync("the data folder");
        await using var node = await LipsNode.StartAsync(backup.ConnectionString);
        await NewAsync(node.Client, "call", "one");
        var cursor = await FollowAsync(node.Client, null);

        // Taking the backup stops the server and starts it again.
        await backup.TakeAsync();
        Assert.Empty((await GetAsync(node.Client, Changes(cursor))).Is(200).Ids);
        await NewAsync(node.Client, "form", "two");

        Assert.Single((await GetAsync(node.Client, Changes(cursor))).Is(200).Ids);
        Assert.Equal(2, (int)(await GetAsync(node.Client, Totals)).Is(200).Json["totals"]!["events"]!);
    }

    private static string Changes(string? since) =>
        "/contact_interactions/changes?global_master_advertiser_id=USA_1" + (since is null ? "" : "&since=" + since);

    private static async Task<string> FollowAsync(HttpClient client, string? since) =>
        (string)(await GetAsync(client, Changes(since))).Is(200).Json["next"]!;

    private static async Task<long> NewAsync(HttpClient client, string type, string external)
    {
        var record = new JsonObject
        {
            ["global_master_advertiser_id"] = "USA_1",
            ["event_type"] = type,
            ["occurred_at"] = "2026-03-02T10:00:00Z",
            ["external_app_id"] = "restore",
            ["external_id"] = external,
            ["tags"] = new JsonArray("t"),
        };
        var answer = await SendAsync(client, HttpMethod.Post, "/contact_interactions", new JsonObject { ["contact_interaction"] = record });
        Assert.True(answer.Status is 200 or 201, answer.Body);
        return (long)answer.Json["id"]!;
    }

    /// <summary>
    /// What a client does: it asks again while it is told that the database cannot be reached, as each connection that broke tells once.
    /// </summary>
    private static async Task<Answer> SendAsync(
        HttpClient client, HttpMethod method, string address, object? json = null, params (string Name, string Value)[] headers)
    {
        var patience = DateTime.UtcNow.AddSeconds(30);
        while (true)
        {
            var answer = await client.SendAsync(method, address, json, headers);
            if (answer.Status != 503)
                return answer;
            Assert.True(DateTime.UtcNow < patience, answer.Body);
        }
    }

    private static Task<Answer> GetAsync(HttpClient client, string address, params (string Name, string Value)[] headers) =>
        SendAsync(client, HttpMethod.Get, address, null, headers);
}

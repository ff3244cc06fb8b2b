using Lips.Postgres;
using Lips.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Lips.Host.Tests.Processes;

/// <summary>
/// <c>lips counters</c> and <c>lips interactions</c>, <c>verify</c> and <c>rebuild</c>,
/// as an operator runs them beside a host and without one.
/// </summary>
public sealed class CountersCommandTests
{
    private const string ByHand = "UPDATE interactions.interactions SET read = true WHERE external_id = 'one'";
    private const string Totals = "/contact_interactions/totals?global_master_advertiser_id=USA_1";

    [Fact]
    public async Task On_the_private_database_they_work_beside_a_host_and_alone()
    {
        using var home = new TempHome();
        await using (var host = await LipsProcess.ServeReadyAsync(home, ("Lips__AdminToken", LipsProcess.Token)))
        {
            using var client = host.NewClient(LipsProcess.Token);
            foreach (var external in new[] { "one", "two", "three" })
                await client.IngestAsync(Records.New(external));
            Assert.Equal((0, "1 advertisers compared, 0 cells differ."), await RunAsync(home, "verify"));
            Assert.Equal(3, await UnreadAsync(client));

            await using (var server = await PrivatePostgres.TryAttachAsync(
                new PrivatePostgresOptions { Home = home.Folder }, NullLogger.Instance, CancellationToken.None))
                await TestPostgres.ExecuteAsync(server!.ConnectionString, ByHand);

            var (code, said) = await RunAsync(home, "verify");
            Assert.Equal(1, code);
            Assert.Equal([
                "USA_1 2026-03-02, campaign 0, kind 2, channel 0, wpc_id f: cell (3,3,0,0,0,0), recount (3,2,0,0,0,0)",
                "1 advertisers compared, 1 cells differ.",
            ], said.Split('\n'));
            Assert.Equal((0, "1 advertisers compared, 0 cells differ."), await RunAsync(home, "verify", "USA_2"));
            Assert.Equal((0, "1 advertisers compared, 1 cells mended."), await RunAsync(home, "rebuild", "USA_1"));
            // The host held the old cells.
            Assert.Equal(2, await UnreadAsync(client));
            await host.StopAsync();
        }

        Assert.Equal((0, "1 advertisers compared, 0 cells differ."), await RunAsync(home, "verify"));
        Assert.Equal((0, "1 advertisers compared, 0 cells mended."), await RunAsync(home, "rebuild"));
        Assert.Equal((0, "1 advertisers compared, 0 answers differ."), await RunAsync(home, "interactions", "verify"));
        Assert.Equal((0, "1 advertisers compared, 0 answers mended."), await RunAsync(home, "interactions", "rebuild", "USA_1"));
        Assert.Null(home.Server);
    }

    [Fact]
    public async Task An_id_that_is_none_is_told_in_one_line()
    {
        using var home = new TempHome();
        await using var verify = LipsProcess.Run(
            home, ["counters", "verify", "usa_1"], ("ConnectionStrings__Lips", await TestPostgres.NewDatabaseAsync()));

        Assert.Contains("usa_1 is no id such as USA_123.", await verify.RefusedAsync(exitCode: 2));
    }

    [Fact]
    public async Task A_rebuild_disturbs_neither_writers_nor_readers_and_ends_with_cells_that_are_right()
    {
        using var home = new TempHome();
        await using var node = await LipsNode.StartAsync();
        var database = ("ConnectionStrings__Lips", node.ConnectionString);
        await node.Client.BulkAsync(Enumerable.Range(0, 3_000).Select(i => Records.New($"before-{i}")));
        using var enough = new CancellationTokenSource();
        var written = 0;
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; !enough.IsCancellationRequested; i++)
            {
                var id = (long)(await node.Client.IngestAsync(Records.New($"{writer}-{i}")))["id"]!;
                (await node.Client.UpdateAsync(id, new { read = true })).Is(200);
                (await node.Client.ArchiveAsync(id)).Is(200);
                Interlocked.Increment(ref written);
            }
        })).ToList();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                (await node.Client.GetAnswerAsync(Totals)).Is(200);
                (await node.Client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_1&page=3")).Is(200);
            }
        })).ToList();

        for (var turn = 0; turn < 3; turn++)
        {
            // What nobody writes to through the service is wrong, whatever the writers do meanwhile.
            await TestPostgres.ExecuteAsync(
                node.ConnectionString,
                $"UPDATE interactions.interactions SET important = NOT important WHERE external_id = 'before-{turn}'");
            await using var rebuild = LipsProcess.Run(home, ["counters", "rebuild"], database);
            Assert.Equal(0, await rebuild.EndAsync());
            Assert.Contains("1 advertisers compared, 1 cells mended.", rebuild.Output);
            // One snapshot, so right amid the writers too.
            await using var verify = LipsProcess.Run(home, ["counters", "verify"], database);
            Assert.True(await verify.EndAsync() == 0, verify.Output);
        }

        await enough.CancelAsync();
        await Task.WhenAll([.. writers, .. readers]);
        await using var last = LipsProcess.Run(home, ["counters", "verify"], database);
        Assert.True(await last.EndAsync() == 0, last.Output);
        Assert.Equal(3_000, (int)(await node.Client.GetAnswerAsync(Totals)).Is(200).Json["totals"]!["events"]!);
        Assert.True(written > 10, $"Only {written} were written.");
    }

    private static async Task<(int Code, string Said)> RunAsync(TempHome home, params string[] arguments)
    {
        await using var command = LipsProcess.Run(home, arguments[0] == "interactions" ? arguments : ["counters", .. arguments]);
        var code = await command.EndAsync();
        Assert.Empty(command.Errors);
        return (code, string.Join('\n', command.Output.Split('\n')
            .Where(line => line.Contains("advertisers ", StringComparison.Ordinal) || line.StartsWith("USA_", StringComparison.Ordinal))));
    }

    private static async Task<int> UnreadAsync(HttpClient client) =>
        (int)(await client.GetAnswerAsync(Totals)).Is(200).Json["unread"]!["events"]!;
}

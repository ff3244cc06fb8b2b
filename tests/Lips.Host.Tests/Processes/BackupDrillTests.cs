using System.Collections.Concurrent;
using System.Diagnostics;
using Lips.Testing;
using Npgsql;
using Xunit;

namespace Lips.Host.Tests.Processes;

/// <summary>Backup and restore as build/operations.md has them: a dump while clients write, put back elsewhere.</summary>
public sealed class BackupDrillTests
{
    private const string Totals = "/contact_interactions/totals?global_master_advertiser_id=USA_1";
    private const string Changes = "/contact_interactions/changes?global_master_advertiser_id=USA_1";

    [Fact]
    public async Task A_dump_under_load_is_restored_whole_and_what_came_after_it_is_refused_or_comes_again_once()
    {
        using var home = new TempHome();
        var database = await TestPostgres.NewDatabaseAsync();
        var dump = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N") + ".dump");
        var (sent, before) = (new ConcurrentQueue<string>(), 0);
        string tag, cursor;
        await using (var node = await LipsNode.StartAsync(database))
        {
            using var enough = new CancellationTokenSource();
            var writing = Enumerable.Range(0, 4).Select(writer => WriteAsync(node.Client, writer, sent, enough.Token)).ToList();
            while (sent.Count < 100)
                await Task.Delay(10);
            before = sent.Count;
            await ToolAsync(
                database, "pg_dump", "--format=custom", "--no-unlogged-table-data", "--exclude-table-data=orleans.clusters",
                "--exclude-table-data=orleans.silos", "--exclude-table-data=orleans.storage", $"--file={dump}", Name(database));
            var dumped = sent.Count;
            while (sent.Count < dumped + 50)
                await Task.Delay(10);
            await enough.CancelAsync();
            await Task.WhenAll(writing);
            tag = (await node.Client.GetAnswerAsync(Totals)).Is(200).Headers.ETag!.ToString();
            cursor = (string)(await node.Client.GetAnswerAsync(Changes + "&limit=500")).Is(200).Json["next"]!;
        }

        var restored = await TestPostgres.NewEmptyDatabaseAsync();
        await ToolAsync(
            restored, "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
            "--dbname=" + Name(restored), dump);
        File.Delete(dump);
        (string, string)[] settings =
        [
            ("ConnectionStrings__Lips", TestPostgres.AsApplication(restored)), ("ConnectionStrings__LipsOwner", restored),
            ("Lips__AdminToken", LipsNode.AdminToken),
        ];
        await RunAsync(home, settings, "The database is up to date.", "migrate");
        await RunAsync(home, settings, "0 cells differ.", "counters", "verify");
        await RunAsync(home, settings, "0 answers differ.", "interactions", "verify");

        await using var again = await LipsNode.StartAsync(restored);
        var kept = await Records.AllAsync(again.Client);
        // All that was acknowledged before the dump began, and nothing that never was.
        Assert.Empty(sent.Take(before).Except(kept));
        Assert.Empty(kept.Except(sent));
        Assert.True(kept.Count < sent.Count);
        Assert.Equal(kept.Count, (int)(await again.Client.GetAnswerAsync(Totals)).Is(200).Json["totals"]!["events"]!);
        Assert.Equal(200, (await again.Client.SendAsync(HttpMethod.Get, Totals, null, [("If-None-Match", tag)])).Status);
        (await again.Client.GetAnswerAsync($"{Changes}&since={Uri.EscapeDataString(cursor)}")).Is(410);

        var report = (await again.Client.BulkAsync(sent.Select(Records.New))).Is(200).Json;
        Assert.Equal((sent.Count - kept.Count, kept.Count), ((int)report["created"]!, (int)report["duplicates"]!));
        Assert.Equal(sent.Order(StringComparer.Ordinal), (await Records.AllAsync(again.Client)).Order(StringComparer.Ordinal));
        await again.AssertWholeAsync();
    }

    private static async Task WriteAsync(HttpClient client, int writer, ConcurrentQueue<string> sent, CancellationToken enough)
    {
        for (var number = 0; !enough.IsCancellationRequested; number++)
        {
            await client.IngestAsync(Records.New($"{writer}-{number}"));
            sent.Enqueue($"{writer}-{number}");
        }
    }

    private static async Task RunAsync(TempHome home, (string, string)[] settings, string said, params string[] arguments)
    {
        await using var command = LipsProcess.Run(home, arguments, settings);
        Assert.True(await command.EndAsync() == 0, command.Output + command.Errors);
        Assert.Contains(said, command.Output);
    }

    private static string Name(string database) => new NpgsqlConnectionStringBuilder(database).Database!;

    private static async Task ToolAsync(string database, string tool, params string[] arguments)
    {
        var settings = new NpgsqlConnectionStringBuilder(database);
        var folder = await TestPostgres.ScalarAsync<string>(database, "SELECT setting FROM pg_config WHERE name = 'BINDIR'");
        using var process = Process.Start(new ProcessStartInfo(
            Path.Combine(folder, tool),
            [$"--host={settings.Host}", $"--port={settings.Port}", $"--username={settings.Username}", .. arguments])
        { RedirectStandardError = true })!;
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, said);
    }
}

using System.Text.RegularExpressions;
using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Processes;

public sealed partial class HomeTests
{
    [Fact]
    public async Task The_first_start_makes_the_home_and_shows_the_token_once_and_the_second_keeps_all()
    {
        using var home = new TempHome();
        string token;
        await using (var first = await LipsProcess.ServeReadyAsync(home))
        {
            token = (await first.PrintedAsync(TokenLine())).Groups[1].Value;
            Assert.Equal(token + "\n", await File.ReadAllTextAsync(home.AdminTokenFile));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(home.AdminTokenFile));
            using (var client = first.NewClient(token))
                await client.IngestAsync(Records.New("kept"));
            await first.StopAsync();
            Assert.Equal(2, first.Output.Split(token).Length);
            Assert.Empty(first.Errors);
        }

        Assert.Null(home.Server);
        await using var second = await LipsProcess.ServeReadyAsync(home);
        using (var client = second.NewClient(token))
            Assert.Equal(["kept"], await Records.AllAsync(client));
        await second.StopAsync(Signals.Hangup);
        Assert.DoesNotContain("token", second.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Null(home.Server);
    }

    [Fact]
    public async Task After_a_kill_amid_writes_the_next_start_has_all_that_was_acknowledged()
    {
        using var home = new TempHome();
        var acknowledged = new List<string>();
        await using (var killed = await LipsProcess.ServeReadyAsync(home, ("Lips__AdminToken", LipsProcess.Token)))
        {
            using var client = killed.NewClient(LipsProcess.Token);
            var writers = Enumerable.Range(1, 4).Select(writer => WriteAsync(client, writer, acknowledged)).ToList();
            await killed.UntilAsync("100 records are in", () =>
            {
                lock (acknowledged)
                    return Task.FromResult(acknowledged.Count >= 100);
            });
            killed.Send(Signals.Kill);
            await killed.EndAsync();
            await Task.WhenAll(writers);
        }

        Assert.NotNull(home.Server);
        await using var next = await LipsProcess.ServeReadyAsync(home, ("Lips__AdminToken", LipsProcess.Token));
        using (var client = next.NewClient(LipsProcess.Token))
            Assert.Empty(acknowledged.Except(await Records.AllAsync(client)));
        await next.StopAsync();
        Assert.Null(home.Server);
    }

    [Fact]
    public async Task Migrating_works_alone_and_beside_a_host_and_a_second_host_is_refused()
    {
        using var home = new TempHome();
        await MigratedAsync(home);
        Assert.Null(home.Server);

        await using var host = await LipsProcess.ServeReadyAsync(home, ("Lips__AdminToken", LipsProcess.Token));
        await MigratedAsync(home);
        await using (var second = LipsProcess.Serve(home))
        {
            var line = await second.RefusedAsync();
            Assert.Contains($"process {host.Id}", line);
            Assert.Contains(home.Folder, line);
        }

        using (var client = host.NewClient(LipsProcess.Token))
            Assert.Empty(await Records.AllAsync(client));
        await host.StopAsync();
        Assert.Null(home.Server);
    }

    [Theory]
    [InlineData(Signals.Terminate)]
    [InlineData(Signals.Interrupt)]
    public async Task A_stop_lets_requests_finish_and_then_stops_the_database(int signal)
    {
        using var home = new TempHome();
        await using var host = await LipsProcess.ServeReadyAsync(home, ("Lips__AdminToken", LipsProcess.Token));
        using var client = host.NewClient(LipsProcess.Token);
        using var body = new SlowBody();
        var answer = client.SendAsync(HttpMethod.Post, "/contact_interactions/bulk", body, ("Expect", "100-continue"));
        await body.Begun;

        host.Send(signal);
        await host.PrintedAsync(ShuttingDown());
        using (var late = host.Anonymous)
            await host.UntilAsync("it takes no more connections", async () => await IsClosedAsync(late));
        Assert.NotNull(home.Server);
        body.SendRest();

        Assert.Equal(2, (int)(await answer).Is(200).Json["created"]!);
        Assert.Equal(0, await host.EndAsync());
        Assert.Null(home.Server);
        Assert.Empty(host.Errors);
    }

    [Fact]
    public async Task A_stop_while_the_home_is_made_leaves_nothing_running()
    {
        using var home = new TempHome();
        await using var host = LipsProcess.Serve(home);
        await host.UntilAsync("PostgreSQL starts", () => Task.FromResult(Directory.Exists(Path.Combine(home.Folder, "postgres"))));

        await host.StopAsync();

        Assert.Null(home.Server);
    }

    private static async Task MigratedAsync(TempHome home)
    {
        await using var migrate = LipsProcess.Run(home, ["migrate"]);
        Assert.Equal(0, await migrate.EndAsync());
        Assert.Contains("The database is up to date.", migrate.Output);
        Assert.Empty(migrate.Errors);
    }

    private static async Task WriteAsync(HttpClient client, int writer, List<string> acknowledged)
    {
        try
        {
            for (var n = 0; ; n++)
            {
                string[] ids = [.. Enumerable.Range(0, n % 3 + 1).Select(i => $"{writer}-{n}-{i}")];
                if (ids.Length == 1)
                    await client.IngestAsync(Records.New(ids[0]));
                else
                    Assert.Equal(ids.Length, (int)(await client.BulkAsync(ids.Select(Records.New))).Is(200).Json["created"]!);
                lock (acknowledged)
                    acknowledged.AddRange(ids);
            }
        }
        catch (HttpRequestException)
        {
            // Killed.
        }
    }

    private static async Task<bool> IsClosedAsync(HttpClient client)
    {
        try
        {
            await client.GetAnswerAsync("/health/live");
            return false;
        }
        catch (HttpRequestException)
        {
            return true;
        }
    }

    [GeneratedRegex("The admin token, shown this once and kept in \\S+: (lips_\\S+)")]
    private static partial Regex TokenLine();

    [GeneratedRegex("Stopping: serves for")]
    private static partial Regex ShuttingDown();
}

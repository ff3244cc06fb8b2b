using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Lips.Host.Tests.Containers;
using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Processes;

public sealed partial class ExternalDatabaseTests
{
    [Fact]
    public async Task With_a_connection_string_nothing_is_started_in_the_home()
    {
        using var home = new TempHome();
        var database = await TestPostgres.NewEmptyDatabaseAsync();
        await using var host = await LipsProcess.ServeReadyAsync(
            home, ("ConnectionStrings__Lips", database), ("Lips__AdminToken", LipsProcess.Token));
        using (var client = host.NewClient(LipsProcess.Token))
            await client.IngestAsync(Records.New("one"));
        await host.StopAsync();

        Assert.False(Directory.Exists(home.Folder));
    }

    [Fact]
    public async Task A_node_waits_for_its_database_before_it_listens_and_outlives_its_absence()
    {
        using var home = new TempHome();
        await using var database = new PostgresRelay(await TestPostgres.NewEmptyDatabaseAsync());
        database.Close();
        await using var host = LipsProcess.Serve(
            home, ("ConnectionStrings__Lips", database.ConnectionString), ("Lips__AdminToken", LipsProcess.Token));
        await host.PrintedAsync(DatabaseIsAway());
        Assert.DoesNotContain("Now listening", host.Output);

        database.Open();
        await host.ReadyAsync();
        using var client = host.NewClient(LipsProcess.Token);
        await client.IngestAsync(Records.New("one"));

        database.Close();
        await IsAwayAsync(client);

        database.Open();
        await host.ReadyAsync();
        Assert.Equal(["one"], await Records.AllAsync(client));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_node_that_still_waits_for_its_database_stops_when_told()
    {
        using var home = new TempHome();
        await using var database = new PostgresRelay(await TestPostgres.NewEmptyDatabaseAsync());
        database.Close();
        await using var host = LipsProcess.Serve(home, ("ConnectionStrings__Lips", database.ConnectionString));
        await host.PrintedAsync(DatabaseIsAway());

        await host.StopAsync(Signals.Interrupt);
    }

    [Fact]
    public async Task The_environment_says_where_to_listen_and_the_default_is_loopback()
    {
        using var home = new TempHome();
        var port = FreePort().Port;
        await using var host = LipsProcess.Run(
            home, ["serve"], ("ConnectionStrings__Lips", await TestPostgres.NewDatabaseAsync()),
            ("ASPNETCORE_URLS", $"http://127.0.0.1:{port}"));
        await host.ListeningAsync();

        Assert.Equal(port, host.Address!.Port);
        Assert.Equal("http://127.0.0.1:8080", LipsApplication.CreateBuilder([]).Configuration["Urls"]);
    }

    [Fact]
    public async Task What_cannot_work_is_told_in_one_line()
    {
        using var home = new TempHome();
        var database = ("ConnectionStrings__Lips", await TestPostgres.NewDatabaseAsync());
        var token = ("Lips__AdminToken", LipsProcess.Token);
        using var taken = new TcpListener(FreePort());
        taken.Start();

        await using var portInUse = LipsProcess.Run(home, ["serve", "--urls", $"http://{taken.LocalEndpoint}"], database, token);
        await using var shortToken = LipsProcess.Serve(home, database, ("Lips__AdminToken", "short"));
        await using var noDatabase = LipsProcess.Serve(
            home, ("ConnectionStrings__Lips", database.Item2.Replace("lips_", "no_", StringComparison.Ordinal)), token);
        await using var badString = LipsProcess.Serve(home, ("ConnectionStrings__Lips", "postgres://lips@127.0.0.1/lips"), token);
        await using var passwordInIt = LipsProcess.Serve(
            home, ("ConnectionStrings__Lips", "postgres://lips:hidden@127.0.0.1/lips?sslmode=require"), token);
        await using var badAddress = LipsProcess.Run(home, ["serve", "--urls", "127.0.0.1:8080"], database, token);

        Assert.Contains($"{taken.LocalEndpoint}", await portInUse.RefusedAsync());
        var tooShort = await shortToken.RefusedAsync();
        Assert.Contains("Lips:AdminToken must have at least 16 characters", tooShort);
        Assert.DoesNotContain("short", tooShort);
        Assert.Contains("does not exist", await noDatabase.RefusedAsync());
        Assert.Contains("ConnectionStrings:Lips", await badString.RefusedAsync());
        Assert.DoesNotContain("hidden", await passwordInIt.RefusedAsync());
        Assert.Contains("127.0.0.1:8080", await badAddress.RefusedAsync());
    }

    [Fact]
    public async Task A_database_from_which_a_newer_version_took_something_away_is_left_alone()
    {
        using var home = new TempHome();
        var database = await TestPostgres.NewDatabaseAsync();
        await TestPostgres.ExecuteAsync(
            database, "INSERT INTO access.migrations (\"MigrationId\", \"ProductVersion\") VALUES ('9999_later_contract', '10')");

        await using var host = LipsProcess.Serve(home, ("ConnectionStrings__Lips", database), ("Lips__AdminToken", LipsProcess.Token));

        Assert.Contains("9999_later_contract", await host.RefusedAsync());
    }

    [Fact]
    public async Task The_health_check_of_the_container_tells_a_node_that_answers_from_none()
    {
        using var home = new TempHome();
        await using var node = await LipsNode.StartAsync();
        string[] words = Dockerfile.Parse(Repository.Read("Dockerfile")).Final.Words("HEALTHCHECK");
        var path = new Uri(words[^1]).AbsolutePath;

        await using var good = LipsProcess.Run(home, [.. words[2..^1], new Uri(node.Address, path).ToString()]);
        await using var wrong = LipsProcess.Run(home, [.. words[2..^1], new Uri(node.Address, "/nothing").ToString()]);
        await using var away = LipsProcess.Run(home, [.. words[2..^1], $"http://{FreePort()}{path}"]);

        Assert.Equal(0, await good.EndAsync());
        Assert.Equal(1, await wrong.EndAsync());
        Assert.Contains("does not answer", await away.RefusedAsync());
    }

    private static IPEndPoint FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)probe.LocalEndPoint!;
    }

    private static async Task IsAwayAsync(HttpClient client)
    {
        (await client.GetAnswerAsync("/health/live")).Is(200);
        (await client.GetAnswerAsync("/health/ready")).Is(503);
        var answer = (await client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_1")).Is(503);
        Assert.Equal("unavailable", (string)answer.Json["name"]!);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [GeneratedRegex("The database is away")]
    private static partial Regex DatabaseIsAway();
}

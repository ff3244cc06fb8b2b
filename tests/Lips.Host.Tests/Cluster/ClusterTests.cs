using System.Net;
using System.Net.Sockets;
using Lips.Host.Tests.Processes;
using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Cluster;

/// <summary>Nodes that come, go and freeze. The cluster's rows tell what the silos believe of each other: 3 is active, 6 dead.</summary>
public sealed class ClusterTests
{
    private const string Active = "SELECT count(*)::integer FROM orleans.silos WHERE status = 3";
    private const string Held = "SELECT count(*)::integer FROM counters.holders";

    [Fact]
    public async Task A_second_node_joins_by_itself_and_leaves_nothing_behind_when_it_stops()
    {
        using var home = new TempHome();
        var (database, settings) = await NewDatabaseAsync();
        await using var first = await LipsProcess.ServeReadyAsync(home, settings);
        await using var second = await LipsProcess.ServeReadyAsync(home, settings);

        Assert.Equal(2, await TestPostgres.ScalarAsync<int>(database, Active));
        Assert.Equal(1, await TestPostgres.ScalarAsync<int>(database, "SELECT count(*)::integer FROM orleans.clusters"));
        using (var client = first.NewClient(LipsProcess.Token))
            await client.IngestAsync(Records.New("one"));
        using (var client = second.NewClient(LipsProcess.Token))
            Assert.Equal(["one"], await Records.AllAsync(client));

        await second.StopAsync();
        Assert.Equal(1, await TestPostgres.ScalarAsync<int>(database, Active));
        await first.StopAsync();
        Assert.Equal(0, await TestPostgres.ScalarAsync<int>(database, Active));
        Assert.Equal("", first.Errors + second.Errors);
        var said = first.Output + second.Output;
        Assert.False(said.Contains("Orleans", StringComparison.Ordinal), said);
    }

    [Fact]
    public async Task Nodes_that_start_at_once_take_ports_of_their_own()
    {
        using var home = new TempHome();
        var (database, settings) = await NewDatabaseAsync();
        await using var first = LipsProcess.Serve(home, settings);
        await using var second = LipsProcess.Serve(home, settings);
        await using var third = LipsProcess.Serve(home, settings);
        LipsProcess[] nodes = [first, second, third];
        foreach (var node in nodes)
            await node.ReadyAsync();

        Assert.Equal(
            3, await TestPostgres.ScalarAsync<int>(database, "SELECT count(DISTINCT port)::integer FROM orleans.silos WHERE status = 3"));
        foreach (var node in nodes)
            await node.StopAsync();
    }

    [Fact]
    public async Task A_node_that_was_killed_is_ready_again_at_its_address()
    {
        using var home = new TempHome();
        var (database, settings) = await NewDatabaseAsync();
        settings = [.. settings, ("Lips__Cluster__Port", $"{FreePort()}")];
        await using (var killed = await LipsProcess.ServeReadyAsync(home, settings))
        {
            await HoldAsync(killed, database);
            killed.Send(Signals.Kill);
            await killed.EndAsync();
        }

        Assert.Equal(1, await TestPostgres.ScalarAsync<int>(database, Held));
        await using var again = await LipsProcess.ServeReadyAsync(home, settings);

        Assert.Equal([6, 3], await TestPostgres.ColumnAsync<int>(database, "SELECT status FROM orleans.silos ORDER BY generation"));
        // No request is needed for it.
        await again.UntilAsync("nothing is held", async () => await TestPostgres.ScalarAsync<int>(database, Held) == 0);
        await again.StopAsync();
    }

    [Fact]
    public async Task A_node_that_was_killed_is_declared_dead_by_the_others_and_holds_nothing()
    {
        using var home = new TempHome();
        var (database, settings) = await NewDatabaseAsync();
        await using var survivor = await LipsProcess.ServeReadyAsync(home, settings);
        await using var killed = await LipsProcess.ServeReadyAsync(home, settings);
        await HoldAsync(killed, database);
        killed.Send(Signals.Kill);

        await survivor.UntilAsync("one is active", async () => await TestPostgres.ScalarAsync<int>(database, Active) == 1);
        await survivor.UntilAsync("nothing is held", async () => await TestPostgres.ScalarAsync<int>(database, Held) == 0);
        await survivor.StopAsync();
    }

    [Fact]
    public async Task A_frozen_node_that_the_others_declared_dead_ends_with_one_line_and_an_exit_code_of_its_own()
    {
        using var home = new TempHome();
        var (database, settings) = await NewDatabaseAsync();
        await using var other = await LipsProcess.ServeReadyAsync(home, settings);
        await using var frozen = await LipsProcess.ServeReadyAsync(home, settings);
        frozen.Send(Signals.Stop);
        await other.UntilAsync("one is active", async () => await TestPostgres.ScalarAsync<int>(database, Active) == 1);
        frozen.Send(Signals.Continue);

        Assert.Equal(3, await frozen.EndAsync());
        Assert.Equal("lips: The other nodes have declared this one dead, because it did not answer or because a backup was restored. "
            + "Start it again.", frozen.Errors);
        Assert.False(frozen.Output.Contains("   at ", StringComparison.Ordinal), frozen.Output);
        await other.StopAsync();
    }

    // Versions of a backup are lower than those of now, and may be given out again up to the very one that the node knows.
    [Theory]
    [InlineData("DELETE FROM orleans.silos; UPDATE orleans.clusters SET version = 1")]
    [InlineData("DELETE FROM orleans.silos; UPDATE orleans.clusters SET version = version - 2")]
    [InlineData("DELETE FROM orleans.clusters")]
    public async Task A_node_that_a_restored_backup_does_not_know_ends_when_another_joins(string restored)
    {
        using var home = new TempHome();
        var (database, settings) = await NewDatabaseAsync();
        await using var forgotten = await LipsProcess.ServeReadyAsync(home, settings);
        await TestPostgres.ExecuteAsync(database, restored);
        await using var other = await LipsProcess.ServeReadyAsync(home, settings);

        Assert.Equal(3, await forgotten.EndAsync());
        Assert.Equal(1, await TestPostgres.ScalarAsync<int>(database, Active));
        await other.StopAsync();
    }

    [Fact]
    public async Task A_node_that_a_restored_backup_does_not_know_ends_also_when_it_is_alone()
    {
        using var home = new TempHome();
        var (database, settings) = await NewDatabaseAsync();
        await using var forgotten = await LipsProcess.ServeReadyAsync(home, settings);
        await TestPostgres.ExecuteAsync(database, "DELETE FROM orleans.silos; UPDATE orleans.clusters SET version = version - 2");

        Assert.Equal(3, await forgotten.EndAsync());
    }

    [Fact]
    public async Task Where_another_machine_has_the_address_that_is_told_in_one_line()
    {
        using var home = new TempHome();
        var (database, settings) = await NewDatabaseAsync();
        settings = [.. settings, ("Lips__Cluster__Id", "shared"), ("Lips__Cluster__Port", $"{FreePort()}")];
        await TestPostgres.ExecuteAsync(
            database,
            $"""
            INSERT INTO orleans.clusters VALUES ('shared', 1);
            INSERT INTO orleans.silos
            VALUES ('shared', '127.0.0.1', {settings[^1].Item2}, 1, 'one', 'elsewhere', 3, 0, NULL, now(), now() + '1 hour');
            """);
        await using var node = LipsProcess.Serve(home, settings);

        Assert.Contains("The node on elsewhere is 127.0.0.1", await node.RefusedAsync());
    }

    [Fact]
    public async Task Settings_that_cannot_be_used_are_told_in_one_line()
    {
        using var home = new TempHome();
        var (_, settings) = await NewDatabaseAsync();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        (string Name, string Value)[] wrong =
        [
            ("Lips__Cluster__Port", "many"), ("Lips__Cluster__Address", "0.0.0.0"), ("Lips__Cluster__Address", "no such name"),
            ("Lips__Cluster__Certificate", Path.Combine(home.Folder, "none.pfx")),
            ("Lips__Cluster__Port", $"{((IPEndPoint)taken.LocalEndpoint).Port}"),
        ];
        foreach (var setting in wrong)
        {
            await using var node = LipsProcess.Serve(home, [.. settings, setting]);
            Assert.Contains(setting.Name.Replace("__", ":", StringComparison.Ordinal), await node.RefusedAsync());
        }
    }

    /// <summary>Has the node hold an advertiser's counters.</summary>
    private static async Task HoldAsync(LipsProcess node, string database)
    {
        using var client = node.NewClient(LipsProcess.Token);
        (await client.GetAnswerAsync("/contact_interactions/totals?global_master_advertiser_id=USA_1")).Is(200);
        Assert.Equal(1, await TestPostgres.ScalarAsync<int>(database, Held));
    }

    private static async Task<(string Database, (string, string)[] Settings)> NewDatabaseAsync()
    {
        var database = await TestPostgres.NewDatabaseAsync();
        return (database, [("ConnectionStrings__Lips", TestPostgres.AsApplication(database)), ("Lips__AdminToken", LipsProcess.Token)]);
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}

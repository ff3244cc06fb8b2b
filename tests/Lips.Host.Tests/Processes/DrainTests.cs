using System.Net.Sockets;
using System.Text.RegularExpressions;
using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Processes;

/// <summary>A node that is told to stop while others still send it requests.</summary>
public sealed partial class DrainTests
{
    [Theory]
    [InlineData(Signals.Terminate)]
    [InlineData(Signals.Interrupt)]
    [InlineData(Signals.Quit)]
    [InlineData(Signals.Hangup)]
    public async Task Until_it_has_drained_it_serves_and_says_that_it_is_not_to_be_sent_more(int signal)
    {
        using var home = new TempHome();
        await using var host = await LipsProcess.ServeReadyAsync(
            home, ("ConnectionStrings__Lips", await TestPostgres.NewDatabaseAsync()), ("Lips__AdminToken", LipsProcess.Token),
            ("Lips__Limits__DrainSeconds", "600"));
        using var client = host.NewClient(LipsProcess.Token);
        Assert.NotEqual(true, (await client.GetAnswerAsync("/health/ready")).Is(200).Headers.ConnectionClose);

        host.Send(signal);
        await host.PrintedAsync(Stopping());

        var ready = (await client.GetAnswerAsync("/health/ready")).Is(503);
        Assert.Equal("The node is stopping.", (string)ready.Json["message"]!);
        await client.IngestAsync(Records.New("one"));
        Assert.Equal(["one"], await Records.AllAsync(client));
        string[] addresses = ["/contact_interactions?global_master_advertiser_id=USA_1", "/health/live", "/nothing", "/tokens"];
        foreach (var address in addresses)
            Assert.True((await client.GetAnswerAsync(address)).Headers.ConnectionClose, address);

        // The second one ends the wait.
        await host.StopAsync(signal);
    }

    [Fact]
    public async Task No_request_is_lost_by_a_stop()
    {
        using var home = new TempHome();
        await using var host = await LipsProcess.ServeReadyAsync(
            home, ("ConnectionStrings__Lips", await TestPostgres.NewDatabaseAsync()), ("Lips__AdminToken", LipsProcess.Token),
            ("Lips__Limits__DrainSeconds", "60"));
        using var leaving = new CancellationTokenSource();
        var sending = Enumerable.Range(0, 8).Select(sender => SendAsync(host, sender, leaving.Token)).ToList();
        await host.UntilAsync("there is something", async () =>
        {
            using var client = host.NewClient(LipsProcess.Token);
            return (await Records.AllAsync(client)).Count > 50;
        });

        host.Send(Signals.Terminate);
        // As a load balancer does that has seen that it is not ready.
        using (var watcher = host.Anonymous)
            await host.UntilAsync("it is not ready", async () => (await watcher.GetAnswerAsync("/health/ready")).Status == 503);
        await leaving.CancelAsync();

        Assert.True((await Task.WhenAll(sending)).Sum() > 50);
        await host.StopAsync();
    }

    [Fact]
    public async Task Who_was_given_a_connection_is_answered()
    {
        using var home = new TempHome();
        await using var host = await LipsProcess.ServeReadyAsync(
            home, ("ConnectionStrings__Lips", await TestPostgres.NewDatabaseAsync()), ("Lips__AdminToken", LipsProcess.Token),
            ("Lips__Limits__DrainSeconds", "2"));
        // As of balancers that do not know yet: each request is the first of a connection, until one is refused.
        var sending = Enumerable.Range(0, 64).Select(_ => AskUntilRefusedAsync(host.Address!)).ToList();

        host.Send(Signals.Terminate);

        var answered = (await Task.WhenAll(sending)).Sum();
        Assert.True(answered > 100, $"{answered} requests");
        Assert.Equal(0, await host.EndAsync());
    }

    private static async Task<int> AskUntilRefusedAsync(Uri address)
    {
        for (var answered = 0; ; answered++)
        {
            using var connection = await OpenUnlessRefusedAsync(address);
            if (connection is null)
                return answered;
            await connection.SendAsync("GET /health/live HTTP/1.1\r\nHost: lips.example\r\nConnection: close\r\n\r\n");
            Assert.Equal(200, (await connection.AnswerAsync())?.Status);
        }
    }

    private static async Task<RawConnection?> OpenUnlessRefusedAsync(Uri address)
    {
        try
        {
            return await RawConnection.OpenAsync(address);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return null;
        }
    }

    private static async Task<int> SendAsync(LipsProcess host, int sender, CancellationToken leaving)
    {
        using var client = host.NewClient(LipsProcess.Token);
        var sent = 0;
        for (; !leaving.IsCancellationRequested; sent++)
            await client.IngestAsync(Records.New($"{sender}-{sent}"));
        return sent;
    }

    [GeneratedRegex("Stopping: serves for")]
    private static partial Regex Stopping();
}

using System.Net;
using System.Net.Sockets;
using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Http;

/// <summary>No address takes all connections from the others; a proxy, behind which are many clients, may.</summary>
public sealed class ConnectionsPerAddressTests
{
    private const string Greedy = "127.0.0.2";
    private const string Other = "127.0.0.3";

    [Fact]
    public async Task An_address_has_no_more_than_its_share_and_gets_it_again_when_one_has_gone()
    {
        await using var node = await LipsNode.StartWithAsync(null, ("Lips:Limits:ConnectionsPerAddress", "2"));
        using var first = await OpenAsync(node, Greedy);
        using (var second = await OpenAsync(node, Greedy))
        {
            await IsServedAsync(first);
            await IsServedAsync(second);

            Assert.Null(await AskAsync(node, Greedy));
            (await AskAsync(node, Other))!.Is(200);
            Assert.Null(await AskAsync(node, Greedy));
            await IsServedAsync(first);
        }

        await UntilServedAsync(node, Greedy);
    }

    [Fact]
    public async Task A_connection_that_was_refused_takes_nothing_of_the_share()
    {
        await using var node = await LipsNode.StartWithAsync(null, ("Lips:Limits:ConnectionsPerAddress", "1"));
        using (var only = await OpenAsync(node, Greedy))
        {
            await IsServedAsync(only);
            for (var i = 0; i < 20; i++)
                Assert.Null(await AskAsync(node, Greedy));
        }

        await UntilServedAsync(node, Greedy);
    }

    [Theory]
    [Each("127.0.0.2", "192.0.2.1, 127.0.0.0/30")]
    public async Task A_proxy_is_exempt(string proxies)
    {
        await using var node = await LipsNode.StartWithAsync(
            null, ("Lips:Limits:ConnectionsPerAddress", "1"), ("Lips:Proxies", proxies), ("Urls", "http://[::]:0"));
        var open = new List<RawConnection>();
        try
        {
            // As IPv4 over a socket of IPv6, which is how addresses come where a node listens on both.
            for (var i = 0; i < 5; i++)
            {
                open.Add(await OpenAsync(node, Greedy));
                await IsServedAsync(open[^1]);
            }

            open.Add(await OpenAsync(node, "127.0.0.9"));
            await IsServedAsync(open[^1]);
            Assert.Null(await AskAsync(node, "127.0.0.9"));
        }
        finally
        {
            open.ForEach(connection => connection.Dispose());
        }
    }

    private static Task<RawConnection> OpenAsync(LipsNode node, string from) => RawConnection.OpenAsync(
        new UriBuilder(node.Address) { Host = "127.0.0.1" }.Uri, socket => socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0)));

    private static async Task IsServedAsync(RawConnection connection)
    {
        await connection.SendAsync("GET /health/live HTTP/1.1\r\nHost: lips.example\r\n\r\n");
        var answer = await connection.AnswerAsync();
        Assert.NotNull(answer);
        answer.Is(200);
    }

    private static async Task UntilServedAsync(LipsNode node, string from)
    {
        RawAnswer? answer;
        for (var patience = DateTime.UtcNow.AddMinutes(1); (answer = await AskAsync(node, from)) is null; await Task.Delay(50))
            Assert.True(DateTime.UtcNow < patience, "No connection is taken any more.");
        answer.Is(200);
    }

    private static async Task<RawAnswer?> AskAsync(LipsNode node, string from)
    {
        try
        {
            using var connection = await OpenAsync(node, from);
            await connection.SendAsync("GET /health/live HTTP/1.1\r\nHost: lips.example\r\nConnection: close\r\n\r\n");
            return await connection.AnswerAsync();
        }
        catch (SocketException)
        {
            return null;
        }
    }
}

using System.Net;
using System.Net.Sockets;
using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Http;

/// <summary>Health on a port of its own answers whoever asks there, however many hold the connections of the other.</summary>
public sealed class HealthPortTests
{
    [Theory]
    [Each("Lips:Limits:Connections", "Lips:Limits:ConnectionsPerAddress")]
    public async Task It_answers_while_clients_hold_all_connections(string limit)
    {
        var port = FreePort();
        await using var node = await LipsNode.StartWithAsync(null, ("Lips:HealthPort", $"{port}"), (limit, "1"));
        using var holder = await RawConnection.OpenAsync(node);
        await holder.SendAsync("GET /health/live HTTP/1.1\r\nHost: lips.example\r\n\r\n");
        (await holder.AnswerAsync())!.Is(200);

        using var client = NewClient(port);
        (await client.GetAnswerAsync("/health/live")).Is(200);
        (await client.GetAnswerAsync("/health/ready")).Is(200);
        (await client.SendAsync(HttpMethod.Head, "/health/ready")).Is(200);
        using var refused = node.NewClient(null);
        await Assert.ThrowsAsync<HttpRequestException>(() => refused.GetAsync("/health/live"));
    }

    [Fact]
    public async Task It_serves_nothing_else()
    {
        var port = FreePort();
        await using var node = await LipsNode.StartWithAsync(null, ("Lips:HealthPort", $"{port}"));
        using var client = NewClient(port);
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "token " + LipsNode.AdminToken);

        foreach (var address in (string[])["/tokens", "/", "/contact_interactions/1", "/healthy", "/health/../tokens"])
        {
            var answer = (await client.GetAnswerAsync(address)).Is(404);
            Assert.Equal("not_found", (string?)answer.Json["name"]);
        }

        (await client.PostAsync("/contact_interactions", new { })).Is(404);
        (await node.Client.GetAnswerAsync("/tokens")).Is(200);
        (await node.Client.GetAnswerAsync("/health/live")).Is(200);
    }

    [Fact]
    public async Task It_is_there_beside_endpoints_of_Kestrels_own_settings_too()
    {
        var port = FreePort();
        await using var node = await LipsNode.StartWithAsync(
            null, ("Lips:HealthPort", $"{port}"), ("Kestrel:Endpoints:Api:Url", "http://127.0.0.1:0"));

        using var client = NewClient(port);
        (await client.GetAnswerAsync("/health/live")).Is(200);
        var api = Assert.Single(node.Addresses, address => address.Port != port);
        using var direct = new HttpClient { BaseAddress = api };
        (await direct.SendAsync(HttpMethod.Get, "/tokens", null, [("Authorization", "token " + LipsNode.AdminToken)])).Is(200);
    }

    private static HttpClient NewClient(int port) => new() { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}

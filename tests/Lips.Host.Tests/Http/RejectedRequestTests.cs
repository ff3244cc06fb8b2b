using System.Net.Sockets;
using System.Text;
using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Http;

/// <summary>What the server refuses before any of our code sees it is answered as JSON too (contract section 3).</summary>
public sealed class RejectedRequestTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    [Theory]
    [Each("GET /contact_interactions HTTP/1.1\r\n\r\n", "GET /contact_interactions?q=a b HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /\u00e4 HTTP/1.1\r\nHost: x\r\n\r\n", "GET /contact_interactions?booking_id=\u00e4 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: x\r\n\r\n", "HELLO\r\n\r\n")]
    public async Task What_is_no_request_is_400_as_JSON_and_the_connection_ends(string request)
    {
        var answer = await SendAsync(request);

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: application/json; charset=utf-8\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n{\"name\":\"bad_request\",\"message\":\"The request cannot be read.\"}", answer, StringComparison.Ordinal);
    }

    /// <summary>Everything that the node sends until it closes the connection.</summary>
    private async Task<string> SendAsync(string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(fixture.Node.Address.Host, fixture.Node.Address.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }
}

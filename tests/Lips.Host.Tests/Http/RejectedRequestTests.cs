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
        "HELLO\r\n\r\n")]
    public Task What_is_no_request_is_400_as_JSON_and_the_connection_ends(string request) => IsRefusedAsync(request);

    [Theory]
    [Each("HTTP/2.0", "HTTP/2", "HTTP/3.0", "HTTP/1.2", "HTTP/0.9", "HTTP/9.9", "HTTP/1.10", "http/1.1", "HTTP/+1.1", "ICY/1.1", "")]
    public async Task A_version_that_is_not_spoken_here_is_a_bad_request_and_no_fault_of_the_servers(string version)
    {
        await IsRefusedAsync($"GET /health/live {version}\r\nHost: x\r\n\r\n");
        await IsRefusedAsync($"POST /contact_interactions {version}\r\nHost: x\r\nContent-Length: 2\r\n\r\n{{}}");
    }

    [Theory]
    [Each("+2", "+0", "-0", "-2", "2 2", "0x2", "2,2", "2, 2", "2.0", "2e0", "2_", "", "+", "++2", "\u0662", "(2)", "9223372036854775808")]
    public async Task A_length_that_is_no_number_of_digits_is_a_bad_request(string length)
    {
        foreach (var target in (string[])["POST /contact_interactions", "POST /contact_interactions/bulk", "GET /health/live", "PUT /none"])
            await IsRefusedAsync($"{target} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{{}}");
    }

    [Theory]
    [Each("2", "02", " 2", "2 ", "\t2\t")]
    public async Task A_length_of_digits_is_read_with_white_space_around_it(string length) =>
        Assert.StartsWith(
            "HTTP/1.1 200 ",
            await SendAsync($"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length:{length}\r\n\r\n{{}}"),
            StringComparison.Ordinal);

    private async Task IsRefusedAsync(string request)
    {
        var answer = await SendAsync(request);

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Type: application/json; charset=utf-8\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n{\"name\":\"bad_request\",\"message\":\"The request cannot be read.\"}", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", answer, StringComparison.Ordinal);
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

using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Http;

/// <summary>A client that does not take its answer holds neither the connection nor the memory of the answer for long.</summary>
public sealed class UnreadAnswerTests : IAsyncLifetime
{
    private const int PauseInSeconds = 4;
    private const string Page = "/contact_interactions?global_master_advertiser_id=USA_1&per_page=500";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private LipsNode? node;

    private LipsNode Node => node!;

    [Theory]
    [Each(Page, "/contact_interactions/changes?global_master_advertiser_id=USA_1&limit=500", "/tokens", "/health/live", "/nothing")]
    public async Task A_client_that_goes_on_asking_and_reads_nothing_is_cut_off(string address)
    {
        using var connection = await RawConnection.OpenAsync(Node, socket => socket.ReceiveBufferSize = 4_096);
        var requests = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(Request(address), 100)));
        using var patience = new CancellationTokenSource(Patience);

        // Until this end is told that the other is closed, be it that the node reads no more requests.
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (true)
                await connection.SendAsync(requests, patience.Token);
        });
    }

    [Fact]
    public async Task A_client_that_reads_slowly_gets_all_of_it_though_it_takes_longer_than_the_pause()
    {
        const int pages = 4;
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.ReceiveBufferSize = 64 * 1024;
        await socket.ConnectAsync(Node.Address.Host, Node.Address.Port);
        await socket.SendAsync(Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(Request(Page), pages - 1))
            + Request(Page).Replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", StringComparison.Ordinal)));

        var (buffer, all, read) = (new byte[64 * 1024], new MemoryStream(), 0);
        var slowUntil = DateTime.UtcNow.AddSeconds(2.5 * PauseInSeconds);
        while ((read = await socket.ReceiveAsync(buffer)) > 0)
        {
            all.Write(buffer, 0, read);
            if (DateTime.UtcNow < slowUntil)
                await Task.Delay(100);
        }

        var text = Encoding.Latin1.GetString(all.GetBuffer(), 0, (int)all.Length);
        Assert.Equal(pages, text.Split("HTTP/1.1 200 OK\r\n").Length - 1);
        Assert.EndsWith("}}", text, StringComparison.Ordinal);
    }

    /// <summary>More than the kernel keeps for a connection, so that a part of it waits in the node.</summary>
    public async Task InitializeAsync()
    {
        node = await LipsNode.StartWithAsync(
            null, ("Lips:Limits:AnswerPauseSeconds", PauseInSeconds.ToString(CultureInfo.InvariantCulture)),
            // So that it is not this which ends a request.
            ("Lips:Limits:RequestSeconds", "3600"));
        var notes = new string('n', 10_000);
        var lines = string.Concat(Enumerable.Range(0, 500).Select(i => JsonSerializer.Serialize(
            new { global_master_advertiser_id = "USA_1", event_type = "call", occurred_at = "2026-07-01T09:30:00Z", notes }) + "\n"));
        using var content = new StringContent(lines, Encoding.UTF8, "application/x-ndjson");
        (await Node.Client.SendAsync(HttpMethod.Post, "/contact_interactions/bulk", content)).Is(200);
    }

    public Task DisposeAsync() => Node.DisposeAsync().AsTask();

    private static string Request(string address) =>
        $"GET {address} HTTP/1.1\r\nHost: lips.example\r\nAuthorization: token {LipsNode.AdminToken}\r\n\r\n";
}

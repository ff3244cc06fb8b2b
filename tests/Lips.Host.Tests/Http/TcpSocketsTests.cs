using System.Net;
using System.Net.Sockets;
using Lips.Host.Http;
using Xunit;

namespace Lips.Host.Tests.Http;

/// <summary>What a node that stops sees of what was sent to it and has not reached it.</summary>
public sealed class TcpSocketsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task What_the_kernel_has_taken_for_a_port_is_seen()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var port = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        port.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        port.Listen();
        Assert.False(port.HasWaiting());
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(port.LocalEndPoint!);
        Assert.True(port.Poll(Patience, SelectMode.SelectRead));
        Assert.True(port.HasWaiting());

        using var accepted = await port.AcceptAsync();

        Assert.False(port.HasWaiting());
        Assert.False(accepted.HasUnread());
        await client.SendAsync("GET "u8.ToArray());
        Assert.True(accepted.Poll(Patience, SelectMode.SelectRead));
        Assert.True(accepted.HasUnread());
        await accepted.ReceiveAsync(new byte[4]);
        Assert.False(accepted.HasUnread());
    }

    [Fact]
    public void What_is_closed_has_nothing()
    {
        var port = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        port.Dispose();

        Assert.False(port.HasWaiting());
        Assert.False(port.HasUnread());
    }
}

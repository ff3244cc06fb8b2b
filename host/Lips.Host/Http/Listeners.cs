using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Lips.Host.Http;

/// <summary>
/// The ports at which the node listens. The kernel takes connections for it, and their first request too, before it accepts them: closing
/// a port loses those. So that a stop loses none, the port takes no more first, and is closed when all that it took are accepted.
/// </summary>
internal sealed class Listeners
{
    // Until what was taken is accepted and its request has come. Who asks for a connection meanwhile asks again after a second, and is
    // refused then: nothing was sent, so that a balancer may go to another node with whatever it was. Shorter than that second; with
    // 0.3 s a stop on a busy machine still lost one of a thousand requests.
    private static readonly TimeSpan Accepting = TimeSpan.FromMilliseconds(700);

    private readonly List<Socket> sockets = [];

    /// <summary>Opens one.</summary>
    public Socket Open(EndPoint address)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(address);
        lock (sockets)
            sockets.Add(socket);
        return socket;
    }

    /// <summary>Takes no more connections from now on, and waits for those that were taken.</summary>
    public async Task TakeNoMoreAsync(CancellationToken hurry)
    {
        lock (sockets)
        {
            foreach (var socket in sockets.Where(s => s.ProtocolType == ProtocolType.Tcp))
                socket.TakeNoMore();
        }

        await Task.Delay(Accepting, hurry).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

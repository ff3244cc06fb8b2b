using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Lips.Host.Http;

/// <summary>
/// The ports at which the node listens. The kernel takes connections for it, and their first request too, before it accepts them: closing
/// a port loses those. So that a stop loses none, the port takes no more first, and is closed when all that it took are accepted.
/// </summary>
internal sealed class Listeners
{
    // Until what was taken is accepted and its request has come, at least. Who asks for a connection meanwhile asks again after a second,
    // and is refused then: nothing was sent, so that a balancer may go to another node with whatever it was. Shorter than that second.
    private static readonly TimeSpan Accepting = TimeSpan.FromMilliseconds(700);

    // On a machine that is full it takes longer, which is seen. Not for ever: who sends a large body has always sent more of it.
    private static readonly TimeSpan Hearing = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<Socket, bool> accepted = [];
    private readonly List<Socket> sockets = [];

    /// <summary>Opens one.</summary>
    public Socket Open(EndPoint address)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(address);
        lock (sockets)
            sockets.Add(socket);
        return socket;
    }

    /// <summary>Adds connections to those that a stop looks at.</summary>
    public ConnectionDelegate Follow(ConnectionDelegate next) => async connection =>
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
        {
            await next(connection);
            return;
        }

        accepted.TryAdd(socket, true);
        try
        {
            await next(connection);
        }
        finally
        {
            accepted.TryRemove(socket, out _);
        }
    };

    /// <summary>
    /// Takes no more connections from now on, and waits until those that were taken are accepted and what was sent on them is read.
    /// </summary>
    public async Task TakeNoMoreAsync(CancellationToken hurry)
    {
        List<Socket> ports;
        lock (sockets)
            ports = [.. sockets.Where(s => s.ProtocolType == ProtocolType.Tcp)];
        ports.ForEach(port => port.TakeNoMore());
        await PauseAsync(Accepting);
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < Hearing && !hurry.IsCancellationRequested;)
        {
            if (!ports.Exists(port => port.HasWaiting()) && !accepted.Keys.Any(socket => socket.HasUnread()))
                return;
            await PauseAsync(BetweenLooks);
        }

        async Task PauseAsync(TimeSpan time) =>
            await Task.Delay(time, hurry).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

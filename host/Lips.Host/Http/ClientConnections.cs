using System.Net;
using Lips.Kernel;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Lips.Host.Http;

/// <summary>
/// How many connections an address may have at once at a port, and how long it may take nothing of what is sent to it. Proxies may have
/// any number: many clients are behind them.
/// </summary>
internal sealed class ClientConnections(ConnectionDelegate next, HttpSettings settings)
{
    private readonly Dictionary<AddressKey, int> open = [];
    private readonly Lock guard = new();

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        if (connection.RemoteEndPoint is not IPEndPoint { Address: var address })
        {
            await next(connection);
            return;
        }

        // Kestrel's measure is an average that grows with the answer: a page of a megabyte may take more than an hour. The kernel's is
        // progress.
        connection.Features.Get<IConnectionSocketFeature>()?.Socket.EndWhenUntaken(settings.AnswerPause);
        if (IsProxy(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address))
        {
            await next(connection);
            return;
        }

        var key = AddressKey.Of(address);
        if (!TryEnter(key))
        {
            LipsMeter.Refused("connections");
            connection.Abort(new ConnectionAbortedException("The address has as many connections as it may have."));
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            Leave(key);
        }
    }

    private bool IsProxy(IPAddress address) => settings.Proxies.Any(network => network.Contains(address));

    private bool TryEnter(AddressKey key)
    {
        lock (guard)
        {
            var count = open.GetValueOrDefault(key);
            if (count >= settings.ConnectionsPerAddress)
                return false;
            open[key] = count + 1;
            return true;
        }
    }

    private void Leave(AddressKey key)
    {
        lock (guard)
        {
            if (--open[key] is 0)
                open.Remove(key);
        }
    }
}

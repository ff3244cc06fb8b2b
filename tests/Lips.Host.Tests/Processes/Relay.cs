using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Lips.Host.Tests.Processes;

/// <summary>A TCP port in front of the tests' PostgreSQL, with nobody behind it until it is opened: a database that is away and comes.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly NpgsqlConnectionStringBuilder target;
    private readonly IPEndPoint address;
    private TcpListener? listener;
    private List<Socket> sockets = [];

    public Relay(string connectionString)
    {
        target = new NpgsqlConnectionStringBuilder(connectionString);
        address = FreePort();
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString) { Host = "127.0.0.1", Port = address.Port, SslMode = SslMode.Disable }.ConnectionString;
    }

    /// <summary>Connects through the relay.</summary>
    public string ConnectionString { get; }

    public static IPEndPoint FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)probe.LocalEndPoint!;
    }

    public void Open()
    {
        listener = new TcpListener(address);
        sockets = [];
        listener.Start();
        _ = AcceptAsync(listener, sockets);
    }

    /// <summary>Takes no more connections and breaks those that are there.</summary>
    public void Close()
    {
        listener?.Dispose();
        listener = null;
        lock (sockets)
            sockets.ForEach(s => s.Dispose());
    }

    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync(TcpListener from, List<Socket> known)
    {
        try
        {
            while (true)
            {
                var client = await from.AcceptSocketAsync();
                var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                lock (known)
                    known.AddRange([client, server]);
                await server.ConnectAsync(new UnixDomainSocketEndPoint($"{target.Host}/.s.PGSQL.{target.Port}"));
                _ = PassAsync(client, server);
                _ = PassAsync(server, client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private static async Task PassAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer)) > 0)
                await to.SendAsync(buffer.AsMemory(0, read));
            to.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            from.Dispose();
            to.Dispose();
        }
    }
}

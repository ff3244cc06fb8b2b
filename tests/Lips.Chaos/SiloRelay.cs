using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Lips.Chaos;

/// <summary>
/// The port at which the other silos reach one. It can cut another node off: what that sends does not arrive, and it hears no answer; all
/// others go on.
/// </summary>
internal sealed class SiloRelay : IAsyncDisposable
{
    private readonly Lock guard = new();
    private readonly HashSet<Connection> connections = [];
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Func<IEnumerable<Member>> members;
    private readonly int silo;
    private (Member Member, bool IsSilent, Task Healed)? cut;

    /// <param name="silo">The port where the silo listens.</param>
    /// <param name="members">Those that may connect.</param>
    public SiloRelay(int silo, Func<IEnumerable<Member>> members)
    {
        (this.silo, this.members) = (silo, members);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Cuts a node off until the task is over.</summary>
    /// <param name="member">Which, also when it is started again.</param>
    /// <param name="isSilent">Whether its connections stay and nothing passes, as where packets are dropped; else they break.</param>
    /// <param name="healed">How long.</param>
    public void Cut(Member member, bool isSilent, Task healed)
    {
        List<Connection> broken;
        lock (guard)
        {
            cut = (member, isSilent, healed);
            broken = isSilent ? [] : [.. connections.Where(c => c.Member == member)];
        }

        broken.ForEach(c => c.Break());
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        listener.Dispose();
        List<Connection> all;
        lock (guard)
            all = [.. connections];
        all.ForEach(c => c.Break());
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptSocketAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        // Else a small message waits for the acknowledgement of the one before.
        client.NoDelay = true;
        var member = OwnerOf(((IPEndPoint)client.RemoteEndPoint!).Port);
        var connection = new Connection(member, client, new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        lock (guard)
            connections.Add(connection);
        try
        {
            await PassableAsync(member);
            await connection.Silo.ConnectAsync(IPAddress.Loopback, silo);
            await Task.WhenAny(PassAsync(connection, client, connection.Silo), PassAsync(connection, connection.Silo, client));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The silo does not listen, or the connection was broken.
        }

        connection.Break();
        lock (guard)
            connections.Remove(connection);
    }

    private async Task PassAsync(Connection connection, Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var read)
            {
                await PassableAsync(connection.Member);
                for (var sent = 0; sent < read;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Either side has ended it.
        }
    }

    private Task PassableAsync(Member? member)
    {
        lock (guard)
        {
            if (cut is not { } one || one.Member != member || one.Healed.IsCompleted)
                return Task.CompletedTask;
            return one.IsSilent ? one.Healed : throw new SocketException((int)SocketError.ConnectionReset);
        }
    }

    /// <summary>The node that has connected from this port; null for none of them.</summary>
    private Member? OwnerOf(int port)
    {
        var (local, remote) = (Hex(port), Hex(Port));
        // "sl local remote state queues timer retransmissions uid timeout inode".
        var inode = File.ReadLines("/proc/net/tcp").Concat(File.ReadLines("/proc/net/tcp6"))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(f => f[1].EndsWith(local, StringComparison.Ordinal) && f[2].EndsWith(remote, StringComparison.Ordinal))
            .Select(f => f[9]).FirstOrDefault();
        return members().FirstOrDefault(member => HasSocket(member.Process.Id, $"socket:[{inode}]"));
    }

    private static string Hex(int port) => string.Create(CultureInfo.InvariantCulture, $":{port:X4}");

    private static bool HasSocket(int process, string socket)
    {
        try
        {
            return new DirectoryInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd")).EnumerateFiles()
                .Any(file => file.LinkTarget == socket);
        }
        catch (IOException)
        {
            // It has ended.
            return false;
        }
    }

    private sealed record Connection(Member? Member, Socket Client, Socket Silo)
    {
        public void Break()
        {
            Client.Dispose();
            Silo.Dispose();
        }
    }
}

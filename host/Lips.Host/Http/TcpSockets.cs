using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Lips.Host.Http;

/// <summary>What the kernel knows of a connection, in Linux' own words (tcp(7)). Elsewhere nothing is asked of it.</summary>
internal static class TcpSockets
{
    private const int Any = 1;
    private const int AttachFilter = 26;
    private const int Tcp = 6;
    private const int Information = 11;
    private const int UserTimeout = 18;
    private const byte Established = 1;

    // Where Information has the number of connections that wait at a port, and its length up to there.
    private const int Backlog = 24;

    /// <summary>Has the kernel end the connection when the other end has taken nothing of what was sent for this long.</summary>
    public static void EndWhenUntaken(this Socket socket, TimeSpan pause)
    {
        if (OperatingSystem.IsLinux())
            socket.SetRawSocketOption(Tcp, UserTimeout, BitConverter.GetBytes((int)pause.TotalMilliseconds));
    }

    /// <summary>Whether the other end has closed the connection. Reading tells that too, but behind all that was sent before.</summary>
    public static bool IsClosedByPeer(this Socket socket)
    {
        Span<byte> state = [Established];
        try
        {
            if (OperatingSystem.IsLinux())
                socket.GetRawSocketOption(Tcp, Information, state);
            return state[0] != Established;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }

    /// <summary>
    /// Has the kernel take no new connection at a port, while those that it has taken go on and can be accepted. Who asks for one asks
    /// again after a second, as for a packet that was lost.
    /// </summary>
    public static void TakeNoMore(this Socket listener)
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
            return;
        // Classic BPF over the TCP header: when of the flags SYN and ACK only SYN is set, nothing of the packet is let in.
        ReadOnlySpan<ulong> filter =
        [
            Instruction(0x30, 0, 0, 13), Instruction(0x54, 0, 0, 0x12), Instruction(0x15, 0, 1, 0x02),
            Instruction(0x06, 0, 0, 0), Instruction(0x06, 0, 0, uint.MaxValue),
        ];
        var instructions = Marshal.AllocHGlobal(filter.Length * sizeof(ulong));
        try
        {
            for (var i = 0; i < filter.Length; i++)
                Marshal.WriteInt64(instructions, i * sizeof(ulong), (long)filter[i]);
            byte[] program = [.. BitConverter.GetBytes((ulong)filter.Length), .. BitConverter.GetBytes((long)instructions)];
            listener.SetRawSocketOption(Any, AttachFilter, program);
        }
        catch (SocketException)
        {
            // A kernel without filters. What it takes until the port is closed is lost, as without all this.
        }
        finally
        {
            Marshal.FreeHGlobal(instructions);
        }
    }

    /// <summary>Whether the kernel has taken connections at a port that are not accepted yet.</summary>
    public static bool HasWaiting(this Socket listener)
    {
        var information = new byte[Backlog + sizeof(int)];
        try
        {
            return OperatingSystem.IsLinux() && listener.GetRawSocketOption(Tcp, Information, information) == information.Length
                && BitConverter.ToInt32(information, Backlog) > 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Whether something was sent on the connection that is not read yet.</summary>
    public static bool HasUnread(this Socket socket)
    {
        try
        {
            return socket.Available > 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private static ulong Instruction(ushort code, byte ifTrue, byte ifFalse, uint operand) =>
        code | ((ulong)ifTrue << 16) | ((ulong)ifFalse << 24) | ((ulong)operand << 32);
}

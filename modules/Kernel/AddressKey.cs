using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Lips.Kernel;

/// <summary>
/// Who is behind an address: of IPv6 its first 64 bits, since whoever has one address there has all that begin with them.
/// </summary>
/// <param name="IsV6">Whether it is IPv6; an IPv4 address that is written as one is not.</param>
/// <param name="Bits">All of IPv4, the first half of IPv6.</param>
public readonly record struct AddressKey(bool IsV6, ulong Bits)
{
    /// <summary>The key of an address; the default one of none.</summary>
    public static AddressKey Of(IPAddress? address)
    {
        if (address is null)
            return default;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? new AddressKey(IsV6: true, BinaryPrimitives.ReadUInt64BigEndian(bytes))
            : new AddressKey(IsV6: false, BinaryPrimitives.ReadUInt32BigEndian(bytes));
    }
}

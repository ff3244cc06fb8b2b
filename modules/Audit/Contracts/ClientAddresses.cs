using System.Net;
using System.Security.Cryptography;
using System.Text;
using Lips.Kernel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Lips.Audit.Contracts;

/// <summary>
/// Makes of a client's address what the trail keeps: 16 bytes of HMAC-SHA256. The same address gives the same bytes, and nobody who has the
/// database alone gets the address back: the key is not in it (build/decisions/0011-audit.md).
/// </summary>
/// <param name="settings">The setting <c>Lips:Audit:AddressKey</c>.</param>
/// <param name="log">Where it is said that there is no key to share.</param>
public sealed partial class ClientAddresses(IConfiguration settings, ILogger<ClientAddresses> log)
{
    /// <summary>Bytes of a hash.</summary>
    public const int HashLength = 16;

    private const string Setting = "Lips:Audit:AddressKey";
    private const int ShortestSetting = 16;

    private byte[]? key;

    /// <summary>The key that the settings say; null when they say none.</summary>
    /// <exception cref="SettingException">It is too short to be safe.</exception>
    public static string? Read(IConfiguration settings)
    {
        if (settings[Setting] is not { Length: > 0 } given)
            return null;
        return given.Length >= ShortestSetting
            ? given
            : throw new SettingException($"The setting {Setting} must have at least {ShortestSetting} characters.");
    }

    /// <summary>
    /// Chooses the key: the setting, else one that follows from the admin token, which the nodes of a deployment share.
    /// Called before the first hash.
    /// </summary>
    /// <param name="adminToken">The admin token, where this node knows it.</param>
    /// <exception cref="SettingException">The setting is too short to be safe.</exception>
    public void Prepare(string? adminToken)
    {
        var secret = Read(settings) ?? adminToken;
        if (secret is null)
        {
            OfThisRun(Setting);
            key = RandomNumberGenerator.GetBytes(32);
            return;
        }

        // Not the secret itself: what it is used for elsewhere tells nothing here, nor the other way round.
        key = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), "lips audit addresses"u8);
    }

    /// <summary>
    /// The hash of an address; null for none. Of an IPv6 address only the network (64 bits) counts:
    /// the rest of it is changed daily by whoever wants privacy.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no key yet.</exception>
    public byte[]? Hash(IPAddress? address)
    {
        if (address is null)
            return null;
        if (key is null)
            throw new InvalidOperationException("An address was to be hashed before there was a key.");
        Span<byte> bytes = stackalloc byte[16];
        (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).TryWriteBytes(bytes, out var length);
        var known = length == 4 ? bytes[..4] : bytes[..8];
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, known, hash);
        return hash[..HashLength].ToArray();
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "This node knows no admin token: its hashes of addresses in the audit trail are of this run alone. Set {Setting}, "
            + "the same on every node.")]
    private partial void OfThisRun(string setting);
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Lips.Kernel;

namespace Lips.Access.Tokens;

/// <summary>A credential: what it allows, and hashes of what proves it.</summary>
internal sealed class Token
{
    public long Id { get; init; }

    public required string Name { get; init; }

    public required byte[] SecretHash { get; set; }

    /// <summary>The place of the first secret among all that the token ever had, from 1.</summary>
    public int SecretId { get; private set; } = 1;

    /// <summary>When the first secret was made; null when that was together with the token.</summary>
    public DateTime? SecretCreatedAt { get; private set; }

    public int? SecondSecretId { get; private set; }

    public byte[]? SecondSecretHash { get; set; }

    public DateTime? SecondSecretCreatedAt { get; private set; }

    public int SecretsMade { get; private set; } = 1;

    /// <summary>
    /// Hash of the setting or file that last gave the bootstrap token its secret: what was ended since does not come back with the same
    /// setting.
    /// </summary>
    public byte[]? BootstrapHash { get; init; }

    public byte[]? ApiKeyHash { get; init; }

    public long[]? Advertisers { get; init; }

    public required Ability Abilities { get; init; }

    public required bool Trusted { get; init; }

    public required bool Pii { get; init; }

    public bool Bootstrap { get; init; }

    public DateTime? ExpiresAt { get; init; }

    public required DateTime CreatedAt { get; init; }

    public DateTime? LastUsedAt { get; init; }

    public DateTime? RevokedAt { get; set; }

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>A new secret: 256 random bits behind a prefix by which scanners of leaked secrets can know it.</summary>
    public static string NewSecret(string prefix)
    {
        Span<byte> bits = stackalloc byte[32];
        RandomNumberGenerator.Fill(bits);
        return prefix + Convert.ToBase64String(bits).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    public bool HasSecret(ReadOnlySpan<byte> hash) =>
        CryptographicOperations.FixedTimeEquals(hash, SecretHash)
            || (SecondSecretHash is { } second && CryptographicOperations.FixedTimeEquals(hash, second));

    /// <summary>Gives it a second secret; it must have one only.</summary>
    public void AddSecret(byte[] hash, DateTime now) =>
        (SecondSecretId, SecondSecretHash, SecondSecretCreatedAt) = (++SecretsMade, hash, now);

    /// <summary>Ends one of two secrets; the other is the first then.</summary>
    /// <returns>The hash of the ended one; null when it is not one of the two.</returns>
    public byte[]? EndSecret(long id)
    {
        if (SecondSecretId is not { } second || (id != SecretId && id != second))
            return null;
        var ended = id == second ? SecondSecretHash! : SecretHash;
        if (id == SecretId)
            (SecretId, SecretHash, SecretCreatedAt) = (second, SecondSecretHash!, SecondSecretCreatedAt);
        (SecondSecretId, SecondSecretHash, SecondSecretCreatedAt) = (null, null, null);
        return ended;
    }

    /// <summary>
    /// Whether an admin may make, see and change the token: none that shows more than the admin's own does. Otherwise an admin of one
    /// advertiser would be one of all.
    /// </summary>
    public bool IsWithin(Caller admin) =>
        (admin.Pii || !Pii)
        && (admin.Advertisers is null || (Advertisers is not null && Advertisers.All(a => admin.MaySee(GlobalId.FromValue(a)))));

    public bool IsValidAt(DateTime now) => RevokedAt is null && (ExpiresAt is null || now < ExpiresAt);

    /// <summary>Writes the token without anything secret into an object that is open.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteNumber("id"u8, Id);
        json.WriteString("name"u8, Name);
        if (Advertisers is null)
        {
            json.WriteString("advertisers"u8, "all"u8);
        }
        else
        {
            json.WriteStartArray("advertisers"u8);
            foreach (var advertiser in Advertisers)
                json.WriteStringValue(GlobalId.FromValue(advertiser).ToString());
            json.WriteEndArray();
        }

        json.WriteStartArray("abilities"u8);
        foreach (var (name, ability) in AbilityNames.All.Where(a => Abilities.HasFlag(a.Ability)))
            json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteBoolean("trusted"u8, Trusted);
        json.WriteBoolean("pii"u8, Pii);
        WriteTime(json, "expires_at", ExpiresAt);
        WriteTime(json, "created_at", CreatedAt);
        WriteTime(json, "last_used_at", LastUsedAt);
        WriteTime(json, "revoked_at", RevokedAt);
        json.WriteStartArray("secrets"u8);
        WriteSecret(json, SecretId, SecretCreatedAt ?? CreatedAt);
        if (SecondSecretId is { } second)
            WriteSecret(json, second, SecondSecretCreatedAt);
        json.WriteEndArray();
    }

    private static void WriteSecret(Utf8JsonWriter json, int id, DateTime? createdAt)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, id);
        WriteTime(json, "created_at", createdAt);
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTime? time)
    {
        if (time is { } value)
            json.WriteString(name, UtcTime.Format(value));
        else
            json.WriteNull(name);
    }
}

/// <summary>The abilities as clients spell them.</summary>
internal static class AbilityNames
{
    public static IReadOnlyList<(string Name, Ability Ability)> All { get; } =
        [("read", Ability.Read), ("write", Ability.Write), ("ingest", Ability.Ingest), ("admin", Ability.Admin)];
}

using System.Text;

namespace Lips.Client;

/// <summary>A token, without its secrets.</summary>
public record Token
{
    /// <summary>The token's id.</summary>
    public required long Id { get; init; }

    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>For which advertisers.</summary>
    public required AdvertiserSet Advertisers { get; init; }

    /// <summary>What it may do.</summary>
    public required IReadOnlyList<string> Abilities { get; init; }

    /// <summary>Larger pages where nothing is said, and no rate limit.</summary>
    public required bool Trusted { get; init; }

    /// <summary>Whether it is told of persons.</summary>
    public required bool Pii { get; init; }

    /// <summary>When it ends; null for never.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last used, to the minute.</summary>
    public required DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>When it was revoked; null when it is not.</summary>
    public required DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Its one or two secrets.</summary>
    public required IReadOnlyList<TokenSecret> Secrets { get; init; }
}

/// <summary>A secret of a token, by its number.</summary>
public sealed record TokenSecret
{
    /// <summary>Its id.</summary>
    public required long Id { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset? CreatedAt { get; init; }
}

/// <summary>The token with its secret and key, which are shown this once.</summary>
public sealed record MadeToken : Token
{
    /// <summary>What to send as <c>Authorization: token …</c>.</summary>
    public required string Secret { get; init; }

    /// <summary>What to send as <c>x-api-key</c>.</summary>
    public required string? ApiKey { get; init; }

    // Without the secret and the key, wherever it is printed.
    /// <inheritdoc />
    protected override bool PrintMembers(StringBuilder builder) => base.PrintMembers(builder);
}

/// <summary>The token with its new secret, which is shown this once.</summary>
public sealed record MadeSecret : Token
{
    /// <summary>The new secret.</summary>
    public required string Secret { get; init; }

    // Without the secret, wherever it is printed.
    /// <inheritdoc />
    protected override bool PrintMembers(StringBuilder builder) => base.PrintMembers(builder);
}

/// <summary>The token to make.</summary>
public sealed record NewToken
{
    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>For which advertisers.</summary>
    public required AdvertiserSet Advertisers { get; init; }

    /// <summary>What it may do.</summary>
    public IReadOnlyList<string>? Abilities { get; init; }

    /// <summary>Larger pages where nothing is said, and no rate limit.</summary>
    public bool? Trusted { get; init; }

    /// <summary>Whether it is told of persons.</summary>
    public bool? Pii { get; init; }

    /// <summary>When it ends; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether it gets a key for the partner profile.</summary>
    public bool? ApiKey { get; init; }
}

using System.Collections.Frozen;

namespace Lips.Postgres;

/// <summary>What a private PostgreSQL needs to know before it starts.</summary>
public sealed record PrivatePostgresOptions
{
    /// <summary>The home folder; made when missing. One host at a time may use it.</summary>
    public required string Home { get; init; }

    /// <summary>The setting <c>Lips:PostgresBin</c>: the folder of the server's binaries. Found by itself when null or empty.</summary>
    public string? BinFolder { get; init; }

    /// <summary>The database to connect to; made when missing.</summary>
    public string Database { get; init; } = "lips";

    /// <summary>Server settings on top of the usual ones, by name (<c>fsync</c> off in tests, say).</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Where root keeps the clusters of homes that the server's user cannot enter.</summary>
    internal string ClosedHomesFolder { get; init; } = "/var/lib/lips";
}

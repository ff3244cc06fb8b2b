namespace Lips.Client;

/// <summary>A change.</summary>
public sealed record AuditEntry
{
    /// <summary>The entry's id.</summary>
    public required long Id { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The token that made it; null for somebody at the machine.</summary>
    public required long? TokenId { get; init; }

    /// <summary>What was done.</summary>
    public required string Action { get; init; }

    /// <summary>The advertisers concerned that the caller may see.</summary>
    public required IReadOnlyList<string> GlobalMasterAdvertiserIds { get; init; }

    /// <summary>The interaction, of a change of one.</summary>
    public required long? ContactInteractionId { get; init; }

    /// <summary>The least id of a batch.</summary>
    public required long? FirstContactInteractionId { get; init; }

    /// <summary>The greatest id of a batch.</summary>
    public required long? LastContactInteractionId { get; init; }

    /// <summary>How many things have changed.</summary>
    public required long Count { get; init; }

    /// <summary>The names of the fields that have changed.</summary>
    public required IReadOnlyList<string> Fields { get; init; }

    /// <summary>The token that was made, changed or revoked.</summary>
    public required long? SubjectTokenId { get; init; }

    /// <summary>A keyed hash of the client's address.</summary>
    public required string? Address { get; init; }
}

/// <summary>Some of the trail.</summary>
public sealed record AuditPage
{
    /// <summary>The entries, newest first.</summary>
    public required IReadOnlyList<AuditEntry> Audit { get; init; }

    /// <summary>The <c>before</c> of the next request; null at the end.</summary>
    public required string? Next { get; init; }

    /// <summary>Whether there are more.</summary>
    public required bool HasMore { get; init; }
}

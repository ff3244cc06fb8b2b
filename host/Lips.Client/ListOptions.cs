namespace Lips.Client;

/// <summary>In which order a list is, and how much of each interaction is in it.</summary>
public sealed record ListOptions
{
    /// <summary>The usual: newest first, everything.</summary>
    public static ListOptions Usual { get; } = new();

    /// <summary><c>important</c> or <c>occurred_at</c>.</summary>
    public string? SortBy { get; init; }

    /// <summary><c>asc</c> or <c>desc</c>.</summary>
    public string? SortDir { get; init; }

    /// <summary>Without transcripts, extra fields and notes.</summary>
    public bool IsSummary { get; init; }
}

/// <summary>Which entries of the audit trail. What is null says nothing.</summary>
public sealed record AuditFilter
{
    /// <summary>The advertisers.</summary>
    public IReadOnlyList<string>? Advertisers { get; init; }

    /// <summary>From when on: a day or an instant.</summary>
    public string? StartDate { get; init; }

    /// <summary>Until when: a day, which is inside, or an instant.</summary>
    public string? EndDate { get; init; }

    /// <summary>What this token did.</summary>
    public long? TokenId { get; init; }

    /// <summary>What was done to this interaction.</summary>
    public long? InteractionId { get; init; }

    /// <summary>Any of these actions.</summary>
    public IReadOnlyList<string>? Actions { get; init; }
}

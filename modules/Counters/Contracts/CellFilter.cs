using Lips.Kernel;

namespace Lips.Counters.Contracts;

/// <summary>The questions that the counters of an advertiser answer without a scan.</summary>
public sealed record CellFilter
{
    /// <summary>Any of these campaigns; empty for all interactions, with or without one.</summary>
    public IReadOnlyList<GlobalId> Campaigns { get; init; } = [];

    /// <summary>Any of these kinds; empty for all.</summary>
    public IReadOnlyList<EventKind> Kinds { get; init; } = [];

    /// <summary>Any of these channels, and only interactions with a wpc_id; empty for all.</summary>
    public IReadOnlyList<Channel> Channels { get; init; } = [];

    /// <summary>On or after this UTC day.</summary>
    public DateOnly? From { get; init; }

    /// <summary>Before this UTC day.</summary>
    public DateOnly? Until { get; init; }

    /// <summary>Only the archived; otherwise only the others.</summary>
    public bool Archived { get; init; }

    /// <summary>
    /// Only the read, only the unread, or null for both. How many of either are important is not known: counts say 0 then.
    /// </summary>
    public bool? Read { get; init; }
}

namespace Lips.Client;

/// <summary>A page in the full profile.</summary>
public sealed record InteractionPage
{
    /// <summary>The interactions, in the order that was asked for.</summary>
    public required IReadOnlyList<Interaction> ContactInteractions { get; init; }

    /// <summary>Which page this is.</summary>
    public required long Page { get; init; }

    /// <summary>How many pages there are.</summary>
    public required long TotalPages { get; init; }

    /// <summary>How many interactions a page has.</summary>
    public required long PerPage { get; init; }

    /// <summary>How many the filter selects, of each type.</summary>
    public required EventCounts Totals { get; init; }

    /// <summary>How many of them are unread, of each type.</summary>
    public required EventCounts Unread { get; init; }

    /// <summary>How many of them came by each channel.</summary>
    public required ChannelCounts Channel { get; init; }
}

/// <summary>Rows beside a cursor.</summary>
public sealed record InteractionCursorPage
{
    /// <summary>The interactions, in the order that was asked for.</summary>
    public required IReadOnlyList<Interaction> ContactInteractions { get; init; }

    /// <summary>The <c>after</c> of the rows behind these; null where the list was empty.</summary>
    public required string? Next { get; init; }

    /// <summary>The <c>before</c> of the rows before these; null where the list was empty.</summary>
    public required string? Previous { get; init; }

    /// <summary>Whether there are more in the direction that was asked for.</summary>
    public required bool HasMore { get; init; }

    /// <summary>How many the filter selects, of each type.</summary>
    public required EventCounts Totals { get; init; }

    /// <summary>How many of them are unread, of each type.</summary>
    public required EventCounts Unread { get; init; }

    /// <summary>How many of them came by each channel.</summary>
    public required ChannelCounts Channel { get; init; }
}

/// <summary>Some of an advertiser's changes.</summary>
public sealed record ChangePage
{
    /// <summary>The interactions as they are now.</summary>
    public required IReadOnlyList<Interaction> ContactInteractions { get; init; }

    /// <summary>The <c>since</c> of the next request. Opaque.</summary>
    public required string Next { get; init; }

    /// <summary>Whether there are more already.</summary>
    public required bool HasMore { get; init; }
}

/// <summary>Some of the advertisers.</summary>
public sealed record AdvertiserPage
{
    /// <summary>In the order of their ids.</summary>
    public required IReadOnlyList<AdvertiserCounts> Advertisers { get; init; }

    /// <summary>The <c>after</c> of the next request; null at the end.</summary>
    public required string? Next { get; init; }

    /// <summary>Whether there are more.</summary>
    public required bool HasMore { get; init; }
}

/// <summary>An advertiser and what it has.</summary>
public sealed record AdvertiserCounts
{
    /// <summary>The advertiser's id, such as <c>USA_123</c>.</summary>
    public required string GlobalMasterAdvertiserId { get; init; }

    /// <summary>Its interactions that are not archived.</summary>
    public required long Events { get; init; }

    /// <summary>Those of them that are unread.</summary>
    public required long Unread { get; init; }
}

/// <summary>Some of an interaction's history.</summary>
public sealed record HistoryPage
{
    /// <summary>Its changes, newest first.</summary>
    public required IReadOnlyList<HistoryEntry> History { get; init; }

    /// <summary>The <c>before</c> of the next request; null at the end.</summary>
    public required string? Next { get; init; }

    /// <summary>Whether there are more.</summary>
    public required bool HasMore { get; init; }
}

/// <summary>A change of an interaction.</summary>
public sealed record HistoryEntry
{
    /// <summary>When the change was made.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What was done, as the audit trail calls it.</summary>
    public required string Action { get; init; }

    /// <summary>The names of the fields that have changed.</summary>
    public required IReadOnlyList<string> Fields { get; init; }

    /// <summary>The token that made it; null for somebody at the machine.</summary>
    public required TokenName? Token { get; init; }
}

/// <summary>A token, without what it may do.</summary>
public sealed record TokenName
{
    /// <summary>The token's id.</summary>
    public required long Id { get; init; }

    /// <summary>What it is called.</summary>
    public required string? Name { get; init; }
}

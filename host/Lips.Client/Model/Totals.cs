using System.Text.Json.Serialization;

namespace Lips.Client;

/// <summary>How many interactions a filter selects.</summary>
public sealed record Totals
{
    /// <summary>The totals.</summary>
    [JsonPropertyName("totals")]
    public required EventCounts All { get; init; }

    /// <summary>The unread.</summary>
    public required EventCounts Unread { get; init; }

    /// <summary>The channel.</summary>
    public required ChannelCounts Channel { get; init; }
}

/// <summary>How many there are of each type.</summary>
public sealed record EventCounts
{
    /// <summary>All, first-party events too.</summary>
    public required long Events { get; init; }

    /// <summary>The call events.</summary>
    public required long CallEvents { get; init; }

    /// <summary>The form events.</summary>
    public required long FormEvents { get; init; }

    /// <summary>The chat events.</summary>
    public required long ChatEvents { get; init; }

    /// <summary>The booking events.</summary>
    public required long BookingEvents { get; init; }

    /// <summary>The lsa events.</summary>
    public required long LsaEvents { get; init; }
}

/// <summary>How many there are of each channel.</summary>
public sealed record ChannelCounts
{
    /// <summary>All.</summary>
    public required long Channels { get; init; }

    /// <summary>The display.</summary>
    public required long Display { get; init; }

    /// <summary>The search.</summary>
    public required long Search { get; init; }

    /// <summary>The social.</summary>
    public required long Social { get; init; }

    /// <summary>The chat.</summary>
    public required long Chat { get; init; }

    /// <summary>The other.</summary>
    public required long Other { get; init; }

    /// <summary>Without a channel.</summary>
    public required long None { get; init; }
}

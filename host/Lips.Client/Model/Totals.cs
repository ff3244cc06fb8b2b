using System.Text.Json.Serialization;

namespace Lips.Client;

/// <summary>How many interactions a filter selects.</summary>
public sealed record Totals
{
    /// <summary>How many the filter selects, of each type.</summary>
    [JsonPropertyName("totals")]
    public required EventCounts All { get; init; }

    /// <summary>How many of them are unread, of each type.</summary>
    public required EventCounts Unread { get; init; }

    /// <summary>How many of them came by each channel.</summary>
    public required ChannelCounts Channel { get; init; }
}

/// <summary>How many there are of each type.</summary>
public sealed record EventCounts
{
    /// <summary>All, first-party events too.</summary>
    public required long Events { get; init; }

    /// <summary>Calls.</summary>
    public required long CallEvents { get; init; }

    /// <summary>Form posts.</summary>
    public required long FormEvents { get; init; }

    /// <summary>Chats.</summary>
    public required long ChatEvents { get; init; }

    /// <summary>Bookings.</summary>
    public required long BookingEvents { get; init; }

    /// <summary>Local Services leads.</summary>
    public required long LsaEvents { get; init; }
}

/// <summary>How many there are of each channel.</summary>
public sealed record ChannelCounts
{
    /// <summary>All.</summary>
    public required long Channels { get; init; }

    /// <summary>By display advertising.</summary>
    public required long Display { get; init; }

    /// <summary>By search.</summary>
    public required long Search { get; init; }

    /// <summary>By social media.</summary>
    public required long Social { get; init; }

    /// <summary>By chat.</summary>
    public required long Chat { get; init; }

    /// <summary>By another channel.</summary>
    public required long Other { get; init; }

    /// <summary>Without a channel.</summary>
    public required long None { get; init; }
}

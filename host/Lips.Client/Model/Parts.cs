using System.Text.Json;

namespace Lips.Client;

/// <summary>What a call has.</summary>
public sealed record Call
{
    /// <summary>Where the recording is.</summary>
    public string? RecordingUrl { get; init; }

    /// <summary>The same as <c>recording_url</c>.</summary>
    public string? CallRecordingUrl { get; init; }

    /// <summary>Seconds.</summary>
    public int? Duration { get; init; }

    /// <summary>The same as <c>duration</c>.</summary>
    public int? CallDuration { get; init; }

    /// <summary>The number that was shown on the advertiser's site.</summary>
    public string? TargetNumber { get; init; }

    /// <summary>The caller's number.</summary>
    public string? CallerNumber { get; init; }

    /// <summary>The number that was dialed.</summary>
    public string? DialedNumber { get; init; }
}

/// <summary>What a form post has.</summary>
public sealed record Form
{
    /// <summary>The page that led to it.</summary>
    public string? ReferringUrl { get; init; }

    /// <summary>The subject.</summary>
    public string? Subject { get; init; }

    /// <summary>The whole message.</summary>
    public string? FullMessage { get; init; }

    /// <summary>The message that was read out of it.</summary>
    public string? Message { get; init; }

    /// <summary>The conversation that it is part of.</summary>
    public string? ConversationId { get; init; }

    /// <summary>The form's other fields. Not with <c>fields=summary</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement>? ExtraFields { get; init; }
}

/// <summary>What a chat has.</summary>
public sealed record Chat
{
    /// <summary><c>Sales</c>, <c>Service</c>, <c>Other</c>, <c>Active</c> or <c>Lead</c>.</summary>
    public string? LeadType { get; init; }

    /// <summary><c>Apex</c> where none was given.</summary>
    public string? Provider { get; init; }

    /// <summary>The page that led to it.</summary>
    public string? ReferringUrl { get; init; }

    /// <summary>The summary.</summary>
    public string? Summary { get; init; }

    /// <summary>Not with <c>fields=summary</c>.</summary>
    public IReadOnlyList<TranscriptLine>? Transcript { get; init; }
}

/// <summary>A line of a chat.</summary>
public sealed record TranscriptLine
{
    /// <summary>Unique within the chat; its place where none was given.</summary>
    public JsonElement? Id { get; init; }

    /// <summary>As the chat gave it.</summary>
    public JsonElement? Timestamp { get; init; }

    /// <summary>The name of the writer.</summary>
    public string? From { get; init; }

    /// <summary>The same as <c>from</c>.</summary>
    public string? Form { get; init; }

    /// <summary>The message.</summary>
    public string? Message { get; init; }
}

/// <summary>What a booking has.</summary>
public sealed record Booking
{
    /// <summary>The id of the appointment where it was made.</summary>
    public string? BookingId { get; init; }

    /// <summary>Not with <c>fields=summary</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement>? ExtraFields { get; init; }
}

/// <summary>What a Local Services lead has.</summary>
public sealed record Lsa
{
    /// <summary>1 when the advertiser paid for it.</summary>
    public int? Charged { get; init; }

    /// <summary>The customer name.</summary>
    public string? CustomerName { get; init; }

    /// <summary><c>MESSAGE</c>, <c>PHONE_CALL</c> or <c>BOOKING</c>.</summary>
    public string? LeadType { get; init; }

    /// <summary>The price of the lead.</summary>
    public int? LeadPrice { get; init; }
}

/// <summary>What a first-party event has.</summary>
public sealed record Fpd
{
    /// <summary>Not with <c>fields=summary</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement>? ExtraFields { get; init; }
}

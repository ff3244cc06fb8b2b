using Lips.Counters.Contracts;
using Lips.Interactions.Record;
using Lips.Kernel;

namespace Lips.Interactions.Ingest;

/// <summary>One record as it came in: validated and normalized, nothing of it stored yet.</summary>
internal sealed class InteractionInput
{
    public required GlobalId Advertiser { get; init; }

    public required GlobalId? Campaign { get; init; }

    public required EventKind Kind { get; init; }

    public required Channel Channel { get; init; }

    public required DateTime OccurredAt { get; init; }

    /// <summary>Null: the time at which it is stored.</summary>
    public required DateTime? CreatedAt { get; init; }

    public required DateTime? ArchivedAt { get; init; }

    public required bool Important { get; init; }

    public required bool Read { get; init; }

    public required int? CallDuration { get; init; }

    public required string? BookingId { get; init; }

    public required string? CampaignName { get; init; }

    public required string? SubType { get; init; }

    public required string? ReferrerType { get; init; }

    public required string? ReferrerSource { get; init; }

    public required string? InfluencingCampaign { get; init; }

    public required string? ExternalSource { get; init; }

    public required string? ContactExternalSource { get; init; }

    public required string? PageUrl { get; init; }

    public required string? WpcId { get; init; }

    public required string? VisitorId { get; init; }

    public required string? ConversationId { get; init; }

    public required string? ExternalAppId { get; init; }

    public required string? ExternalId { get; init; }

    public required string? Notes { get; init; }

    /// <summary>Each once.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>The type-specific JSON object as it is served, UTF-8.</summary>
    public required byte[] Part { get; init; }

    public required ContactInput Contact { get; init; }

    /// <summary>What counters depend on.</summary>
    public CountedInteraction Counted =>
        new(Advertiser, OccurredAt, Campaign, Kind, Channel, WpcId is not null, Read, Important, ArchivedAt is not null);

    /// <summary>What makes a record without an external id exactly one; null for nothing.</summary>
    public IdempotencyKey? Key { get; set; }
}

/// <summary>What a record says of the person.</summary>
internal sealed record ContactInput
{
    public static readonly ContactInput Unknown = new();

    public string? FirstName { get; init; }

    public string? LastName { get; init; }

    public string? DisplayName { get; init; }

    public string? Email
    {
        get;
        init => (field, EmailKey) = (value, ContactEmail.KeyOf(value));
    }

    public string? Company { get; init; }

    public string? Title { get; init; }

    public DateTime? CreatedAt { get; init; }

    /// <summary>Each number once, in the order in which they came.</summary>
    public IReadOnlyList<ContactPhone> Phones { get; init; } = [];

    /// <summary>What the contact is found by; null when the e-mail identifies nobody.</summary>
    public string? EmailKey { get; private init; }
}

/// <summary>A number of a contact.</summary>
/// <param name="Type">Such as <c>work</c>; null when unknown.</param>
/// <param name="Number">The normalized number.</param>
/// <param name="Identifies">Whether the contact is found by it.</param>
internal sealed record ContactPhone(string? Type, PhoneNumber Number, bool Identifies);

/// <summary>An Idempotency-Key with the record that it came with.</summary>
/// <param name="TokenId">The token that sent it; another token's equal key is another key.</param>
/// <param name="Key">The header's value, in bulk with the line's number behind it.</param>
/// <param name="BodyHash">SHA-256 of the record's bytes.</param>
internal sealed record IdempotencyKey(long TokenId, string Key, byte[] BodyHash);

using Lips.Kernel;

namespace Lips.Interactions.Model;

/// <summary>One call, form, chat, booking, LSA lead or first-party event.</summary>
internal sealed class Interaction
{
    public long Advertiser { get; init; }

    public long Id { get; init; }

    public long ContactId { get; init; }

    public long? Campaign { get; init; }

    public DateTime OccurredAt { get; init; }

    public DateTime? ArchivedAt { get; init; }

    public EventKind Kind { get; init; }

    public Channel Channel { get; init; }

    public bool Important { get; init; }

    public bool Read { get; init; }

    public int? CallDuration { get; init; }

    public string? BookingId { get; init; }

    public string? ContactExternalSource { get; init; }

    public string? WpcId { get; init; }

    public string? ConversationId { get; init; }

    public string? ExternalAppId { get; init; }

    public string? ExternalId { get; init; }

    public string? Notes { get; init; }

    /// <summary>The JSON object that is served, without what may change.</summary>
    public required string Body { get; init; }

    /// <summary>The JSON object of the contact that is served: what the contact's row says.</summary>
    public required string Contact { get; init; }
}

/// <summary>A tag of an interaction, with the interaction's time.</summary>
internal sealed class InteractionTag
{
    public long Advertiser { get; init; }

    public required string Tag { get; init; }

    public DateTime OccurredAt { get; init; }

    public long InteractionId { get; init; }
}

/// <summary>An advertiser with interactions of a campaign.</summary>
internal sealed class CampaignAdvertiser
{
    public long Advertiser { get; init; }

    public long Campaign { get; init; }
}

/// <summary>The advertiser's version at an interaction's last change.</summary>
internal sealed class InteractionVersion
{
    public long Advertiser { get; init; }

    public long InteractionId { get; init; }

    public long Version { get; init; }
}

/// <summary>An Idempotency-Key that a token has used, and for what.</summary>
internal sealed class IdempotencyKey
{
    public long Advertiser { get; init; }

    public long TokenId { get; init; }

    public required string Key { get; init; }

    public required byte[] BodyHash { get; init; }

    public long InteractionId { get; init; }

    public DateTime CreatedAt { get; init; }
}

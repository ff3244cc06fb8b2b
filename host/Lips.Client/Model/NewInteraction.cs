using System.Text.Json.Serialization;

namespace Lips.Client;

/// <summary>
/// An interaction to bring in. What was served may be sent back: what is derived is ignored. Times are ISO 8601 with any offset.
/// </summary>
public sealed record NewInteraction
{
    /// <summary>The advertiser.</summary>
    public required string GlobalMasterAdvertiserId { get; init; }

    /// <summary>
    /// <c>call</c>, <c>form</c>, <c>chat</c>, <c>booking</c>, <c>fpd</c>, <c>lsa</c>, or as it is served: <c>CallEvent</c>. In any case.
    /// </summary>
    public required string EventType { get; init; }

    /// <summary>When it took place. Required, here or as <c>occured_at</c>.</summary>
    public DateTimeOffset? OccurredAt { get; init; }

    /// <summary>Another spelling of <c>occurred_at</c>.</summary>
    public DateTimeOffset? OccuredAt { get; init; }

    /// <summary>The campaign.</summary>
    public string? GlobalMasterCampaignId { get; init; }

    /// <summary>The campaign name.</summary>
    public string? CampaignName { get; init; }

    /// <summary>Such as <c>FormPost</c>.</summary>
    public string? SubType { get; init; }

    /// <summary>The referrer type.</summary>
    public string? ReferrerType { get; init; }

    /// <summary>The referrer source.</summary>
    public string? ReferrerSource { get; init; }

    /// <summary>The influencing campaign.</summary>
    public string? InfluencingCampaign { get; init; }

    /// <summary>In any case; <c>none</c> is null.</summary>
    public string? Channel { get; init; }

    /// <summary>Where the interaction came from.</summary>
    public string? ExternalSource { get; init; }

    /// <summary>Where the contact came from.</summary>
    public string? ContactExternalSource { get; init; }

    /// <summary>The application that it came from; only with <c>external_id</c>.</summary>
    public string? ExternalAppId { get; init; }

    /// <summary>Its id there. The same two of one advertiser are one interaction, however often they come.</summary>
    public string? ExternalId { get; init; }

    /// <summary>The page that it took place on.</summary>
    public string? PageUrl { get; init; }

    /// <summary>The visit that it came from, as the campaign counts visits.</summary>
    public string? WpcId { get; init; }

    /// <summary>The visitor.</summary>
    public string? VisitorId { get; init; }

    /// <summary>The conversation that it is part of.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>The notes.</summary>
    public string? Notes { get; init; }

    /// <summary>Whether it was read, for imports.</summary>
    public bool? Read { get; init; }

    /// <summary>Whether it is important, for imports.</summary>
    public bool? Important { get; init; }

    /// <summary>For imports.</summary>
    public DateTimeOffset? ArchivedAt { get; init; }

    /// <summary>For imports.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The contact.</summary>
    public NewContact? Contact { get; init; }

    /// <summary>What this type has.</summary>
    public Call? Call { get; init; }

    /// <summary>What this type has.</summary>
    public Form? Form { get; init; }

    /// <summary>What this type has.</summary>
    public Chat? Chat { get; init; }

    /// <summary>What this type has.</summary>
    public Booking? Booking { get; init; }

    /// <summary>What this type has.</summary>
    public Lsa? Lsa { get; init; }

    /// <summary>What this type has.</summary>
    public Fpd? Fpd { get; init; }
}

/// <summary>The person. Within an advertiser a contact is found by e-mail first, then by phone number.</summary>
public sealed record NewContact
{
    /// <summary>The first name.</summary>
    public string? FirstName { get; init; }

    /// <summary>The last name.</summary>
    public string? LastName { get; init; }

    /// <summary>The display name.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The e-mail address.</summary>
    public string? Email { get; init; }

    /// <summary>The company.</summary>
    public string? Company { get; init; }

    /// <summary>The title.</summary>
    public string? Title { get; init; }

    /// <summary>The numbers.</summary>
    public IReadOnlyList<NewPhoneNumber>? PhoneNumbers { get; init; }

    /// <summary>For imports.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Where the contact came from.</summary>
    public string? ContactExternalSource { get; init; }
}

/// <summary>A number of a contact to bring in.</summary>
public sealed record NewPhoneNumber
{
    /// <summary>Such as <c>work</c>.</summary>
    public string? PhoneType { get; init; }

    /// <summary>In any notation, with an extension or without.</summary>
    [JsonPropertyName("phone_number")]
    public string? Number { get; init; }
}

using System.Text.Json.Serialization;

namespace Lips.Client;

/// <summary>
/// An interaction in the full profile. Exactly one of <c>call</c>, <c>form</c>, <c>chat</c>, <c>booking</c>, <c>lsa</c> and <c>fpd</c> is
/// there: that of its type.
/// </summary>
public sealed record Interaction
{
    /// <summary>The interaction's id.</summary>
    public required long Id { get; init; }

    /// <summary>The contact's id.</summary>
    public required long ContactId { get; init; }

    /// <summary>The campaign that the interaction is attributed to.</summary>
    public required string? CampaignName { get; init; }

    /// <summary>The advertiser.</summary>
    public required string GlobalMasterAdvertiserId { get; init; }

    /// <summary>The campaign.</summary>
    public required string? GlobalMasterCampaignId { get; init; }

    /// <summary>The number of <c>global_master_advertiser_id</c>.</summary>
    public required long MasterAdvertiserId { get; init; }

    /// <summary>The number of <c>global_master_campaign_id</c>.</summary>
    public required long? MasterCampaignId { get; init; }

    /// <summary>1 USA, 2 CAN, 3 AUS, 6 GBR, 7 TEST.</summary>
    public required int PlatformId { get; init; }

    /// <summary>The platform.</summary>
    public required string Platform { get; init; }

    /// <summary>Of the campaign, or of a form such as <c>FormPost</c>.</summary>
    public required string? SubType { get; init; }

    /// <summary><c>UNKNOWN</c> where none was given.</summary>
    public required string ReferrerType { get; init; }

    /// <summary>The domain that the visitor came from.</summary>
    public required string ReferrerSource { get; init; }

    /// <summary>The campaign that influenced the interaction.</summary>
    public required string? InfluencingCampaign { get; init; }

    /// <summary>When it was created here.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it took place.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The same as <c>occurred_at</c>, as older clients spell it.</summary>
    public required DateTimeOffset OccuredAt { get; init; }

    /// <summary>The channel; null for none.</summary>
    public required string? Channel { get; init; }

    /// <summary>The type.</summary>
    public required string EventType { get; init; }

    /// <summary>Where the interaction came from.</summary>
    public required string ExternalSource { get; init; }

    /// <summary>The page that it took place on. Null without <c>pii</c>.</summary>
    public required string? PageUrl { get; init; }

    /// <summary>Its tags.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>The visit that it came from, as the campaign counts visits.</summary>
    public required string? WpcId { get; init; }

    /// <summary>The visitor.</summary>
    public required string? VisitorId { get; init; }

    /// <summary>The conversation that it is part of.</summary>
    public required string? ConversationId { get; init; }

    /// <summary>The id in the application that it came from.</summary>
    public required string? ExternalId { get; init; }

    /// <summary>The application that it came from.</summary>
    public required string? ExternalAppId { get; init; }

    /// <summary>The call.</summary>
    public Call? Call { get; init; }

    /// <summary>The form.</summary>
    public Form? Form { get; init; }

    /// <summary>The chat.</summary>
    public Chat? Chat { get; init; }

    /// <summary>The booking.</summary>
    public Booking? Booking { get; init; }

    /// <summary>The lsa.</summary>
    public Lsa? Lsa { get; init; }

    /// <summary>The fpd.</summary>
    public Fpd? Fpd { get; init; }

    /// <summary>What users of the inbox wrote. Not with <c>fields=summary</c>.</summary>
    public string? Notes { get; init; }

    /// <summary>Whether it was marked as important.</summary>
    public required bool Important { get; init; }

    /// <summary>Whether it was read.</summary>
    public required bool Read { get; init; }

    /// <summary>Since when it is archived; null when it is not.</summary>
    public required DateTimeOffset? ArchivedAt { get; init; }

    /// <summary>When it was last marked as read; null when it is not, or that is not known.</summary>
    public required DateTimeOffset? ReadAt { get; init; }

    /// <summary>When it was last marked as important; null when it is not, or that is not known.</summary>
    public required DateTimeOffset? ImportantAt { get; init; }

    /// <summary>The contact.</summary>
    public required Contact Contact { get; init; }

    /// <summary>
    /// Its version, where it was read or changed alone; for <see cref="LipsClient.UpdateAsync"/>, so that nobody's change is lost.
    /// </summary>
    [JsonIgnore]
    public string? ETag { get; internal set; }
}

namespace Lips.Client;

/// <summary>An interaction in the partner profile.</summary>
public sealed record PartnerInteraction
{
    /// <summary>The interaction's id.</summary>
    public required long Id { get; init; }

    /// <summary>The contact's id.</summary>
    public required long ContactId { get; init; }

    /// <summary>The campaign that the interaction is attributed to.</summary>
    public required string CampaignName { get; init; }

    /// <summary><c>UNKNOWN</c> where none was given.</summary>
    public required string ReferType { get; init; }

    /// <summary>The domain that the visitor came from.</summary>
    public required string ReferSource { get; init; }

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

    /// <summary>Where the interaction came from.</summary>
    public required string ExternalSource { get; init; }

    /// <summary>The type.</summary>
    public required string EventType { get; init; }

    /// <summary>The person.</summary>
    public required PartnerContact Contact { get; init; }

    /// <summary>The contact's display name.</summary>
    public required string? DisplayName { get; init; }
}

/// <summary>The person.</summary>
public sealed record PartnerContact
{
    /// <summary>The contact's id.</summary>
    public required long Id { get; init; }

    /// <summary>The first name.</summary>
    public required string? FirstName { get; init; }

    /// <summary>The last name.</summary>
    public required string? LastName { get; init; }

    /// <summary>The e-mail address.</summary>
    public required string? Email { get; init; }

    /// <summary>The company.</summary>
    public required string? Company { get; init; }

    /// <summary>The title.</summary>
    public required string? Title { get; init; }

    /// <summary>The numbers.</summary>
    public required IReadOnlyList<PhoneNumber> PhoneNumbers { get; init; }

    /// <summary>When the contact was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Where the contact came from.</summary>
    public required string ContactExternalSource { get; init; }

    /// <summary>The same as <c>external_source</c>.</summary>
    public required string InteractionExternalSource { get; init; }
}

/// <summary>A page in the partner profile.</summary>
public sealed record PartnerInteractionPage
{
    /// <summary>The contact interactions.</summary>
    public required IReadOnlyList<PartnerInteraction> ContactInteractions { get; init; }

    /// <summary>Which page this is.</summary>
    public required long Page { get; init; }

    /// <summary>How many there are.</summary>
    public required long TotalPages { get; init; }

    /// <summary>How many interactions a page has.</summary>
    public required long PerPage { get; init; }
}

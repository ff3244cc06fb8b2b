using System.Text.Json.Serialization;

namespace Lips.Client;

/// <summary>The person.</summary>
public sealed record Contact
{
    /// <summary>The contact's id.</summary>
    public required long Id { get; init; }

    /// <summary>The first name.</summary>
    public required string? FirstName { get; init; }

    /// <summary>The last name.</summary>
    public required string? LastName { get; init; }

    /// <summary>The name given, else first and last name, else the e-mail, else the phone number.</summary>
    public required string? DisplayName { get; init; }

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
}

/// <summary>A phone number of a contact.</summary>
public sealed record PhoneNumber
{
    /// <summary>Such as <c>work</c>.</summary>
    public required string? PhoneType { get; init; }

    /// <summary>E.164, with an extension behind it where there is one: <c>+19893643647 x241</c>.</summary>
    [JsonPropertyName("phone_number")]
    public required string Number { get; init; }
}

namespace Lips.Interactions.Model;

/// <summary>A person or company that an advertiser heard from.</summary>
internal sealed class Contact
{
    public long Advertiser { get; init; }

    public long Id { get; init; }

    public DateTime CreatedAt { get; init; }

    public string? FirstName { get; init; }

    public string? LastName { get; init; }

    public string? DisplayName { get; init; }

    public string? Email { get; init; }

    public string? EmailKey { get; init; }

    public string? Company { get; init; }

    public string? Title { get; init; }

    public required string PhoneNumbers { get; init; }
}

/// <summary>A number of a contact.</summary>
internal sealed class ContactPhone
{
    public long Advertiser { get; init; }

    public required string Number { get; init; }

    public required string Extension { get; init; }

    /// <summary>
    /// 0 when the number identifies the contact, which then is the only one; otherwise the contact, so that any number of them may have it.
    /// </summary>
    public long SharedBy { get; init; }

    public long ContactId { get; init; }
}

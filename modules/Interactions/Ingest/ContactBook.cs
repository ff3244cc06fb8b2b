using System.Text;
using System.Text.Json;
using Lips.Interactions.Record;
using Lips.Kernel;

namespace Lips.Interactions.Ingest;

/// <summary>
/// The contacts that a batch of records may touch, and the rule by which a record finds its own (contract section 7): by e-mail first, then by phone
/// number; a match fills what was null and adds numbers that no other contact owns; two contacts are never merged. What identifies nobody
/// finds no contact, and any number of contacts may have it. No I/O: it is filled with what the database holds, under the advertisers'
/// locks, and then knows what to insert and what to update.
/// </summary>
internal sealed class ContactBook
{
    private readonly Dictionary<(long Advertiser, long Id), StoredContact> stored = [];
    private readonly Dictionary<(long Advertiser, string Email), StoredContact> byEmail = [];
    private readonly Dictionary<(long Advertiser, PhoneNumber Number), StoredContact> byPhone = [];

    /// <summary>Contacts that are new.</summary>
    public List<StoredContact> Added { get; } = [];

    /// <summary>Contacts that were there and have changed.</summary>
    public IEnumerable<StoredContact> Changed => stored.Values.Where(c => c.IsChanged);

    /// <summary>Numbers that contacts did not have.</summary>
    public List<(StoredContact Contact, ContactPhone Phone)> AddedNumbers { get; } = [];

    /// <summary>Puts in a contact that the database holds; the same one again is not another.</summary>
    public StoredContact Know(StoredContact contact)
    {
        if (stored.TryGetValue((contact.Advertiser, contact.Id), out var known))
            return known;
        stored.Add((contact.Advertiser, contact.Id), contact);
        if (contact.EmailKey is { } email)
            byEmail[(contact.Advertiser, email)] = contact;
        return contact;
    }

    /// <summary>Puts in who owns a number.</summary>
    public void KnowNumber(StoredContact owner, PhoneNumber number) => byPhone[(owner.Advertiser, number)] = owner;

    /// <summary>The contact of a record: found, and filled from the record; or new.</summary>
    /// <param name="advertiser">The record's advertiser.</param>
    /// <param name="input">What the record says of the person.</param>
    /// <param name="now">When a new contact was made, where the record does not say.</param>
    /// <param name="newId">Gives an id for a new contact.</param>
    public StoredContact Match(GlobalId advertiser, ContactInput input, DateTime now, Func<long> newId)
    {
        var contact = Find(advertiser.Value, input);
        if (contact is null)
        {
            contact = new StoredContact { Advertiser = advertiser.Value, Id = newId(), CreatedAt = input.CreatedAt ?? now };
            Added.Add(contact);
        }

        if (contact.Fill(input) && stored.ContainsKey((contact.Advertiser, contact.Id)))
            contact.IsChanged = true;
        if (contact.EmailKey is { } email)
            byEmail.TryAdd((contact.Advertiser, email), contact);
        foreach (var phone in input.Phones)
        {
            var key = (contact.Advertiser, phone.Number);
            if ((phone.Identifies && byPhone.ContainsKey(key)) || contact.HasPhone(phone.Number))
                continue;
            if (phone.Identifies)
                byPhone.Add(key, contact);
            AddedNumbers.Add((contact, phone));
            contact.AddPhone(phone);
            contact.IsChanged = stored.ContainsKey((contact.Advertiser, contact.Id));
        }

        return contact;
    }

    private StoredContact? Find(long advertiser, ContactInput input)
    {
        if (input.EmailKey is { } email && byEmail.TryGetValue((advertiser, email), out var contact))
            return contact;
        foreach (var phone in input.Phones)
        {
            if (phone.Identifies && byPhone.TryGetValue((advertiser, phone.Number), out contact))
                return contact;
        }

        return null;
    }
}

/// <summary>A row of <c>interactions.contacts</c>.</summary>
internal sealed class StoredContact
{
    public required long Advertiser { get; init; }

    public required long Id { get; init; }

    public required DateTime CreatedAt { get; init; }

    public string? FirstName { get; set; }

    public string? LastName { get; set; }

    public string? DisplayName { get; set; }

    public string? Email { get; set; }

    public string? EmailKey { get; set; }

    public string? Company { get; set; }

    public string? Title { get; set; }

    /// <summary>The JSON array that is served.</summary>
    public string PhoneNumbers { get; set; } = "[]";

    public bool IsChanged { get; set; }

    /// <summary>Takes over what is null here and not there.</summary>
    /// <returns>Whether anything was.</returns>
    public bool Fill(ContactInput input)
    {
        var before = (FirstName, LastName, DisplayName, Email, Company, Title);
        FirstName ??= input.FirstName;
        LastName ??= input.LastName;
        DisplayName ??= input.DisplayName;
        Company ??= input.Company;
        Title ??= input.Title;
        if (Email is null)
            (Email, EmailKey) = (input.Email, input.EmailKey);
        return before != (FirstName, LastName, DisplayName, Email, Company, Title);
    }

    public bool HasPhone(PhoneNumber number)
    {
        if (PhoneNumbers == "[]")
            return false;
        using var phones = JsonDocument.Parse(PhoneNumbers);
        return phones.RootElement.EnumerateArray().Any(phone => phone.GetProperty("phone_number"u8).ValueEquals(number.ToString()));
    }

    public void AddPhone(ContactPhone phone)
    {
        var json = JsonScratch.Write(phone, static (json, phone) =>
        {
            json.WriteStartObject();
            json.WriteString("phone_type"u8, phone.Type);
            json.WriteString("phone_number"u8, phone.Number.ToString());
            json.WriteEndObject();
        });
        PhoneNumbers = string.Concat(PhoneNumbers.AsSpan(0, PhoneNumbers.Length - 1), PhoneNumbers.Length > 2 ? "," : "", Encoding.UTF8.GetString(json), "]");
    }
}

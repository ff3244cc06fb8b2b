using System.Globalization;

namespace Lips.Demo;

/// <summary>What a contact tells of itself by which it is found again.</summary>
internal enum DemoIdentity
{
    None,
    Email,
    Phone,
    Both,
}

/// <summary>
/// The contacts of one advertiser. The contact with a given index is computed, never kept: however many events are made, nothing piles up.
/// </summary>
internal sealed class DemoContacts(string advertiser)
{
    private static readonly Weighted<DemoIdentity> Shapes = new(
        (DemoIdentity.Both, 500), (DemoIdentity.Phone, 310), (DemoIdentity.Email, 150), (DemoIdentity.None, 40));

    private static readonly Weighted<DemoIdentity> ShownAgain = new(
        (DemoIdentity.Both, 45), (DemoIdentity.Email, 30), (DemoIdentity.Phone, 25));

    private static readonly string[] MailHosts =
    [
        "example.com", "example.net", "example.org", "mail.example", "inbox.example", "post.example",
    ];

    private const int SecondNumberEvery = 11;

    private readonly ulong _seed = SplitMix64.Seed("contacts of " + advertiser);

    private int _seen;

    /// <summary>A visit: by somebody new, or in 35 of 100 cases by a contact that was here before, the recent ones more often.</summary>
    public DemoVisit Next(SplitMix64 random)
    {
        if (_seen > 0 && random.Chance(353))
        {
            var index = Math.Max(random.Below(_seen), random.Below(_seen));
            while (index > 0 && Shape(index) == DemoIdentity.None)
                index--;
            if (Shape(index) is not DemoIdentity.None and var shape)
                return Returning(index, shape, random);
        }

        var added = _seen++;
        return new(this, added, Returning: false, Shape(added), WithSecondNumber: false, WithLateEmail: false);
    }

    /// <summary>A number that belongs to the contact, whatever it is for.</summary>
    public ulong Hash(int index, string purpose) => SplitMix64.At(_seed ^ SplitMix64.Seed(purpose), (ulong)index);

    public string FirstName(int index) => Names.First[(int)(Hash(index, "first name") % (ulong)Names.First.Length)];

    public string LastName(int index) => Names.Last[(int)(Hash(index, "last name") % (ulong)Names.Last.Length)];

    public string Email(int index)
    {
        var first = Names.Ascii(FirstName(index));
        var last = Names.Ascii(LastName(index));
        var hash = Hash(index, "email");
        var host = MailHosts[(int)(hash % (ulong)MailHosts.Length)];
        var local = ((hash >> 32) % 4) switch
        {
            0 => first + last,
            1 => first[0] + last,
            2 => last + "_" + first,
            _ => first + "." + last + ".",
        };
        // The index keeps two of one name apart.
        return string.Create(CultureInfo.InvariantCulture, $"{local}{index}@{host}");
    }

    public DemoPhoneNumber Phone(int index)
    {
        var hash = Hash(index, "phone");
        var number = DemoPhones.Number(index);
        return (hash % 100) switch
        {
            < 6 => new("work", string.Create(CultureInfo.InvariantCulture, $"{number} x{100 + ((hash >> 32) % 800)}")),
            < 25 => new("work", number),
            < 50 => new("home", number),
            _ => new("mobile", number),
        };
    }

    public DemoPhoneNumber SecondPhone(int index) => new("other", DemoPhones.SecondNumber(index / SecondNumberEvery));

    private DemoIdentity Shape(int index)
    {
        // The first one is known by everything: there is always somebody who can come back.
        var shape = index == 0 ? DemoIdentity.Both : Shapes.Pick(new SplitMix64(Hash(index, "shape")));
        return index < DemoPhones.Count || shape is DemoIdentity.None ? shape : DemoIdentity.Email;
    }

    private DemoVisit Returning(int index, DemoIdentity shape, SplitMix64 random)
    {
        var second = index % SecondNumberEvery == 3 && index / SecondNumberEvery < DemoPhones.SecondCount && random.Chance(400);
        var lateEmail = shape == DemoIdentity.Phone && index % 5 == 2 && random.Chance(400);
        var shown = shape == DemoIdentity.Both ? ShownAgain.Pick(random) : shape;
        return new(this, index, Returning: true, shown, second, lateEmail);
    }
}

/// <summary>Somebody comes by: which contact, whether for the first time, and what is told this time.</summary>
internal readonly record struct DemoVisit(
    DemoContacts Contacts, int Index, bool Returning, DemoIdentity Shown, bool WithSecondNumber, bool WithLateEmail)
{
    public bool HasPhone => Shown is DemoIdentity.Phone or DemoIdentity.Both;

    public bool HasEmail => Shown is DemoIdentity.Email or DemoIdentity.Both || WithLateEmail;

    /// <summary>The main number without its extension; null when it was not told.</summary>
    public string? CallerNumber => HasPhone ? DemoPhones.Number(Index) : null;

    public string Name => Contacts.FirstName(Index) + " " + Contacts.LastName(Index);

    public ulong Hash(string purpose) => Contacts.Hash(Index, purpose);

    public DemoContact Contact(bool named, SplitMix64 random)
    {
        var contact = new DemoContact
        {
            Email = HasEmail ? Contacts.Email(Index) : null,
            PhoneNumbers = Phones(),
        };
        if (named)
        {
            contact.FirstName = Contacts.FirstName(Index);
            contact.LastName = Hash("short name") % 12 == 0 ? null : Contacts.LastName(Index);
            if (Hash("company") % 8 == 0)
            {
                contact.Company = Names.Companies[(int)((Hash("company") >> 32) % (ulong)Names.Companies.Length)];
                contact.Title = random.Chance(650) ? Names.Titles[(int)((Hash("title") >> 32) % (ulong)Names.Titles.Length)] : null;
            }
        }

        if (named && random.Chance(80))
            contact.DisplayName = Name;
        return contact;
    }

    private IReadOnlyList<DemoPhoneNumber> Phones() => (HasPhone, WithSecondNumber) switch
    {
        (true, true) => [Contacts.Phone(Index), Contacts.SecondPhone(Index)],
        (true, false) => [Contacts.Phone(Index)],
        (false, true) => [Contacts.SecondPhone(Index)],
        _ => [],
    };
}

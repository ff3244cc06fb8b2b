using System.Text.Json;

namespace Lips.Demo.Tests;

public class ContactTests
{
    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void About_35_of_100_events_come_from_a_contact_seen_before(string advertiser) =>
        Assert.InRange(Match(advertiser).Share(match => match.Contact is not null), 0.33, 0.375);

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void No_event_belongs_to_two_contacts(string advertiser) =>
        Assert.DoesNotContain(Match(advertiser), match => match.Ambiguous);

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void A_contact_comes_back_by_e_mail_alone_by_phone_alone_and_with_another_number(string advertiser)
    {
        var returning = Match(advertiser).Where(match => match.Contact is not null).ToList();
        Assert.InRange(returning.Share(match => match.Line.Email() is not null && match.Line.Phones().Count == 0), 0.2, 0.5);
        Assert.InRange(returning.Share(match => match.Line.Email() is null && match.Line.Phones().Count > 0), 0.2, 0.6);
        Assert.Contains(returning, match => match.Line.Phones().Count == 2);
        Assert.Contains(returning, match => match.AddsEmail);
    }

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void Only_the_first_event_dates_its_contact(string advertiser) => Assert.All(
        Match(advertiser),
        match => Assert.Equal(match.Contact is null, match.Line.GetProperty("contact").TryGetProperty("created_at", out _)));

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void Some_have_no_identifier_and_some_an_extension(string advertiser)
    {
        var lines = DemoLines.Of(advertiser);
        Assert.InRange(lines.Share(line => line.Email() is null && line.Phones().Count == 0), 0.01, 0.05);
        Assert.InRange(lines.Share(line => line.Phones().Any(phone => phone.Contains(" x", StringComparison.Ordinal))), 0.02, 0.08);
    }

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void The_caller_is_the_contact(string advertiser) => Assert.All(
        DemoLines.Of(advertiser).Where(line => line.TryGetProperty("call", out _)),
        line => Assert.Equal(line.Phones().FirstOrDefault()?.Split(' ')[0], line.GetProperty("call").Text("caller_number")));

    [Fact]
    public void Every_number_of_the_plan_is_given_out_once()
    {
        var numbers = Enumerable.Range(0, DemoPhones.Count).Select(DemoPhones.Number)
            .Concat(Enumerable.Range(0, DemoPhones.SecondCount).Select(DemoPhones.SecondNumber))
            .Concat(Enumerable.Range(0, 700).Select(DemoPhones.Tracking)).ToList();
        Assert.Equal(numbers.Count, numbers.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Beyond_the_numbers_of_the_plan_contacts_have_an_e_mail_only()
    {
        var numbers = DemoData.Generate("USA_9", 80_000).SelectMany(interaction => interaction.Contact.PhoneNumbers).Distinct().ToList();
        Assert.InRange(numbers.Count, 20_000, DemoPhones.Count + DemoPhones.SecondCount);
    }

    // The service's rule: by e-mail first, then by phone number; a match takes what is new, and nothing is merged.
    private static List<Matched> Match(string advertiser)
    {
        var emails = new Dictionary<string, int>(StringComparer.Ordinal);
        var phones = new Dictionary<string, int>(StringComparer.Ordinal);
        var contacts = 0;
        var matches = new List<Matched>();
        foreach (var line in DemoLines.Of(advertiser))
        {
            var email = line.Email()?.ToLowerInvariant();
            int? byEmail = email is not null && emails.TryGetValue(email, out var found) ? found : null;
            var byPhone = line.Phones().Where(phones.ContainsKey).Select(phone => phones[phone]).Distinct().ToList();
            var contact = byEmail ?? (byPhone.Count > 0 ? byPhone[0] : null);
            matches.Add(new(
                line,
                contact,
                Ambiguous: byPhone.Count > 1 || (byPhone.Count == 1 && byPhone[0] != contact),
                AddsEmail: contact is not null && email is not null && byEmail is null));

            var owner = contact ?? contacts++;
            if (email is not null)
                emails.TryAdd(email, owner);
            foreach (var phone in line.Phones())
                phones.TryAdd(phone, owner);
        }

        return matches;
    }

    private sealed record Matched(JsonElement Line, int? Contact, bool Ambiguous, bool AddsEmail);
}

using System.Globalization;

namespace Lips.Demo;

/// <summary>
/// Makes the interactions of one advertiser: who comes by decides what can happen (no call without a phone), what happens decides the rest.
/// </summary>
internal sealed class DemoEvents(string advertiser)
{
    private static readonly Weighted<string> KnownByBoth = new(
        ("CallEvent", 38), ("FormEvent", 31), ("ChatEvent", 13), ("BookingEvent", 9), ("LsaEvent", 5), ("FpdEvent", 4));

    private static readonly Weighted<string> KnownByPhone = new(
        ("CallEvent", 78), ("FormEvent", 9), ("LsaEvent", 9), ("ChatEvent", 4));

    private static readonly Weighted<string> KnownByEmail = new(
        ("FormEvent", 57), ("ChatEvent", 25), ("BookingEvent", 11), ("FpdEvent", 7));

    private static readonly Weighted<string> Unknown = new(
        ("CallEvent", 58), ("ChatEvent", 34), ("FpdEvent", 8));

    private static readonly Weighted<string?> WebChannels = new(
        ("search", 46), ("display", 12), ("social", 15), ("other", 8), (null, 19));

    private static readonly Weighted<string?> ChatChannels = new(
        ("chat", 60), ("search", 24), ("social", 6), ("display", 4), (null, 6));

    private static readonly Weighted<string> Referrers = new(
        ("www.search.example", 50), ("maps.example", 15), ("directory.example", 10), ("news.example", 8), ("forum.example", 7), ("", 10));

    private static readonly string[] SourcesOfContacts = ["capture", "zapier", "entrata", "fpd", "yardi"];

    /// <summary>From here on an interaction is recent: most are still unread.</summary>
    private static readonly DateTime Recent = DemoCalendar.End.AddDays(-30);

    private readonly SplitMix64 _random = new(SplitMix64.Seed("events of " + advertiser));
    private readonly DemoCampaigns _campaigns = new(advertiser);
    private readonly DemoContacts _contacts = new(advertiser);

    public DemoInteraction Next(int number, DateTime occurredAt)
    {
        var visit = _contacts.Next(_random);
        var type = TypesFor(visit.Shown).Pick(_random);
        var named = visit.Shown != DemoIdentity.None && _random.Chance(type == "CallEvent" ? 620 : 960);
        var contact = visit.Contact(named, _random);
        if (visit.Shown == DemoIdentity.None)
            contact.DisplayName = type == "CallEvent" ? "Unknown Caller" : "Website Visitor";

        var interaction = new DemoInteraction
        {
            GlobalMasterAdvertiserId = advertiser,
            ExternalAppId = "lips-demo",
            ExternalId = string.Create(CultureInfo.InvariantCulture, $"{advertiser.ToLowerInvariant()}-{number:D6}"),
            EventType = type,
            SubType = type[..^"Event".Length],
            OccurredAt = occurredAt,
            Contact = contact,
        };
        Attribute(interaction);
        var parts = new DemoParts(interaction, visit, _campaigns, _random);
        var duration = parts.Add();
        Date(interaction, visit, duration);
        Trace(interaction, visit);
        Work(interaction);
        return interaction;
    }

    private static Weighted<string> TypesFor(DemoIdentity shown) => shown switch
    {
        DemoIdentity.Both => KnownByBoth,
        DemoIdentity.Phone => KnownByPhone,
        DemoIdentity.Email => KnownByEmail,
        _ => Unknown,
    };

    private void Attribute(DemoInteraction interaction)
    {
        interaction.Channel = interaction.EventType switch
        {
            "ChatEvent" => ChatChannels.Pick(_random),
            "LsaEvent" => "search",
            "FpdEvent" => _random.Chance(700) ? null : "other",
            _ => WebChannels.Pick(_random),
        };
        var campaign = _campaigns.For(interaction.Channel, _random);
        interaction.GlobalMasterCampaignId = campaign?.Id;
        interaction.CampaignName = campaign?.Name;
        interaction.InfluencingCampaign = _random.Chance(120) ? _campaigns.Any(_random).Name : "";
        // Unknown and PAID as the seed's examples have them, the other pairs as its table explains the two fields.
        (interaction.ReferrerType, interaction.ReferrerSource) = interaction.Channel switch
        {
            "search" => _random.Below(10) switch
            {
                < 5 => ("PAID", "www.search.example"),
                < 7 => ("ORGANIC", Referrers.Pick(_random)),
                _ => ("UNKNOWN", "PAID"),
            },
            "display" => ("PAID", "ads.example"),
            "social" => (_random.Chance(700) ? "PAID" : "ORGANIC", "social.example"),
            "chat" or "other" => ("ORGANIC", Referrers.Pick(_random)),
            _ => ("UNKNOWN", _random.Chance(500) ? "" : "DIRECT"),
        };
    }

    // Recorded soon after the end of what happened; one in fifty comes from an import, up to ten days late.
    private void Date(DemoInteraction interaction, DemoVisit visit, TimeSpan duration)
    {
        var delay = _random.Chance(20)
            ? TimeSpan.FromMinutes(_random.Between(60, 14_400))
            : TimeSpan.FromMilliseconds(_random.Between(350, 160_000));
        interaction.CreatedAt = DemoCalendar.Within(interaction.OccurredAt + duration + delay);
        if (!visit.Returning)
            interaction.Contact.CreatedAt = interaction.CreatedAt;
    }

    private void Trace(DemoInteraction interaction, DemoVisit visit)
    {
        interaction.ExternalSource = (interaction.EventType, interaction.SubType) switch
        {
            ("FpdEvent", _) => "fpd",
            ("BookingEvent", _) => _random.Chance(600) ? "capture" : "entrata",
            ("LsaEvent", _) => "lsa",
            ("FormEvent", "Facebook") => "zapier",
            ("FormEvent", _) => _random.Chance(800) ? "capture" : "zapier",
            _ => "capture",
        };
        var source = visit.Hash("source");
        interaction.ContactExternalSource = source % 3 == 0
            ? Uuid(source, visit.Hash("source too"))
            : SourcesOfContacts[(int)((source >> 32) % (ulong)SourcesOfContacts.Length)];

        var onSite = interaction.EventType is "FormEvent" or "ChatEvent" or "BookingEvent" || _random.Chance(400);
        if (onSite && interaction.EventType != "FpdEvent")
        {
            interaction.PageUrl = _campaigns.Site + _random.Pick(DemoTexts.Pages) + (interaction.ReferrerType == "PAID"
                ? "?utm_medium=paid"
                : "");
            interaction.VisitorId = Uuid(visit.Hash("visitor"), visit.Hash("visitor too"));
        }

        // Without a wpc_id the filter by channel never shows the event.
        if (_random.Chance(interaction.Channel is null ? 350 : 880))
            interaction.WpcId = string.Create(CultureInfo.InvariantCulture, $"{4_400_000 + _random.Below(60_000)}");
        if (interaction.EventType == "ChatEvent" || interaction.SubType == "SMSRequest")
            interaction.ConversationId = visit.Returning && _random.Chance(500)
                ? Conversation(visit.Hash("conversation"))
                : Conversation(_random.Next());
    }

    // What the advertiser's staff has made of it since.
    private void Work(DemoInteraction interaction)
    {
        interaction.Important = _random.Chance(60);
        if (_random.Chance(60))
            interaction.Notes = _random.Pick(DemoTexts.Notes);
        if (_random.Chance(220))
        {
            var first = _random.Pick(DemoTexts.Tags);
            var second = _random.Pick(DemoTexts.Tags);
            interaction.Tags = first == second || _random.Chance(600) ? [first] : [first, second];
        }

        if (_random.Chance(82))
        {
            var left = DemoCalendar.End - interaction.CreatedAt;
            var wait = TimeSpan.FromMinutes(_random.Between(5, 43_200));
            interaction.ArchivedAt = interaction.CreatedAt + (wait < left ? wait : left / 2);
        }

        var read = interaction.ArchivedAt is not null ? 900 : interaction.OccurredAt >= Recent ? 180 : 690;
        interaction.Read = _random.Chance(read);
    }

    private static string Conversation(ulong hash) => string.Create(CultureInfo.InvariantCulture, $"conv-{hash:x16}");

    private static string Uuid(ulong high, ulong low) => string.Create(
        CultureInfo.InvariantCulture,
        $"{high >> 32:x8}-{(high >> 16) & 0xFFFF:x4}-4{high & 0xFFF:x3}-{0x8000 | ((low >> 48) & 0x3FFF):x4}-{low & 0xFFFFFFFFFFFF:x12}");
}

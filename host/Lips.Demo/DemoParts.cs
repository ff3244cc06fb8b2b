using System.Globalization;

namespace Lips.Demo;

/// <summary>The part of an interaction that only its type has.</summary>
internal sealed class DemoParts(DemoInteraction interaction, DemoVisit visit, DemoCampaigns campaigns, SplitMix64 random)
{
    private static readonly Weighted<(int First, int Last)> Daytime = new(
        ((0, 0), 5), ((1, 15), 13), ((16, 60), 24), ((61, 150), 28), ((151, 360), 20), ((361, 900), 8), ((901, 2700), 2));

    // Nobody there: a missed call or a message after the tone.
    private static readonly Weighted<(int First, int Last)> AfterHours = new(
        ((0, 0), 30), ((1, 15), 35), ((16, 60), 27), ((61, 150), 8));

    private static readonly Weighted<string> WithBoth = new(
        ("FormPost", 50), ("FormEmail", 14), ("DIYFORMPOST", 10), ("Facebook", 10), ("Promotion", 9), ("SMSRequest", 7));

    private static readonly Weighted<string> WithPhone = new(("SMSRequest", 60), ("FormPost", 25), ("Facebook", 15));

    private static readonly Weighted<string> WithEmail = new(
        ("FormPost", 46), ("FormEmail", 26), ("DIYFORMPOST", 10), ("Facebook", 8), ("Promotion", 10));

    private static readonly Weighted<string?> LeadTypes = new(
        ("Sales", 34), ("Service", 24), ("Other", 14), ("Lead", 10), ("Active", 8), (null, 10));

    private static readonly Weighted<string?> Providers = new((null, 55), ("Apex", 30), ("Dockside Chat", 15));

    private static readonly Weighted<string> LsaLeads = new(("PHONE_CALL", 55), ("MESSAGE", 32), ("BOOKING", 13));

    /// <summary>Adds it, and tells how long it took: a call, a chat.</summary>
    public TimeSpan Add()
    {
        switch (interaction.EventType)
        {
            case "CallEvent":
                interaction.Call = Call();
                return TimeSpan.FromSeconds(interaction.Call.Duration);
            case "FormEvent":
                interaction.SubType = SubTypes().Pick(random);
                interaction.Form = Form();
                return TimeSpan.Zero;
            case "ChatEvent":
                interaction.Chat = Chat();
                return interaction.Chat.Transcript[^1].Timestamp - interaction.OccurredAt;
            case "BookingEvent":
                interaction.Booking = Booking();
                return TimeSpan.Zero;
            case "LsaEvent":
                interaction.SubType = "LSA";
                interaction.Lsa = Lsa();
                return TimeSpan.Zero;
            default:
                interaction.SubType = "FPD";
                interaction.Fpd = Fpd();
                return TimeSpan.Zero;
        }
    }

    private DemoCall Call()
    {
        var local = DemoCalendar.Local(interaction.OccurredAt);
        var open = local.Hour is >= 8 and < 18 && local.DayOfWeek != DayOfWeek.Sunday;
        var (first, last) = (open ? Daytime : AfterHours).Pick(random);
        var duration = random.Between(first, last);
        var number = campaigns.Number(interaction.GlobalMasterCampaignId);
        var recording = duration == 0 || random.Chance(100)
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"https://recordings.example.com/{interaction.OccurredAt:yyyy/MM}/{random.Next():x16}.mp3");
        return new(recording, duration, number, visit.CallerNumber, random.Chance(850) ? number : campaigns.Front);
    }

    private Weighted<string> SubTypes() => (visit.HasPhone, visit.HasEmail) switch
    {
        (true, true) => WithBoth,
        (true, false) => WithPhone,
        _ => WithEmail,
    };

    private DemoForm Form()
    {
        var boat = random.Pick(DemoTexts.Boats);
        var sms = interaction.SubType == "SMSRequest";
        var message = DemoTexts.Fill(random.Pick(sms ? DemoTexts.ShortMessages : DemoTexts.Questions), boat);
        if (!sms && random.Chance(250))
            message += "\n" + DemoTexts.Fill(random.Pick(DemoTexts.Questions), random.Pick(DemoTexts.Boats));
        var full = sms
            ? message
            : string.Join('\n', Filled("Name", interaction.Contact.FirstName), Filled("Email", interaction.Contact.Email),
                Filled("Phone", visit.CallerNumber), "Message: " + message);
        var fields = new OrderedDictionary<string, string>();
        switch (interaction.SubType)
        {
            case "Promotion":
                fields.Add("coupon_code", random.Pick(DemoTexts.Coupons));
                fields.Add("promotion", "Spring offer");
                break;
            case "Facebook":
                fields.Add("ad_id", Digits(15));
                fields.Add("form_name", "Boat quote");
                break;
            case "SMSRequest":
                break;
            default:
                fields.Add("boat", boat);
                fields.Add("budget", random.Pick(DemoTexts.Budgets));
                if (random.Chance(400))
                    fields.Add("preferred_contact", visit.HasPhone && random.Chance(500) ? "phone" : "email");
                if (random.Chance(200))
                    fields.Add("trade_in", random.Chance(500) ? "yes" : "no");
                break;
        }

        return new(sms ? null : Referring(), full, random.Chance(940) ? message : null, fields.Count > 0 ? fields : null);
    }

    private DemoChat Chat()
    {
        var leadType = LeadTypes.Pick(random);
        var agent = random.Pick(DemoTexts.Agents);
        var visitor = interaction.Contact.FirstName ?? "Visitor";
        var at = interaction.OccurredAt;
        var lines = new List<DemoChatLine>();
        foreach (var (fromAgent, message) in DemoTexts.Conversation(leadType, random))
        {
            lines.Add(new(lines.Count + 1, at, fromAgent ? agent : visitor, message));
            at = DemoCalendar.Within(at.AddMilliseconds(random.Between(3_000, 75_000)));
        }

        return new(leadType, Providers.Pick(random), Referring(), lines);
    }

    private DemoBooking Booking()
    {
        var appointment = interaction.OccurredAt.Date.AddDays(random.Between(1, 45)).AddMinutes(30 * random.Between(28, 44));
        var fields = new OrderedDictionary<string, string>
        {
            ["service"] = random.Pick(DemoTexts.Services),
            ["appointment_at"] = appointment.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["duration_minutes"] = random.Pick(["30", "45", "60", "90", "120"]),
        };
        if (random.Chance(500))
            fields.Add("boat", random.Pick(DemoTexts.Boats));
        return new("bk_" + random.Next().ToString("x16", CultureInfo.InvariantCulture), fields);
    }

    private DemoLsa Lsa()
    {
        var charged = random.Chance(740);
        var price = charged ? random.Between(18, 95) : random.Chance(500) ? 0 : (int?)null;
        return new(charged ? 1 : 0, interaction.Contact.FirstName is null ? null : visit.Name, LsaLeads.Pick(random), price);
    }

    private DemoFpd Fpd()
    {
        var what = random.Pick(DemoTexts.FirstPartyEvents);
        var fields = new OrderedDictionary<string, string> { ["event"] = what };
        if (what == "purchase")
            fields.Add("amount", string.Create(CultureInfo.InvariantCulture, $"{random.Between(15, 900)}.{random.Below(100):D2}"));
        if (visit.Shown != DemoIdentity.None && visit.Hash("loyal") % 3 == 0)
            fields.Add("loyalty_number", string.Create(CultureInfo.InvariantCulture, $"L{100_000 + visit.Index}"));
        fields.Add("store", random.Pick(["Harbor", "Lakefront", "Riverside"]));
        return new(fields);
    }

    private string Referring() => interaction.ReferrerSource is { } source && source.EndsWith(".example", StringComparison.Ordinal)
        ? "https://" + source + "/"
        : campaigns.Site + "/";

    private string Digits(int length)
    {
        Span<char> digits = stackalloc char[length];
        foreach (ref var digit in digits)
            digit = (char)('1' + random.Below(9));
        return digits.ToString();
    }

    private static string Filled(string label, string? value) => label + ": " + (value ?? "-");
}

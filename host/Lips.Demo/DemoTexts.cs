namespace Lips.Demo;

/// <summary>What people write and staff note down, all invented.</summary>
internal static class DemoTexts
{
    public static readonly string[] Pages =
    [
        "/", "/boats/new", "/boats/used", "/boats/pontoon", "/boats/fishing", "/boats/sail", "/service", "/service/winter-storage",
        "/parts", "/rentals", "/rentals/weekend", "/financing", "/trade-in", "/contact", "/offers/spring", "/events/boat-show",
    ];

    public static readonly string[] Boats =
        ["19 ft bowrider", "22 ft pontoon", "17 ft aluminum fishing boat", "26 ft cruiser", "24 ft center console", "daysailer", "jet ski",
         "kayak pair"];

    public static readonly string[] Questions =
    [
        "Is the {0} still available?",
        "What is your best price on the {0}?",
        "Can I see the {0} on Saturday?",
        "Do you take a trade-in towards a {0}?",
        "How long is the wait for a new {0}?",
        "Do you finance a {0}, and with how much down?",
        "My {0} will not start after winter. Do you have a slot this week?",
        "What does winter storage cost for a {0}?",
        "Need a new propeller for a {0}, can you order one?",
        "Looking to rent a {0} for a family weekend – what is included?",
        "Please call me back about the {0}.",
        "Saw your \"spring offer\" on the {0}. Does it include the trailer?",
    ];

    public static readonly string[] ShortMessages =
        ["Are you open on Sunday?", "Still have the {0}?", "Price for the {0} pls", "On my way, 10 min", "Can I pick up the {0} at 5?",
         "Thanks 👍"];

    public static readonly string[] Notes =
    [
        "Left a voicemail, try again tomorrow morning.", "Wants a quote by Friday.", "Sent brochure and price list.",
        "Booked a test drive.", "Not ready before next season; keep in touch.", "Asked for the service department.",
        "Duplicate of an earlier request.", "Prefers calls after 5 pm.\nSpouse decides too.", "Sold: deposit paid.", "Wrong number.",
    ];

    public static readonly string[] Tags =
    [
        "hot-lead", "follow-up", "vip", "parts", "service", "financing", "trade-in", "spam", "boat-show",
    ];

    public static readonly string[] Services =
    [
        "Test drive", "Spring tune-up", "Winterizing", "Hull cleaning", "Engine service", "Weekend rental", "Appraisal",
    ];

    public static readonly string[] Budgets = ["under 10k", "10k-25k", "25k-50k", "50k-100k", "over 100k"];

    public static readonly string[] Coupons = ["SPRING10", "FREEHAUL", "TUNEUP25", "WEEKEND2FOR1"];

    public static readonly string[] FirstPartyEvents =
    [
        "newsletter_signup", "store_visit", "purchase", "loyalty_enrolled", "event_registration", "survey_answered",
    ];

    public static readonly string[] Agents = ["Harbor Team", "Dana (Sales)", "Lee (Service)", "Front Desk"];

    private static readonly string[] Opening =
    [
        "Hi, how can I help you today?", "Welcome aboard! What can I do for you?", "Hello, thanks for stopping by.",
    ];

    private static readonly (string Visitor, string Agent)[] Sales =
    [
        ("Hi, is the {0} on your page still there?", "It is. Would you like to come and see it?"),
        ("What would it cost with the trailer?", "I can send you a full quote. Shall I?"),
        ("Yes please, by e-mail.", "Great, you will have it within the hour."),
        ("Could I try it on the water?", "Of course, we do test drives Tuesday to Saturday."),
        ("Saturday morning would be good.", "Saturday at 10 it is. See you at the dock!"),
    ];

    private static readonly (string Visitor, string Agent)[] Service =
    [
        ("My {0} is making a noise when it idles.", "Sorry to hear that. How many hours are on the engine?"),
        ("About 300 I think.", "Then it is due for its service anyway. We have a slot on Thursday."),
        ("Thursday works. Can you pick it up?", "Yes, pickup within 20 miles is free."),
        ("Perfect. How long will you keep it?", "Two days, unless we have to order parts."),
        ("OK thanks.", "You're welcome – we will call you when it is done."),
    ];

    private static readonly (string Visitor, string Agent)[] Other =
    [
        ("Are you open on Sundays?", "From May to September, 9 to 3."),
        ("Is there parking for a trailer?", "Yes, behind the showroom."),
        ("Do you have any jobs for the summer?", "We do: please send us a short application by e-mail."),
        ("Will do, thank you!", "Thank you, have a good day."),
        ("One more thing: do you sell life vests for kids?", "All sizes, at the parts counter."),
    ];

    /// <summary>A chat of 2 to 12 lines, visitor and agent in turn.</summary>
    public static IEnumerable<(bool FromAgent, string Message)> Conversation(string? leadType, SplitMix64 random)
    {
        var lines = leadType switch
        {
            "Sales" or "Lead" => Sales,
            "Service" => Service,
            _ => Other,
        };
        var boat = random.Pick(Boats);
        var greeting = random.Chance(700) ? 1 : 0;
        var length = random.Between(2, 11 + greeting);
        if (greeting == 1)
            yield return (true, random.Pick(Opening));
        for (var at = 0; at < length - greeting; at++)
        {
            if (at / 2 == lines.Length)
                yield return (false, "Thanks!");
            else
                yield return at % 2 == 0 ? (false, Fill(lines[at / 2].Visitor, boat)) : (true, lines[at / 2].Agent);
        }
    }

    public static string Fill(string text, string boat) => text.Replace("{0}", boat, StringComparison.Ordinal);
}

using System.Globalization;
using System.Text.Json.Nodes;

namespace Lips.Interactions.Tests.Filter;

/// <summary>What the oracle knows of an interaction: the raw values that were sent, and the id that it got.</summary>
internal sealed record Known
{
    public long Id { get; set; }

    public long ContactId { get; set; }

    public required string Advertiser { get; init; }

    public required string EventType { get; init; }

    public required DateTime OccurredAt { get; init; }

    public string? SubType { get; init; }

    public string? LeadType { get; init; }

    public string? Channel { get; init; }

    public string? WpcId { get; init; }

    public string? Campaign { get; init; }

    public int? CallDuration { get; init; }

    public string? BookingId { get; init; }

    public string? ExternalAppId { get; init; }

    public string? ExternalId { get; init; }

    public string? ConversationId { get; init; }

    public bool Archived { get; init; }

    public bool Important { get; init; }

    public bool Read { get; init; }

    public string[] Tags { get; init; } = [];

    /// <summary>One of <see cref="OracleWorld.Phones"/>; it names the contact.</summary>
    public required int Person { get; init; }

    public JsonObject ToJson() => Make.Interaction(
        Advertiser,
        EventType,
        ("occurred_at", OccurredAt.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)),
        ("sub_type", SubType),
        ("channel", Channel),
        ("wpc_id", WpcId),
        ("global_master_campaign_id", Campaign),
        ("conversation_id", ConversationId),
        ("external_app_id", ExternalAppId),
        ("external_id", ExternalId),
        ("archived_at", Archived ? "2022-01-01T00:00:00Z" : null),
        ("important", Important),
        ("read", Read),
        ("tags", Tags),
        ("call", new { duration = CallDuration }),
        ("booking", new { booking_id = BookingId }),
        ("chat", new { lead_type = LeadType }),
        ("contact", new { phone_numbers = new[] { new { phone_type = "work", phone_number = OracleWorld.Phones[Person] } } }));
}

/// <summary>A request: the query string, and what it means in the plainest words.</summary>
internal sealed record Question(
    string Filters, string PagingAndSorting, Func<Known, bool> Matches, string? SortBy, string? SortDir, int Page, int PerPage)
{
    /// <summary>The parameters of the order alone.</summary>
    public string Sorting => string.Join('&', PagingAndSorting.Split('&').Where(p => p.StartsWith("sort_", StringComparison.Ordinal)));

    /// <summary>Everything that matches, in the order of contract section 4.</summary>
    public IReadOnlyList<Known> Answer(IEnumerable<Known> all)
    {
        var descending = SortDir == "desc";
        var matching = all.Where(Matches);
        IOrderedEnumerable<Known> sorted;
        if (SortBy == "important")
            sorted = (descending ? matching.OrderByDescending(i => i.Important) : matching.OrderBy(i => i.Important))
                .ThenByDescending(i => i.OccurredAt).ThenByDescending(i => i.Id);
        else if (descending || (SortBy is null && SortDir is null))
            sorted = matching.OrderByDescending(i => i.OccurredAt).ThenByDescending(i => i.Id);
        else
            sorted = matching.OrderBy(i => i.OccurredAt).ThenBy(i => i.Id);
        return [.. sorted];
    }
}

/// <summary>
/// Draws interactions and questions from few values, so that most questions find something and ties are common.
/// The same seed draws the same.
/// </summary>
internal sealed class OracleWorld(int seed)
{
    public static readonly string[] Phones =
    [
        "+19893640001", "+19893640002", "+19893640003", "+19893640003 x1", "+19893640003 x2", "+1243325",
    ];

    private static readonly string[] Advertisers = ["USA_1", "CAN_2", "TEST_3"];
    private static readonly string[] Campaigns = ["USA_501", "USA_502", "CAN_501"];
    private static readonly string[] Channels = ["search", "display", "social", "chat", "other", "none"];
    private static readonly string[] Tags = ["red", "green", "blue", "Red"];
    private static readonly DateTime Start = new(2021, 9, 1, 0, 0, 0, DateTimeKind.Utc);

    private static readonly Dictionary<string, Func<Known, bool>> EventTypes = new()
    {
        ["booking"] = i => i.EventType == "BookingEvent",
        ["call"] = i => i.EventType == "CallEvent",
        ["chat"] = i => i.EventType == "ChatEvent",
        ["chat_other"] = i => i.EventType == "ChatEvent" && i.LeadType == "Other",
        ["chat_sales"] = i => i.EventType == "ChatEvent" && i.LeadType == "Sales",
        ["chat_service"] = i => i.EventType == "ChatEvent" && i.LeadType == "Service",
        ["dyipost"] = i => i.EventType == "FormEvent" && i.SubType == "DIYFORMPOST",
        ["email"] = i => i.EventType == "FormEvent" && i.SubType == "FormEmail",
        ["facebook"] = i => i.EventType == "FormEvent" && i.SubType == "Facebook",
        ["form"] = i => i.EventType == "FormEvent" && i.SubType == "FormPost",
        ["fpd"] = i => i.EventType == "FpdEvent",
        ["lsa"] = i => i.EventType == "LsaEvent",
        ["promotion"] = i => i.EventType == "FormEvent" && i.SubType == "Promotion",
        ["sms"] = i => i.EventType == "FormEvent" && i.SubType == "SMSRequest",
    };

    private readonly Random random = new(seed);

    public Known NewInteraction(int number)
    {
        var type = Pick(
            "CallEvent", "CallEvent", "FormEvent", "FormEvent", "ChatEvent", "ChatEvent", "BookingEvent", "FpdEvent", "LsaEvent");
        var hasExternalId = Chance(30);
        return new Known
        {
            Advertiser = Pick(Advertisers),
            EventType = type,
            // Two hundred instants over ten days: half of all share theirs with another.
            OccurredAt = Start.AddMinutes(random.Next(200) * 72).AddMilliseconds(random.Next(2)),
            SubType = Chance(80) ? Pick("DIYFORMPOST", "FormEmail", "Facebook", "FormPost", "Promotion", "SMSRequest", "Else") : null,
            LeadType = Chance(80) ? Pick("Sales", "Service", "Other", "Active", "Lead") : null,
            Channel = Pick([.. Channels[..^1], null]),
            WpcId = Chance(60) ? "w" : null,
            Campaign = Chance(70) ? Pick(Campaigns) : null,
            CallDuration = type == "CallEvent" && Chance(80) ? random.Next(120) : null,
            BookingId = type == "BookingEvent" ? Pick("b1", "b2", "b3") : null,
            ConversationId = Chance(30) ? Pick("c1", "c2", "c3") : null,
            ExternalAppId = hasExternalId ? Pick("zap", "entrata") : null,
            ExternalId = hasExternalId ? (number / 2).ToString(CultureInfo.InvariantCulture) : null,
            Archived = Chance(25),
            Important = Chance(20),
            Read = Chance(50),
            Tags = [.. Tags.Where(_ => Chance(25))],
            Person = random.Next(Phones.Length),
        };
    }

    /// <summary>Draws a question.</summary>
    /// <param name="all">What there is; ids to ask for are taken from it.</param>
    public Question NewQuestion(IReadOnlyList<Known> all)
    {
        var filters = new List<string>();
        var conditions = new List<Func<Known, bool>>();

        var advertisers = Advertisers.Where(_ => Chance(50)).DefaultIfEmpty(Pick(Advertisers)).ToList();
        Filter(Several("global_master_advertiser_id", advertisers, commas: true), i => advertisers.Contains(i.Advertiser));

        var archived = Chance(25);
        Filter(archived ? "archived=true" : Pick("archived=false", ""), i => i.Archived == archived);
        var count = Pick(0, 1, 1, 1, 2, 2, 3);
        foreach (var add in Shuffled(
            [EventType, Channel, CallDuration, Tag, Campaign, Dates, Phone, Contact, Booking, External, Conversation, Search, Read,
                Important]).Take(count))
            add();

        var (by, direction) = (Pick<string?>(null, null, "important", "occurred_at"), Pick<string?>(null, "asc", "desc"));
        var (page, perPage) = (Pick(1, 1, 1, 2, 3, 7), Pick(1, 5, 20, 100, 500));
        var paging = $"page={page}&per_page={perPage}" + (by is null ? "" : $"&sort_by={by}") + (direction is null
            ? ""
            : $"&sort_dir={direction}");
        return new Question(
            string.Join('&', filters.Where(f => f.Length > 0)),
            paging,
            i => conditions.TrueForAll(matches => matches(i)),
            by,
            direction,
            page,
            perPage);

        void Filter(string text, Func<Known, bool> condition)
        {
            filters.Add(text);
            conditions.Add(condition);
        }

        void EventType()
        {
            var names = Enumerable.Range(0, Pick(1, 1, 2, 4)).Select(_ => Pick([.. EventTypes.Keys])).ToList();
            Filter(Several("event_type", names), i => names.Exists(name => EventTypes[name](i)));
        }

        void Channel()
        {
            var names = Enumerable.Range(0, Pick(1, 1, 2, 3)).Select(_ => Pick(Channels)).ToList();
            Filter(Several("channel", names), i => i.WpcId is not null && names.Contains(i.Channel ?? "none"));
        }

        void CallDuration()
        {
            var bound = random.Next(120);
            if (Chance(50))
                Filter($"call_duration={bound}", i => i.CallDuration >= bound);
            else
                Filter($"max_call_duration={bound}", i => i.CallDuration <= bound);
        }

        void Tag()
        {
            var names = Enumerable.Range(0, Pick(1, 2, 2, 3)).Select(_ => Pick(Tags)).ToList();
            Filter(Several("tags", names), i => i.Tags.Any(names.Contains));
        }

        void Campaign()
        {
            var names = Enumerable.Range(0, Pick(1, 1, 2)).Select(_ => Pick(Campaigns)).ToList();
            Filter(Several("global_master_campaign_id", names, commas: true), i => i.Campaign is not null && names.Contains(i.Campaign));
        }

        void Dates()
        {
            var from = Start.AddDays(random.Next(10));
            var days = random.Next(4);
            if (Chance(20))
            {
                // Four hours behind UTC in September.
                Filter(
                    $"start_date={from:yyyy-MM-dd}&end_date={from.AddDays(days):yyyy-MM-dd}&time_zone=America/New_York",
                    i => i.OccurredAt.AddHours(-4).Date >= from && i.OccurredAt.AddHours(-4).Date <= from.AddDays(days));
                return;
            }

            if (Chance(50))
            {
                Filter(
                    $"start_date={from:yyyy-MM-dd}&end_date={from.AddDays(days):yyyy-MM-dd}",
                    i => i.OccurredAt.Date >= from && i.OccurredAt.Date <= from.AddDays(days));
                return;
            }

            var instant = Pick([.. all]).OccurredAt;
            if (Chance(50))
                Filter($"start_date={instant:yyyy-MM-ddTHH:mm:ss.fff}Z", i => i.OccurredAt >= instant);
            else
                Filter($"end_date={instant.AddHours(2):yyyy-MM-ddTHH:mm:ss.fff}+02:00", i => i.OccurredAt <= instant);
        }

        void Phone()
        {
            var people = Enumerable.Range(0, Pick(1, 1, 2)).Select(_ => random.Next(Phones.Length)).ToList();
            // Person 2 is the number without an extension: it stands for those with one, too.
            Filter(
                Several("event_params[phone_numbers]", people.Select(p => Phones[p].Replace(' ', '+'))),
                i => people.Contains(i.Person) || (people.Contains(2) && i.Person is 3 or 4));
        }

        void Contact()
        {
            var contact = Pick([.. all]).ContactId;
            Filter($"contact_id={contact}", i => i.ContactId == contact);
        }

        void Booking()
        {
            var booking = Pick("b1", "b2", "b3", "b4");
            Filter($"booking_id={booking}", i => i.BookingId == booking);
        }

        void External()
        {
            var like = Pick([.. all.Where(i => i.ExternalId is not null)]);
            if (Chance(60))
                Filter($"external_app_id={like.ExternalAppId}", i => i.ExternalAppId == like.ExternalAppId);
            if (Chance(60))
                Filter($"external_id={like.ExternalId}", i => i.ExternalId == like.ExternalId);
        }

        void Read()
        {
            var read = Chance(40);
            Filter($"read={(read ? Pick("true", "1") : Pick("false", "0"))}", i => i.Read == read);
        }

        void Important()
        {
            var important = Chance(60);
            Filter($"important={(important ? "true" : "false")}", i => i.Important == important);
        }

        void Search()
        {
            var digits = Pick("0001", "364000", "1989", "243", "3640003", "19");
            Filter($"q={digits}", i => Phones[i.Person].Split(' ')[0].IndexOf(digits, StringComparison.Ordinal) is var at
                && (digits.Length > 2 ? at >= 0 : at is 0 or 1));
        }

        void Conversation()
        {
            var conversation = Pick("c1", "c2", "c3");
            Filter($"conversation_id={conversation}", i => i.ConversationId == conversation);
        }
    }

    private string Several(string name, IEnumerable<string> values, bool commas = false)
    {
        if (commas && Chance(40))
            return $"{name}={string.Join(',', values)}";
        var brackets = Chance(50) ? "[]" : "";
        return string.Join('&', values.Select(value => $"{name}{brackets}={value}"));
    }

    private T Pick<T>(params ReadOnlySpan<T> values) => values[random.Next(values.Length)];

    private bool Chance(int percent) => random.Next(100) < percent;

    private T[] Shuffled<T>(T[] values)
    {
        random.Shuffle(values);
        return values;
    }
}

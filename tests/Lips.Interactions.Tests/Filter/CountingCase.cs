using System.Globalization;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Lips.Interactions.Tests.Filter;

/// <summary>Interactions and a question about them, small enough to be read when the answer is wrong.</summary>
/// <param name="Events">What there is.</param>
/// <param name="Question">What is asked.</param>
internal sealed record CountingCase(Event[] Events, CountingQuestion Question)
{
    /// <summary>The days of the interactions: a month ends among them, and a leap day is one.</summary>
    public static readonly string[] Days = ["2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-02"];

    /// <summary>The times of a day, where an end of a range can be off by one.</summary>
    public static readonly string[] Times = ["00:00:00.000", "00:00:00.001", "12:34:56.789", "23:59:59.999"];

    /// <summary>Draws cases, and makes those that fail smaller.</summary>
    public static Arbitrary<CountingCase> Arbitrary { get; } = Arb.From(
        from size in Gen.Frequency((3, Gen.Choose(0, 6)), (1, Gen.Choose(7, 20)))
        from events in Gen.ArrayOf(Event.Generator, size)
        from question in CountingQuestion.Generator
        select new CountingCase(events, question),
        Smaller);

    public override string ToString() =>
        $"\n  {string.Join("\n  ", Events.Select(e => e.ToString()))}\n  asked {Question.ToQuery(0)}, {Question.Depth} permille deep";

    private static IEnumerable<CountingCase> Smaller(CountingCase it)
    {
        if (it.Events.Length > 1)
        {
            yield return it with { Events = it.Events[..(it.Events.Length / 2)] };
            yield return it with { Events = it.Events[(it.Events.Length / 2)..] };
        }

        for (var i = 0; i < it.Events.Length; i++)
        {
            yield return it with { Events = [.. it.Events[..i], .. it.Events[(i + 1)..]] };
            foreach (var simpler in it.Events[i].Simpler())
                yield return it with { Events = [.. it.Events[..i], simpler, .. it.Events[(i + 1)..]] };
        }

        foreach (var question in it.Question.Simpler())
            yield return it with { Question = question };
    }
}

/// <summary>Some equal interactions of one instant.</summary>
internal sealed record Event(
    int Advertiser, (string Type, string? Sub) Kind, string Day, string Time, string? Channel, int? Campaign, bool Wpc, bool Read,
    bool Important, bool Archived, int Copies)
{
    public static readonly (string Type, string? Sub)[] Kinds =
    [
        ("call", null), ("booking", null), ("lsa", null), ("fpd", null), ("chat", "Sales"), ("chat", "Service"), ("chat", "Other"),
        ("chat", "Lead"), ("chat", null),
        ("form", "DIYFORMPOST"), ("form", "FormEmail"), ("form", "Facebook"), ("form", "FormPost"), ("form", "Promotion"),
        ("form", "SMSRequest"), ("form", null),
    ];

    public static Gen<Event> Generator { get; } =
        from advertiser in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 2)))
        from kind in Gen.Elements(Kinds)
        from day in Gen.Elements(CountingCase.Days)
        from time in Gen.Elements(CountingCase.Times)
        from channel in Gen.Elements("search", "display", "social", "chat", "other", null)
        from campaign in Gen.Elements<int?>(null, 1, 2)
        from flags in Gen.Choose(0, 15)
        from archived in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)))
            // Enough of one instant that a page begins deep within it.
        from copies in Gen.Frequency((10, Gen.Constant(1)), (1, Gen.Choose(2, 20)), (2, Gen.Choose(60, 160)))
        select new Event(
            advertiser, kind, day, time, channel, campaign, (flags & 1) != 0 || flags > 8, (flags & 2) != 0, (flags & 4) != 0, archived,
            copies);

    public JsonObject ToJson(Func<int, string> advertiserId) => Make.Interaction(
        advertiserId(Advertiser),
        Kind.Type,
        ("occurred_at", $"{Day}T{Time}Z"),
        ("sub_type", Kind.Sub),
        ("chat", new { lead_type = Kind.Sub }),
        ("channel", Channel),
        ("global_master_campaign_id", Campaign is { } number ? $"USA_{number}" : null),
        ("wpc_id", Wpc ? "w" : null),
        ("read", Read),
        ("important", Important),
        ("archived_at", Archived ? "2024-04-01" : null));

    public IEnumerable<Event> Simpler()
    {
        if (Copies > 1)
        {
            yield return this with { Copies = 1 };
            yield return this with { Copies = Copies / 2 };
            yield return this with { Copies = Copies - 1 };
        }

        if (Advertiser > 0)
            yield return this with { Advertiser = 0 };
        if (Kind != Kinds[0])
            yield return this with { Kind = Kinds[0] };
        if (Campaign is not null)
            yield return this with { Campaign = null };
        if (Channel is not null)
            yield return this with { Channel = null };
        if (Read || Important || Archived)
            yield return this with { Read = false, Important = false, Archived = false };
    }
}

/// <summary>
/// A question of filters that the counters know, of whole and of broken days; the page is so many thousandths deep, of the way to the last.
/// </summary>
internal sealed record CountingQuestion(
    int[] Advertisers, string[] EventTypes, string[] Channels, int[] Campaigns, string? Start, string? End, bool? Archived, string? SortBy,
    string? SortDir, int PerPage, int Depth)
{
    private static readonly Gen<string?> Bound = Gen.Frequency(
        (4, Gen.Constant<string?>(null)),
        (2, Gen.Elements(CountingCase.Days).Select(day => (string?)day)),
        (4, from day in Gen.Elements(CountingCase.Days) from time in Gen.Elements(CountingCase.Times) select (string?)$"{day}T{time}Z"));

    public static Gen<CountingQuestion> Generator { get; } =
        from advertisers in Gen.Frequency(
            (3, Gen.Constant<int[]>([0])), (1, Gen.Constant<int[]>([0, 1])), (1, Gen.Constant<int[]>([2, 0, 1])))
        from types in Some(
            "call", "booking", "lsa", "fpd", "chat", "chat_sales", "chat_service", "chat_other", "dyipost", "email", "facebook", "form",
            "promotion", "sms")
        from channels in Some("search", "display", "social", "chat", "other", "none")
        from campaigns in Some(1, 2)
        from start in Bound
        from end in Bound
        from archived in Gen.Elements<bool?>(null, null, null, false, false, true)
        from sortBy in Gen.Elements(null, "occurred_at", "important")
        from direction in Gen.Elements(null, "asc", "desc")
        from perPage in Gen.Elements(1, 7, 25, 100)
        from depth in Gen.Frequency((1, Gen.Constant(0)), (6, Gen.Choose(300, 1000)), (1, Gen.Constant(1001)))
        let isBackwards = start is not null && end is not null && string.CompareOrdinal(start, end) > 0
        select new CountingQuestion(
            advertisers, types, channels, campaigns, isBackwards ? end : start, isBackwards ? start : end, archived, sortBy, direction,
            perPage, depth);

    public string ToFilters(Func<int, string> advertiserId)
    {
        var parameters = new List<string> { "global_master_advertiser_id=" + string.Join(',', Advertisers.Select(advertiserId)) };
        parameters.AddRange(EventTypes.Select(type => "event_type[]=" + type));
        parameters.AddRange(Channels.Select(channel => "channel[]=" + channel));
        parameters.AddRange(Campaigns.Select(campaign => $"global_master_campaign_id[]=USA_{campaign}"));
        Add("start_date", Start);
        Add("end_date", End);
        Add("archived", Archived is { } archived ? archived ? "true" : "false" : null);
        return string.Join('&', parameters);

        void Add(string name, string? value)
        {
            if (value is not null)
                parameters.Add($"{name}={value}");
        }
    }

    public string ToQuery(long page, Func<int, string>? advertiserId = null) => string.Create(
        CultureInfo.InvariantCulture,
        $"{ToFilters(advertiserId ?? (number => $"USA_{number}"))}&per_page={PerPage}"
            + $"&page={page}{(SortBy is null ? "" : "&sort_by=" + SortBy)}{(SortDir is null ? "" : "&sort_dir=" + SortDir)}");

    public IEnumerable<CountingQuestion> Simpler()
    {
        if (Advertisers.Length > 1)
            yield return this with { Advertisers = [0] };
        if (EventTypes.Length > 0)
            yield return this with { EventTypes = [] };
        if (Channels.Length > 0)
            yield return this with { Channels = [] };
        if (Campaigns.Length > 0)
            yield return this with { Campaigns = [] };
        if (Start is not null)
            yield return this with { Start = null };
        if (End is not null)
            yield return this with { End = null };
        if (Archived is not null)
            yield return this with { Archived = null };
        if (SortBy is not null || SortDir is not null)
            yield return this with { SortBy = null, SortDir = null };
        if (Depth > 0)
            yield return this with { Depth = 0 };
    }

    private static Gen<T[]> Some<T>(params T[] values) => Gen.Frequency(
        (8, Gen.Constant<T[]>([])),
        (1, Gen.Elements(values).Select(value => new[] { value })),
        (1, Gen.SubListOf(values).Select(some => some.ToArray())));
}

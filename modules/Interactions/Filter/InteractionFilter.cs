using System.Globalization;
using System.Text;
using Lips.Interactions.Record;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Interactions.Filter;

/// <summary>Which interactions a caller asks for: the filters of contract section 4, read from the query string.</summary>
internal sealed record InteractionFilter
{
    /// <summary>The most advertisers of one request.</summary>
    public const int MaxAdvertisers = 100;

    /// <summary>The most values of any other filter.</summary>
    public const int MaxValues = 100;

    private const string Seconds = "must be a whole number of seconds, 0 or more";
    private const int LongestText = 255;
    private const int ShortestSearch = 2;
    private const int LongestSearch = 100;

    public required IReadOnlyList<GlobalId> Advertisers { get; init; }

    public IReadOnlyList<GlobalId> Campaigns { get; init; } = [];

    /// <summary>On or after this instant.</summary>
    public DateTime? From { get; init; }

    /// <summary>Before this instant.</summary>
    public DateTime? Until { get; init; }

    /// <summary>Any of these kinds; empty for all.</summary>
    public IReadOnlyList<EventKind> Kinds { get; init; } = [];

    /// <summary>Any of these channels, and only events with a wpc_id (the seed says so); empty for all, with or without one.</summary>
    public IReadOnlyList<Channel> Channels { get; init; } = [];

    /// <summary>Calls of at least so many seconds.</summary>
    public int? CallDuration { get; init; }

    /// <summary>Calls of at most so many seconds: 0 for those that nobody took.</summary>
    public int? MaxCallDuration { get; init; }

    /// <summary>Only the archived; otherwise only the others.</summary>
    public bool Archived { get; init; }

    /// <summary>Only the read, only the unread, or null for both.</summary>
    public bool? IsRead { get; init; }

    /// <summary>Only the important, only the others, or null for both.</summary>
    public bool? IsImportant { get; init; }

    public string? BookingId { get; init; }

    public string? ExternalId { get; init; }

    public string? ExternalAppId { get; init; }

    public string? ConversationId { get; init; }

    public long? ContactId { get; init; }

    /// <summary>Has any of these tags; empty for no such filter.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The contact has any of these numbers, as they were written; empty for no such filter.</summary>
    public IReadOnlyList<string> Numbers { get; init; } = [];

    /// <summary>The numbers as each advertiser's platform reads them; null for no such filter. An empty extension stands for any.</summary>
    public IReadOnlyList<(GlobalId Advertiser, PhoneNumber Number)>? Phones => PhoneNumbers.At(Advertisers, Numbers);

    /// <summary>
    /// Each of its words begins a word of the contact's names, e-mail or company, of the notes, or a number; null for no such filter.
    /// </summary>
    public string? Search { get; init; }

    /// <summary>The filter as text: two that ask the same in the same words have the same, and no other has.</summary>
    public string ToKey()
    {
        var key = new StringBuilder(128);
        AddList(key, 'a', Advertisers, id => id.Value);
        AddList(key, 'c', Campaigns, id => id.Value);
        AddNumber(key, 'f', From?.Ticks);
        AddNumber(key, 'u', Until?.Ticks);
        AddList(key, 'k', Kinds, kind => (long)kind);
        AddList(key, 'n', Channels, channel => (long)channel);
        AddNumber(key, 'd', CallDuration);
        AddNumber(key, 'm', MaxCallDuration);
        AddNumber(key, 'x', Archived ? 1 : null);
        AddNumber(key, 'r', IsRead is { } read ? (read ? 1 : 0) : null);
        AddNumber(key, 'i', IsImportant is { } important ? (important ? 1 : 0) : null);
        AddNumber(key, 'o', ContactId);
        AddText(key, 'b', BookingId);
        AddText(key, 'e', ExternalId);
        AddText(key, 'p', ExternalAppId);
        AddText(key, 'v', ConversationId);
        foreach (var tag in Tags)
            AddText(key, 't', tag);
        foreach (var number in Numbers)
            AddText(key, 'h', number);
        AddText(key, 'q', Search);

        return key.ToString();
    }

    /// <summary>Whether the live counters know all of the filters; of the times they know whole days.</summary>
    public bool IsOfCells =>
        CallDuration is null && MaxCallDuration is null && IsImportant is null && BookingId is null && ExternalId is null
        && ExternalAppId is null && ConversationId is null && ContactId is null && Tags.Count == 0 && Numbers.Count == 0 && Search is null;

    /// <summary>Whether it asks for one advertiser's interactions, those of a time perhaps, and for nothing else.</summary>
    public bool IsOfTimeAlone =>
        IsOfCells && Advertisers.Count == 1 && Campaigns.Count == 0 && Kinds.Count == 0 && Channels.Count == 0 && IsRead is null;

    /// <summary>Reads the filter; what is wrong goes to the reader's errors, and then the filter is of no use.</summary>
    public static InteractionFilter Read(QueryReader query)
    {
        var advertisers = query.GlobalIds("global_master_advertiser_id", MaxAdvertisers);
        if (advertisers.Count == 0 && !query.Errors.Has("global_master_advertiser_id"))
            query.Errors.Add("global_master_advertiser_id", "is missing");
        var from = query.TimeBound("start_date", isEnd: false, query.Zone);
        var until = query.TimeBound("end_date", isEnd: true, query.Zone);
        var numbers = PhoneNumbers.Read(query);
        if (from >= until)
            query.Errors.Add("start_date", "must not be after end_date");
        return new InteractionFilter
        {
            Advertisers = advertisers,
            Campaigns = query.GlobalIds("global_master_campaign_id", MaxValues),
            From = from,
            Until = until,
            Kinds = EventTypes.Read(query),
            Channels = Record.Channels.Read(query),
            CallDuration = query.Integer("call_duration", 0, int.MaxValue, Seconds),
            MaxCallDuration = query.Integer("max_call_duration", 0, int.MaxValue, Seconds),
            Archived = query.Boolean("archived") ?? false,
            IsRead = query.Boolean("read"),
            IsImportant = query.Boolean("important"),
            BookingId = Text(query, "booking_id"),
            ExternalId = Text(query, "external_id"),
            ExternalAppId = Text(query, "external_app_id"),
            ConversationId = Text(query, "conversation_id"),
            ContactId = query.Id("contact_id"),
            Tags = Many(query, "tags"),
            Numbers = numbers,
            Search = SearchText(query),
        };
    }

    /// <summary>Whether the filter asks for what a caller without <c>pii</c> may not know.</summary>
    public bool TellsOfAPerson => Numbers.Count > 0 || Search is not null;

    private static void AddNumber(StringBuilder key, char name, long? value)
    {
        if (value is { } number)
            key.Append(name).Append(number);
    }

    private static void AddList<T>(StringBuilder key, char name, IReadOnlyList<T> values, Func<T, long> number)
    {
        for (var i = 0; i < values.Count; i++)
            AddNumber(key, name, number(values[i]));
    }

    // With its length before it, so that no text can look like what follows it.
    private static void AddText(StringBuilder key, char name, string? text)
    {
        if (text is not null)
            key.Append(name).Append(text.Length).Append(':').Append(text);
    }

    private static string? Text(QueryReader query, string name)
    {
        if (query.Single(name) is not { } text)
            return null;
        if (text.Length <= LongestText)
            return text;
        query.Errors.Add(name, string.Create(CultureInfo.InvariantCulture, $"must have at most {LongestText} characters"));
        return null;
    }

    private static string? SearchText(QueryReader query)
    {
        if (query.Single("q")?.Trim() is not { } text)
            return null;
        if (text.EnumerateRunes().Count() is >= ShortestSearch and <= LongestSearch)
            return text;
        query.Errors.Add(
            "q", string.Create(CultureInfo.InvariantCulture, $"must have between {ShortestSearch} and {LongestSearch} characters"));
        return null;
    }

    /// <summary>The values of a filter that takes several.</summary>
    internal static IReadOnlyList<string> Many(QueryReader query, string name)
    {
        var values = query.Many(name);
        if (values.Count == 0)
            return [];
        if (values.Count > MaxValues)
            query.Errors.Add(name, string.Create(CultureInfo.InvariantCulture, $"must have at most {MaxValues} values"));
        if (values.Any(v => v.Length > LongestText))
            query.Errors.Add(name, string.Create(CultureInfo.InvariantCulture, $"must have at most {LongestText} characters"));
        return [.. values.Distinct(StringComparer.Ordinal)];
    }
}

/// <summary>A request that names interactions by the filters of contract section 4.</summary>
/// <param name="filter">The filter.</param>
internal class FilterRequest(InteractionFilter filter)
{
    public InteractionFilter Filter => filter;

    /// <summary>The filter as it is counted; null when the counters do not know all of it.</summary>
    public DaySplit? Split { get; } = DaySplit.Of(filter);

    /// <summary>The same text for the same question in the same words, and another for any other.</summary>
    public virtual string Key => filter.ToKey();

    /// <summary>Reads it from a query string; what is wrong goes to the reader's errors.</summary>
    public static FilterRequest Read(QueryReader query, Caller caller) => new(InteractionFilter.Read(query));

    /// <summary>The reason of a 403: the caller may not ask this. Null when it may.</summary>
    public string? RefusalFor(Caller caller)
    {
        if (!caller.MaySeeAll(filter.Advertisers))
            return "advertiser";
        return !caller.Pii && filter.TellsOfAPerson ? "pii" : null;
    }

    /// <summary>Answers are one caller's alone and always asked for again (contract section 6).</summary>
    public static void SetCaching(HttpContext http)
    {
        http.Response.Headers.CacheControl = "private, no-cache";
        http.Response.Headers.Vary = "Authorization, x-api-key, Accept-Encoding";
    }
}

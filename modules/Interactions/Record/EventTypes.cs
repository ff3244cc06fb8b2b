using Lips.Kernel;

namespace Lips.Interactions.Record;

/// <summary>
/// The six event types of the seed, each with its names: <c>CallEvent</c> in full, <c>call</c> in short and as the key of its part.
/// </summary>
internal enum EventType
{
    Call,
    Form,
    Chat,
    Booking,
    Fpd,
    Lsa,
}

/// <summary>What event types, sub types and lead types mean for an interaction's kind.</summary>
internal static class EventTypes
{
    public static bool TryParse(string? text, out EventType type)
    {
        foreach (var candidate in Enum.GetValues<EventType>())
        {
            if (string.Equals(text, FullName(candidate), StringComparison.OrdinalIgnoreCase)
                || string.Equals(text, ShortName(candidate), StringComparison.OrdinalIgnoreCase))
            {
                type = candidate;
                return true;
            }
        }

        type = default;
        return false;
    }

    public static string FullName(EventType type) => type switch
    {
        EventType.Call => "CallEvent",
        EventType.Form => "FormEvent",
        EventType.Chat => "ChatEvent",
        EventType.Booking => "BookingEvent",
        EventType.Fpd => "FpdEvent",
        EventType.Lsa => "LsaEvent",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    public static string ShortName(EventType type) => type switch
    {
        EventType.Call => "call",
        EventType.Form => "form",
        EventType.Chat => "chat",
        EventType.Booking => "booking",
        EventType.Fpd => "fpd",
        EventType.Lsa => "lsa",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    public static EventType TypeOf(EventKind kind) => kind switch
    {
        EventKind.Call => EventType.Call,
        EventKind.Booking => EventType.Booking,
        EventKind.Fpd => EventType.Fpd,
        EventKind.Lsa => EventType.Lsa,
        >= EventKind.ChatSales and <= EventKind.ChatRest => EventType.Chat,
        >= EventKind.FormDiyPost and <= EventKind.FormRest => EventType.Form,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>
    /// The kind of an interaction. The chart's spellings are compared without regard to case; what it does not name is the rest.
    /// </summary>
    public static EventKind KindOf(EventType type, string? subType, string? leadType) => type switch
    {
        EventType.Call => EventKind.Call,
        EventType.Booking => EventKind.Booking,
        EventType.Fpd => EventKind.Fpd,
        EventType.Lsa => EventKind.Lsa,
        EventType.Chat => leadType?.ToUpperInvariant() switch
        {
            "SALES" => EventKind.ChatSales,
            "SERVICE" => EventKind.ChatService,
            "OTHER" => EventKind.ChatOther,
            _ => EventKind.ChatRest,
        },
        EventType.Form => subType?.ToUpperInvariant() switch
        {
            "DIYFORMPOST" => EventKind.FormDiyPost,
            "FORMEMAIL" => EventKind.FormEmail,
            "FACEBOOK" => EventKind.FormFacebook,
            "FORMPOST" => EventKind.FormPost,
            "PROMOTION" => EventKind.FormPromotion,
            "SMSREQUEST" => EventKind.FormSms,
            _ => EventKind.FormRest,
        },
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>Reads the filter <c>event_type[]</c>; what is wrong goes to the reader's errors.</summary>
    public static IReadOnlyList<EventKind> Read(QueryReader query)
    {
        var values = query.Many("event_type");
        if (values.Count == 0)
            return [];
        var kinds = new SortedSet<EventKind>();
        foreach (var value in values)
        {
            if (KindsOfFilter(value) is { } some)
                kinds.UnionWith(some);
            else
            {
                query.Errors.Add(
                    "event_type",
                    "must be one of booking, call, chat, chat_other, chat_sales, chat_service, dyipost, email, facebook, form, fpd, lsa, "
                        + "promotion, sms, "
                    + $"or a name that is served, such as CallEvent: {QueryReader.Shown(value)}");
            }
        }

        return [.. kinds];
    }

    /// <summary>
    /// The kinds behind a value of the filter <c>event_type[]</c>: the seed's chart, the plurals of its example, and the names that are
    /// served, each of which is all of its type.
    /// </summary>
    private static EventKind[]? KindsOfFilter(string value) => value.ToUpperInvariant() switch
    {
        "BOOKING" or "BOOKINGS" or "BOOKINGEVENT" => [EventKind.Booking],
        "CALL" or "CALLS" or "CALLEVENT" => [EventKind.Call],
        "CHAT" or "CHATS" or "CHATEVENT" => [EventKind.ChatSales, EventKind.ChatService, EventKind.ChatOther, EventKind.ChatRest],
        "CHAT_SALES" => [EventKind.ChatSales],
        "CHAT_SERVICE" => [EventKind.ChatService],
        "CHAT_OTHER" => [EventKind.ChatOther],
        "DYIPOST" or "DIYPOST" => [EventKind.FormDiyPost],
        "EMAIL" or "EMAILS" => [EventKind.FormEmail],
        "FACEBOOK" => [EventKind.FormFacebook],
        "FORM" or "FORMS" => [EventKind.FormPost],
        "FORMEVENT" =>
        [
            EventKind.FormDiyPost, EventKind.FormEmail, EventKind.FormFacebook, EventKind.FormPost, EventKind.FormPromotion,
                EventKind.FormSms, EventKind.FormRest,
        ],
        "FPD" or "FPDEVENT" => [EventKind.Fpd],
        "LSA" or "LSAEVENT" => [EventKind.Lsa],
        "PROMOTION" or "PROMOTIONS" => [EventKind.FormPromotion],
        "SMS" => [EventKind.FormSms],
        _ => null,
    };
}

/// <summary>The channels as clients spell them.</summary>
internal static class Channels
{
    public static bool TryParse(string? text, out Channel channel)
    {
        foreach (var candidate in Enum.GetValues<Channel>())
        {
            if (string.Equals(text, NameForFilter(candidate), StringComparison.OrdinalIgnoreCase))
            {
                channel = candidate;
                return true;
            }
        }

        channel = default;
        return false;
    }

    /// <summary>Reads the filter <c>channel[]</c>; what is wrong goes to the reader's errors.</summary>
    public static IReadOnlyList<Channel> Read(QueryReader query)
    {
        var values = query.Many("channel");
        if (values.Count == 0)
            return [];
        var channels = new SortedSet<Channel>();
        foreach (var value in values)
        {
            if (TryParse(value, out var channel))
                channels.Add(channel);
            else
                query.Errors.Add("channel", $"must be one of search, display, social, chat, other, none: {QueryReader.Shown(value)}");
        }

        return [.. channels];
    }

    /// <summary>The served name; null for none.</summary>
    public static string? Name(Channel channel) => channel == Channel.None ? null : NameForFilter(channel);

    private static string NameForFilter(Channel channel) => channel switch
    {
        Channel.None => "none",
        Channel.Search => "search",
        Channel.Display => "display",
        Channel.Social => "social",
        Channel.Chat => "chat",
        Channel.Other => "other",
        _ => throw new ArgumentOutOfRangeException(nameof(channel)),
    };
}

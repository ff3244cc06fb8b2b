using System.Text.Json.Nodes;
using Lips.Interactions.Serving;
using Lips.Kernel.Reference;

namespace Lips.Interactions.Filter;

/// <summary>The filters of contract section 4, for the reference.</summary>
internal static class FilterParameters
{
    public static ParameterDescription Advertisers { get; } = new(
        "global_master_advertiser_id", "One or more advertisers, at most 100.",
        () => Schema.List(Schema.GlobalId(), most: InteractionFilter.MaxAdvertisers), new JsonArray("USA_1"))
    {
        IsRequired = true,
    };

    public static ParameterDescription TimeZone { get; } = new(
        "time_zone", "What a whole day is in `start_date` and `end_date`: the IANA name of a time zone, such as `America/New_York`.",
        () => Schema.Text().Usually("UTC"));

    /// <summary>Those that every route which takes a filter takes.</summary>
    public static IReadOnlyList<ParameterDescription> All { get; } =
    [
        Advertisers,
        new("global_master_campaign_id", "One or more campaigns.", () => Schema.List(Schema.GlobalId(), most: InteractionFilter.MaxValues),
            new JsonArray("USA_1234567")),
        TimeZone,
        new("start_date", "Only what occurred at this time or later: `YYYY-MM-DD`, or an ISO 8601 time.",
            () => Schema.Text(), "2022-02-01"),
        new("end_date", "Only what occurred at this time or before: `YYYY-MM-DD` (the whole day), or an ISO 8601 time.",
            () => Schema.Text(), "2022-02-28"),
        new("event_params[phone_numbers]",
            "Only of contacts with one of these numbers, in any notation; without an extension, with any. Needs `pii`.",
            () => Schema.List(Schema.Text()), new JsonArray("+19893643647")),
        new("event_type[]",
            "Only these types, in any case. `chat` is all of `chat_sales`, `chat_service`, `chat_other` and more; `form` is a posted form "
                + "only, `FormEvent` any. The names that are served are taken too, and plurals (`calls`).",
            () => Schema.List(Schema.OneOf(
                null, "booking", "call", "chat", "chat_other", "chat_sales", "chat_service", "dyipost", "email", "facebook", "form", "fpd",
                "lsa", "promotion", "sms", "CallEvent", "FormEvent", "ChatEvent", "BookingEvent", "FpdEvent", "LsaEvent")),
            new JsonArray("call", "form")),
        new("channel[]", "Only these channels, and only events that have a `wpc_id`.",
            () => Schema.List(Schema.OneOf(null, [.. InteractionSchemas.ChannelNames, "none"])),
            new JsonArray("search")),
        new("call_duration", "Only calls of at least so many seconds.", () => Schema.Whole(least: 0, most: int.MaxValue), 30),
        new("max_call_duration", "Only calls of at most so many seconds; with 0 only missed ones.",
            () => Schema.Whole(least: 0, most: int.MaxValue), 0),
        new("archived", "`true`: only archived ones. `false`: only others.", () => Schema.Boolean(usual: false)),
        new("read", "Only the read, or only the unread.", () => Schema.Boolean(), false),
        new("important", "Only the important, or only the others.", () => Schema.Boolean(), true),
        new("booking_id", "Only the booking with this id.", () => Schema.Text(longest: 255), "b-17"),
        new("external_id", "Only what has this id in the application that it came from.", () => Schema.Text(longest: 255), "55"),
        new("external_app_id", "Only what came from this application.", () => Schema.Text(longest: 255), "chats"),
        new("conversation_id", "Only of this conversation.", () => Schema.Text(longest: 255), "c-8"),
        new("contact_id", "Only of this contact.", () => Schema.Whole(least: 0), 2000),
        new("tags[]", "Only what has one of these tags.", () => Schema.List(Schema.Text(longest: 255), most: InteractionFilter.MaxValues),
            new JsonArray("boats")),
        new("q",
            "Only those of which each word begins a word of the contact's names, e-mail or company or of the notes, or a number's digits. "
                + "2 to 100 characters. Needs `pii`.",
            () => Schema.Text(longest: 100), "tinisha champ"),
    ];
}

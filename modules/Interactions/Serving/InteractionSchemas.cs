using System.Text.Json.Nodes;
using Lips.Kernel.Reference;

namespace Lips.Interactions.Serving;

/// <summary>What is served, for the reference (contract sections 4 and 6).</summary>
internal static class InteractionSchemas
{
    public static readonly string[] ChannelNames = ["search", "display", "social", "chat", "other"];

    public static NamedSchema PhoneNumber { get; } = new("PhoneNumber", () => Schema.Object(
        "A phone number of a contact.",
        ("phone_type", Schema.Text("Such as `work`.").OrNull()),
        ("phone_number", Schema.Text("E.164, with an extension behind it where there is one: `+19893643647 x241`."))));

    public static NamedSchema Contact { get; } = new("Contact", () => Schema.Object(
        "The person.",
        [
            ("id", Schema.Whole("The contact's id.")),
            ("first_name", Schema.Text().OrNull()),
            ("last_name", Schema.Text().OrNull()),
            ("display_name", Schema.Text("The name given, else first and last name, else the e-mail, else the phone number.").OrNull()),
            .. ContactRest(),
        ]));

    public static NamedSchema Call { get; } = new("Call", () => Schema.Object(
        "What a call has.",
        ("recording_url", Schema.Text("Where the recording is.").OrNull()),
        ("call_recording_url", Schema.Text("The same as `recording_url`.").OrNull()),
        ("duration", Schema.Whole("Seconds.", least: 0, most: int.MaxValue).OrNull()),
        ("call_duration", Schema.Whole("The same as `duration`.", least: 0, most: int.MaxValue).OrNull()),
        ("target_number", Schema.Text("The number that was shown on the advertiser's site.").OrNull()),
        ("caller_number", Schema.Text("The caller's number.").OrNull()),
        ("dialed_number", Schema.Text("The number that was dialed.").OrNull())));

    public static NamedSchema Form { get; } = new("Form", () => Schema.Object(
        "What a form post has.",
        ("referring_url", Schema.Text("The page that led to it.").OrNull()),
        ("subject", Schema.Text().OrNull()),
        ("full_message", Schema.Text("The whole message.").OrNull()),
        ("message", Schema.Text("The message that was read out of it.").OrNull()),
        ("conversation_id", Schema.Text().OrNull()),
        ("extra_fields?", Schema.AnyObject("The form's other fields. Not with `fields=summary`.").OrNull())));

    public static NamedSchema TranscriptLine { get; } = new("TranscriptLine", () => Schema.Object(
        "A line of a chat.",
        ("id", Schema.Types("Unique within the chat; its place where none was given.", "string", "integer")),
        ("timestamp", Schema.Types("As the chat gave it.", "string", "number", "null")),
        ("from", Schema.Text("The name of the writer.")),
        ("form", Schema.Text("The same as `from`.")),
        ("message", Schema.Text())));

    public static NamedSchema Chat { get; } = new("Chat", () => Schema.Object(
        "What a chat has.",
        ("lead_type", Schema.Text("`Sales`, `Service`, `Other`, `Active` or `Lead`.").OrNull()),
        ("provider", Schema.Text("`Apex` where none was given.")),
        ("referring_url", Schema.Text("The page that led to it.").OrNull()),
        ("summary", Schema.Text().OrNull()),
        ("transcript?", Schema.List(Schema.Ref(TranscriptLine), "Not with `fields=summary`."))));

    public static NamedSchema Booking { get; } = new("Booking", () => Schema.Object(
        "What a booking has.",
        ("booking_id", Schema.Text("The id of the appointment where it was made.")),
        ("extra_fields?", Schema.AnyObject("Not with `fields=summary`.").OrNull())));

    public static NamedSchema Lsa { get; } = new("Lsa", () => Schema.Object(
        "What a Local Services lead has.",
        ("charged", Schema.Whole("1 when the advertiser paid for it.", least: 0, most: 1)),
        ("customer_name", Schema.Text().OrNull()),
        ("lead_type", Schema.Text("`MESSAGE`, `PHONE_CALL` or `BOOKING`.").OrNull()),
        ("lead_price", Schema.Whole("The price of the lead.", least: 0, most: int.MaxValue).OrNull())));

    public static NamedSchema Fpd { get; } = new("Fpd", () => Schema.Object(
        "What a first-party event has.", ("extra_fields?", Schema.AnyObject("Not with `fields=summary`.").OrNull())));

    public static NamedSchema Interaction { get; } = new("Interaction", () => Schema.Object(
        "An interaction in the full profile. Exactly one of `call`, `form`, `chat`, `booking`, `lsa` and `fpd` is there: that of its type.",
        ("id", Schema.Whole("The interaction's id.")),
        ("contact_id", Schema.Whole("The contact's id.")),
        ("campaign_name", Schema.Text("The campaign that the interaction is attributed to.").OrNull()),
        ("global_master_advertiser_id", Schema.GlobalId("The advertiser.")),
        ("global_master_campaign_id", Schema.GlobalId("The campaign.").OrNull()),
        ("master_advertiser_id", Schema.Whole("The number of `global_master_advertiser_id`.")),
        ("master_campaign_id", Schema.Whole("The number of `global_master_campaign_id`.").OrNull()),
        ("platform_id", Schema.OneOf("1 USA, 2 CAN, 3 AUS, 6 GBR, 7 TEST.", 1, 2, 3, 6, 7)),
        ("platform", Schema.OneOf(null, "USA", "CAN", "AUS", "GBR", "TEST")),
        ("sub_type", Schema.Text("Of the campaign, or of a form such as `FormPost`.").OrNull()),
        ("referrer_type", Schema.Text("`UNKNOWN` where none was given.")),
        ("referrer_source", Schema.Text("The domain that the visitor came from.")),
        ("influencing_campaign", Schema.Text("The campaign that influenced the interaction.").OrNull()),
        ("created_at", Schema.Time("When it was created here.")),
        ("occurred_at", Schema.Time("When it took place.")),
        ("occured_at", Deprecated(Schema.Time("The same as `occurred_at`, as older clients spell it."))),
        ("channel", Schema.OneOf("The channel; null for none.", ChannelNames).OrNull()),
        ("event_type", Schema.OneOf("The type.", "CallEvent", "FormEvent", "ChatEvent", "BookingEvent", "FpdEvent", "LsaEvent")),
        ("external_source", Schema.Text("Where the interaction came from.")),
        ("page_url", Schema.Text("The page that it took place on. Null without `pii`.").OrNull()),
        ("tags", Schema.List(Schema.Text())),
        ("wpc_id", Schema.Text().OrNull()),
        ("visitor_id", Schema.Text().OrNull()),
        ("conversation_id", Schema.Text().OrNull()),
        ("external_id", Schema.Text("The id in the application that it came from.").OrNull()),
        ("external_app_id", Schema.Text("The application that it came from.").OrNull()),
        ("call?", Schema.Ref(Call)),
        ("form?", Schema.Ref(Form)),
        ("chat?", Schema.Ref(Chat)),
        ("booking?", Schema.Ref(Booking)),
        ("lsa?", Schema.Ref(Lsa)),
        ("fpd?", Schema.Ref(Fpd)),
        ("notes?", Schema.Text("What users of the inbox wrote. Not with `fields=summary`.").OrNull()),
        ("important", Schema.Boolean("Whether it was marked as important.")),
        ("read", Schema.Boolean("Whether it was read.")),
        ("archived_at", Schema.Time("Since when it is archived; null when it is not.").OrNull()),
        ("read_at", Schema.Time("When it was last marked as read; null when it is not, or that is not known.").OrNull()),
        ("important_at", Schema.Time("When it was last marked as important; null when it is not, or that is not known.").OrNull()),
        ("contact", Schema.Ref(Contact))));

    public static NamedSchema PartnerInteraction { get; } = new("PartnerInteraction", () => Schema.Object(
        "An interaction in the partner profile.",
        ("id", Schema.Whole("The interaction's id.")),
        ("contact_id", Schema.Whole("The contact's id.")),
        ("campaign_name", Schema.Text("The campaign that the interaction is attributed to.")),
        ("refer_type", Schema.Text("`UNKNOWN` where none was given.")),
        ("refer_source", Schema.Text("The domain that the visitor came from.")),
        ("influencing_campaign", Schema.Text("The campaign that influenced the interaction.").OrNull()),
        ("created_at", Schema.Time("When it was created here.")),
        ("occurred_at", Schema.Time("When it took place.")),
        ("occured_at", Deprecated(Schema.Time("The same as `occurred_at`, as older clients spell it."))),
        ("channel", Schema.OneOf("The channel; null for none.", ChannelNames).OrNull()),
        ("external_source", Schema.Text("Where the interaction came from.")),
        ("event_type", Schema.OneOf("The type.", "call", "form", "chat", "booking", "fpd", "lsa")),
        ("contact", Schema.Object(
            "The person.",
            [
                ("id", Schema.Whole("The contact's id.")),
                ("first_name", Schema.Text().OrNull()),
                ("last_name", Schema.Text().OrNull()),
                .. ContactRest(),
                ("contact_external_source", Schema.Text("Where the contact came from.")),
                ("interaction_external_source", Schema.Text("The same as `external_source`.")),
            ])),
        ("display_name", Schema.Text("The contact's display name.").OrNull())));

    public static NamedSchema EventCounts { get; } = new("EventCounts", () => Schema.Object(
        "How many there are of each type.",
        ("events", Schema.Count("All, first-party events too.")),
        ("call_events", Schema.Count()),
        ("form_events", Schema.Count()),
        ("chat_events", Schema.Count()),
        ("booking_events", Schema.Count()),
        ("lsa_events", Schema.Count())));

    public static NamedSchema ChannelCounts { get; } = new("ChannelCounts", () => Schema.Object(
        "How many there are of each channel.",
        ("channels", Schema.Count("All.")),
        ("display", Schema.Count()),
        ("search", Schema.Count()),
        ("social", Schema.Count()),
        ("chat", Schema.Count()),
        ("other", Schema.Count()),
        ("none", Schema.Count("Without a channel."))));

    public static NamedSchema Totals { get; } = new("Totals", () => Schema.Object(
        "How many interactions a filter selects.", [.. Counts()]));

    /// <summary>All that are served by name.</summary>
    public static IReadOnlyList<NamedSchema> All { get; } =
    [
        Interaction, PartnerInteraction, Contact, PhoneNumber, Call, Form, Chat, TranscriptLine, Booking, Lsa, Fpd, EventCounts,
        ChannelCounts, Totals,
    ];

    /// <summary>The three counts, for an object that has more.</summary>
    public static IEnumerable<(string Name, JsonObject Schema)> Counts() =>
    [
        ("totals", Schema.Ref(EventCounts)), ("unread", Schema.Ref(EventCounts)), ("channel", Schema.Ref(ChannelCounts)),
    ];

    /// <summary>One in either profile.</summary>
    public static JsonObject InEitherProfile() => Schema.Either(Schema.Ref(Interaction), Schema.Ref(PartnerInteraction));

    private static IEnumerable<(string Name, JsonObject Schema)> ContactRest() =>
    [
        ("email", Schema.Text().OrNull()),
        ("company", Schema.Text().OrNull()),
        ("title", Schema.Text().OrNull()),
        ("phone_numbers", Schema.List(Schema.Ref(PhoneNumber))),
        ("created_at", Schema.Time("When the contact was created.")),
    ];

    private static JsonObject Deprecated(JsonObject schema)
    {
        schema["deprecated"] = true;
        return schema;
    }
}

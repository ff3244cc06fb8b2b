using System.Text.Json.Nodes;
using Lips.Interactions.Serving;
using Lips.Kernel.Reference;

namespace Lips.Interactions.Ingest;

/// <summary>What the reference says of bringing interactions in (contract section 7).</summary>
internal static class IngestReference
{
    private const string Record =
        """
        {
          "global_master_advertiser_id": "USA_1", "event_type": "call", "occurred_at": "2022-02-18T15:14:42.000Z",
          "external_app_id": "phones", "external_id": "c-1001", "channel": "search", "tags": ["boats"],
          "contact": {
            "first_name": "Tinisha", "last_name": "Champlin", "email": "tinisha@champlin.example",
            "phone_numbers": [{"phone_type": "work", "phone_number": "+1 989 364 3647 x241"}]
          },
          "call": {"recording_url": "https://recordings.example/1001.mp3", "duration": 95}
        }
        """;

    private const string Line =
        """
        {"global_master_advertiser_id": "USA_1", "event_type": "call", "occurred_at": "2022-02-18T15:14:42Z", "call": {"duration": 95}}
        """;

    public static NamedSchema NewContact { get; } = new("NewContact", () => Schema.Object(
        "The person. Within an advertiser a contact is found by e-mail first, then by phone number.",
        ("first_name?", Name()),
        ("last_name?", Name()),
        ("display_name?", Name()),
        ("email?", Name()),
        ("company?", Name()),
        ("title?", Name()),
        ("phone_numbers?", Schema.List(
            Schema.Object(null, ("phone_type?", Name()), ("phone_number?", Name("In any notation, with an extension or without."))),
            most: 50).OrNull()),
        ("created_at?", Schema.Time("For imports.").OrNull()),
        ("contact_external_source?", Name("Where the contact came from."))));

    public static NamedSchema NewInteraction { get; } = new("NewInteraction", () => Schema.Object(
        "An interaction to bring in. What was served may be sent back: what is derived is ignored. Times are ISO 8601 with any offset.",
        ("global_master_advertiser_id", Schema.GlobalId("The advertiser.")),
        ("event_type", Schema.Text("`call`, `form`, `chat`, `booking`, `fpd`, `lsa`, or as it is served: `CallEvent`. In any case.")),
        ("occurred_at?", Schema.Time("When it took place. Required, here or as `occured_at`.")),
        ("occured_at?", Schema.Time("Another spelling of `occurred_at`.")),
        ("global_master_campaign_id?", Schema.GlobalId("The campaign.").OrNull()),
        ("campaign_name?", Name()),
        ("sub_type?", Name("Such as `FormPost`.")),
        ("referrer_type?", Name()),
        ("referrer_source?", Schema.Text().OrNull()),
        ("influencing_campaign?", Name()),
        ("channel?", Schema.OneOf("In any case; `none` is null.", [.. InteractionSchemas.ChannelNames, "none"]).OrNull()),
        ("external_source?", Name("Where the interaction came from.")),
        ("contact_external_source?", Name("Where the contact came from.")),
        ("external_app_id?", OtherId("The application that it came from; only with `external_id`.")),
        ("external_id?", OtherId(
            "Its id there. The same two of one advertiser are one interaction, however often they come.")),
        ("page_url?", Schema.Text().OrNull()),
        ("wpc_id?", OtherId()),
        ("visitor_id?", OtherId()),
        ("conversation_id?", OtherId()),
        ("tags?", Schema.List(Schema.Text(longest: 255), most: 100).OrNull()),
        ("notes?", Schema.Text(longest: 10_000).OrNull()),
        ("read?", Schema.Boolean(usual: false).OrNull()),
        ("important?", Schema.Boolean(usual: false).OrNull()),
        ("archived_at?", Schema.Time("For imports.").OrNull()),
        ("created_at?", Schema.Time("For imports.").OrNull()),
        ("contact?", Schema.Ref(NewContact).OrNull()),
        ("call?", Part("duration", "call_duration", "recording_url", "call_recording_url", "target_number", "caller_number",
            "dialed_number")),
        ("form?", Part("referring_url", "subject", "full_message", "message", "conversation_id", "extra_fields")),
        ("chat?", Part("lead_type", "provider", "referring_url", "summary", "transcript")),
        ("booking?", Part("booking_id", "extra_fields")),
        ("lsa?", Part("charged", "customer_name", "lead_type", "lead_price")),
        ("fpd?", Part("extra_fields"))));

    public static NamedSchema Wrapped { get; } = new("NewInteractionBody", () => Schema.Object(
        null, ("contact_interaction", Schema.Ref(NewInteraction))));

    public static NamedSchema Stored { get; } = new("StoredInteraction", () => Schema.Object(
        "The answer to a token without the ability `read`.", ("id", Schema.Whole("The interaction's id."))));

    public static NamedSchema Report { get; } = new("BulkReport", () => Schema.Object(
        "What became of the lines.",
        ("received", Schema.Count("Lines that were not blank.")),
        ("created", Schema.Count("New interactions.")),
        ("duplicates", Schema.Count("Lines whose interaction was there already.")),
        ("rejected", Schema.Count("Lines that were not taken.")),
        ("ignored", Schema.Count("Names that are not known, in all lines.")),
        ("errors", Schema.List(
            Schema.Object(null, ("line", Schema.Whole(least: 1)), ("attribute", Schema.Text()), ("message", Schema.Text())),
            "What is wrong with the first 1,000 rejected lines."))));

    public static IReadOnlyList<NamedSchema> Schemas { get; } = [NewInteraction, NewContact, Wrapped, Stored, Report];

    public static OperationDescription One { get; } = new("createInteraction", "Ingest", "Brings one interaction in, exactly once.")
    {
        Details =
            "The same `external_app_id` and `external_id` of an advertiser, or the same `Idempotency-Key` of a token, are one interaction: "
            + "the second time is 200 and the stored object, unchanged. An answer of 2xx means that it is committed.",
        Headers = [CommonHeaders.IdempotencyKey],
        Body = ContentDescription.Json(() => Schema.Ref(Wrapped), ("A call", $$"""{"contact_interaction": {{Record}}}""")),
        Answers =
        [
            new(201, "It is new.", Answer(), "Location", "Preference-Applied"),
            new(200, "It was there already.", Answer(), "Location", "Preference-Applied"),
        ],
    };

    public static OperationDescription Bulk { get; } = new(
        "createInteractions", "Ingest", "Brings many interactions in, one JSON object a line, each exactly once.")
    {
        Details =
            "Any size, read as it comes. A bad line, or one for an advertiser that is not the token's, never costs a good one. When the "
            + "connection is cut, what was committed stays, and sending it again is safe for records with external ids or an "
            + "`Idempotency-Key`. The body may be sent with `Content-Encoding: gzip`. A line is at most 1 MiB long.",
        Headers =
        [
            CommonHeaders.IdempotencyKey,
            new("Content-Encoding", "`gzip` for a body that is.", () => Schema.OneOf(null, "gzip", "x-gzip", "identity"), "gzip"),
        ],
        Body = new ContentDescription("application/x-ndjson", () => Schema.Ref(NewInteraction), ("Two lines", Line + "\n" + Line)),
        Answers =
        [
            new(200, "It was read to its end. What became of each line is in the answer.",
                ContentDescription.Json(
                    () => Schema.Ref(Report),
                    ("One new, one there already, one wrong",
                        """
                        {"received": 3, "created": 1, "duplicates": 1, "rejected": 1, "ignored": 0,
                        "errors": [{"line": 3, "attribute": "occurred_at", "message": "is missing"}]}
                        """)),
                "Preference-Applied"),
        ],
    };

    private static ContentDescription Answer() => ContentDescription.Json(
        () => Schema.Either(Schema.Ref(InteractionSchemas.Interaction), Schema.Ref(Stored)),
        ("The interaction", InteractionExamples.Call), ("Without the ability read", """{"id": 1001}"""));

    private static JsonObject Name(string? description = null) => Schema.Text(description, longest: 255).OrNull();

    private static JsonObject OtherId(string? description = null) => Schema.Types(description, "string", "integer", "null");

    private static JsonObject Part(params string[] names) =>
        Schema.AnyObject($"What this type has: {string.Join(", ", names.Select(n => $"`{n}`"))}.").OrNull();
}

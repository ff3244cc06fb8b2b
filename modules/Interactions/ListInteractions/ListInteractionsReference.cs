using System.Text.Json.Nodes;
using Lips.Interactions.Filter;
using Lips.Interactions.Listing;
using Lips.Interactions.Serving;
using Lips.Kernel.Reference;

namespace Lips.Interactions.ListInteractions;

/// <summary>What the reference says of the index.</summary>
internal static class ListInteractionsReference
{
    public static NamedSchema Page { get; } = new("InteractionPage", () => Schema.Object(
        "A page in the full profile.",
        [("contact_interactions", Schema.List(Schema.Ref(InteractionSchemas.Interaction))), .. Place(), .. InteractionSchemas.Counts()]));

    public static NamedSchema PartnerPage { get; } = new("PartnerInteractionPage", () => Schema.Object(
        "A page in the partner profile.",
        [("contact_interactions", Schema.List(Schema.Ref(InteractionSchemas.PartnerInteraction))), .. Place()]));

    public static NamedSchema CursorPage { get; } = new("InteractionCursorPage", () => Schema.Object(
        "Rows beside a cursor.",
        [
            ("contact_interactions", Schema.List(Schema.Ref(InteractionSchemas.Interaction))),
            ("next", Schema.Text("The `after` of the rows behind these; null where the list was empty.").OrNull()),
            ("previous", Schema.Text("The `before` of the rows before these; null where the list was empty.").OrNull()),
            ("has_more", Schema.Boolean("Whether there are more in the direction that was asked for.")),
            .. InteractionSchemas.Counts(),
        ]));

    private const string Cursor = "bGlzdCBxMVpmIDYzNzgwNzUxNjgyMDAwMDAwMCAxMDAyIDEgMTAwMg";

    public static OperationDescription Operation { get; } = new(
        "listInteractions", "Interactions", "A page of the interactions that a filter selects, with what is told of the whole list.")
    {
        Details =
            "Newest first unless it is sorted otherwise. `totals`, `unread` and `channel` are of the whole list, not of the page. In the "
            + "partner profile archived interactions are not there, and nothing is counted.\n\nWith `limit`, `after`, `before` or `at` "
            + "the answer is rows beside a cursor instead of a page: nothing is skipped or shown twice when others arrive meanwhile.",
        Query =
        [
            FilterParameters.Advertisers with
            {
                Rule = "One or more advertisers, at most 100. In the partner profile this or `global_master_campaign_id`.",
                IsRequired = false,
            },
            .. FilterParameters.All.Skip(1),
            new("page", "Which page, from 1. Past the last one the list is empty.",
                () => Schema.Whole(least: 1, most: int.MaxValue, usual: 1)),
            new("per_page", "How many on a page, 1 to 500. 25 where nothing is said; 100 for trusted tokens in the full profile.",
                () => Schema.Whole(least: 1, most: Paging.MaxPerPage, usual: 25)),
            SortParameters.By,
            SortParameters.Direction,
            new("fields", "`summary` leaves transcripts, `extra_fields` and notes out.", () => Schema.OneOf(null, "summary"), "summary"),
            new("limit", "How many rows beside a cursor, 1 to 500. Where nothing is said as many as `per_page` would be.",
                () => Schema.Whole(least: 1, most: Paging.MaxPerPage), 50),
            new("after", "The `next` of an earlier answer: the rows behind it. A cursor of another filter or order is 422.",
                () => Schema.Text(), Cursor),
            new("before", "The `previous` of an earlier answer: the rows before it.", () => Schema.Text(), Cursor),
            new("at", "An ISO 8601 time at which the rows begin. Not with `sort_by=important`.",
                () => Schema.Time(), "2022-02-18T00:00:00.000Z"),
        ],
        Headers = [CommonHeaders.IfNoneMatch],
        Answers =
        [
            new(200, "The page.",
                ContentDescription.Json(
                    () => Schema.Either(Schema.Ref(Page), Schema.Ref(CursorPage), Schema.Ref(PartnerPage)),
                    ("Full profile",
                        $$"""
                        {"contact_interactions": [{{InteractionExamples.Call}}, {{InteractionExamples.Chat}}],
                        "page": 1, "total_pages": 1, "per_page": 25, {{InteractionExamples.Counts}}}
                        """),
                    ("Beside a cursor",
                        $$"""
                        {"contact_interactions": [{{InteractionExamples.Chat}}], "next": "{{Cursor}}", "previous": "{{Cursor}}",
                        "has_more": true, {{InteractionExamples.Counts}}}
                        """),
                    ("Partner profile",
                        $$"""
                        {"contact_interactions": [{{InteractionExamples.PartnerCall}}], "page": 1, "total_pages": 1, "per_page": 25}
                        """)),
                "ETag", "Link", "Preference-Applied"),
            new(304, "Nothing has changed since `If-None-Match`.", null, "ETag"),
        ],
    };

    private static IEnumerable<(string Name, JsonObject Schema)> Place() =>
    [
        ("page", Schema.Whole("Which page this is.", least: 1)),
        ("total_pages", Schema.Whole("How many there are.", least: 1)),
        ("per_page", Schema.Whole("How many interactions a page has.", least: 1)),
    ];
}

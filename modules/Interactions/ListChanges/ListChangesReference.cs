using Lips.Interactions.Filter;
using Lips.Interactions.Serving;
using Lips.Kernel.Reference;

namespace Lips.Interactions.ListChanges;

/// <summary>What the reference says of the change feed.</summary>
internal static class ListChangesReference
{
    private const string Cursor = "Y2hhbmdlcyBVU0FfMSA3ZiA0MiAxMDAxIDA";

    public static NamedSchema Page { get; } = new("ChangePage", () => Schema.Object(
        "Some of an advertiser's changes.",
        ("contact_interactions", Schema.List(Schema.Ref(InteractionSchemas.Interaction), "The interactions as they are now.")),
        ("next", Schema.Text("The `since` of the next request. Opaque.")),
        ("has_more", Schema.Boolean("Whether there are more already."))));

    public static OperationDescription Operation { get; } = new(
        "listChanges", "Interactions", "An advertiser's interactions in the order of their last change, for connectors.")
    {
        Details =
            "Begin without `since`, or with `since=now`, and go on with the `next` of each answer. What is committed later comes behind "
            + "every cursor given out: nothing is skipped. An interaction that changes again comes again.",
        Query =
        [
            FilterParameters.Advertisers with { Rule = "Exactly one advertiser.", Schema = () => Schema.GlobalId(), Example = "USA_1" },
            new("since", "The `next` of an earlier answer, or `now`. Without it the feed begins at the beginning.",
                () => Schema.Text(), Cursor),
            new("limit", "How many, 1 to 500.", () => Schema.Whole(least: 1, most: 500, usual: 100)),
        ],
        Answers =
        [
            new(200, "The changes.",
                ContentDescription.Json(
                    () => Schema.Ref(Page),
                    ("One change",
                        $$"""{"contact_interactions": [{{InteractionExamples.Call}}], "next": "{{Cursor}}", "has_more": false}""")),
                "Preference-Applied"),
        ],
        Errors = [410],
    };
}

using Lips.Kernel.Reference;

namespace Lips.Interactions.ListAdvertisers;

/// <summary>What the reference says of the advertisers.</summary>
internal static class ListAdvertisersReference
{
    private const string Cursor = "YWR2ZXJ0aXNlcnMgVVNBXzE";

    public static NamedSchema Page { get; } = new("AdvertiserPage", () => Schema.Object(
        "Some of the advertisers.",
        ("advertisers", Schema.List(Schema.Object(
            null,
            ("global_master_advertiser_id", Schema.GlobalId("The advertiser.")),
            ("events", Schema.Count("Its interactions that are not archived.")),
            ("unread", Schema.Count("Those of them that are unread."))))),
        ("next", Schema.Text("The `after` of the next request; null at the end.").OrNull()),
        ("has_more", Schema.Boolean("Whether there are more."))));

    public static OperationDescription Operation { get; } = new(
        "listAdvertisers", "Numbers", "The token's advertisers that have interactions, with how many and how many unread.")
    {
        Query =
        [
            new("limit", "How many, 1 to 500.", () => Schema.Whole(least: 1, most: 500, usual: 100)),
            new("after", "The `next` of an earlier answer.", () => Schema.Text(), Cursor),
        ],
        Answers =
        [
            new(200, "The advertisers.",
                ContentDescription.Json(
                    () => Schema.Ref(Page),
                    ("One advertiser",
                        $$"""
                        {"advertisers": [{"global_master_advertiser_id": "USA_1", "events": 120, "unread": 7}], "next": "{{Cursor}}",
                        "has_more": true}
                        """)),
                "Preference-Applied"),
        ],
    };
}

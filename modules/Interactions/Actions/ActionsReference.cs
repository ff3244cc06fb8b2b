using Lips.Interactions.Record;
using Lips.Kernel.Reference;

namespace Lips.Interactions.Actions;

/// <summary>What the reference says of actions.</summary>
internal static class ActionsReference
{
    public static NamedSchema Action { get; } = new("InteractionAction", () => Schema.Object(
        null,
        ("action", Schema.Object(
            "What to do, and with which interactions: either `ids` or a `filter`.",
            ("type", Schema.OneOf("What is done.", "update", "archive", "unarchive")),
            ("set?", Schema.Object(
                "What an update sets: at least one.",
                ("read?", Schema.Boolean("Whether they are read.")),
                ("important?", Schema.Boolean("Whether they are important.")),
                ("notes?", Schema.Text("The notes; null for none.", NotesRule.MaxLength).OrNull())).OrNull()),
            ("ids?", Schema.List(Schema.Whole(least: 1), "The interactions.", least: 1, most: ActionRequest.Most).OrNull()),
            ("filter?", Schema.AnyObject(
                "The filters of `GET /contact_interactions`, by their names; several values as a list.").OrNull()),
            ("until?", Schema.Text(
                "With a filter: the `previous` of a list that it selected, newest first. What arrived since stays as it is.").OrNull())))));

    public static NamedSchema Done { get; } = new("InteractionActionDone", () => Schema.Object(
        null,
        ("action", Schema.Object(
            "What became of it.",
            ("matched", Schema.Count("How many interactions were meant.")),
            ("changed_ids", Schema.List(Schema.Whole(), "Those that really changed.")),
            ("not_found", Schema.List(Schema.Whole(), "The `ids` that are not there, or not for this token.")),
            ("has_more", Schema.Boolean("With a filter: whether more are left. Send it again then."))))));

    public static OperationDescription Operation { get; } = new(
        "changeInteractions", "Interactions", "Updates, archives or brings back many interactions at once.")
    {
        Details = "At most 500 a call, in one transaction. Made again it changes nothing.",
        Body = ContentDescription.Json(
            () => Schema.Ref(Action),
            ("By ids", """{"action": {"type": "update", "set": {"read": true}, "ids": [1001, 1002]}}"""),
            ("By a filter",
                """
                {"action": {"type": "archive", "filter": {"global_master_advertiser_id": "USA_1", "end_date": "2022-01-31"},
                "until": "bGlzdCBxMVpmIDYzNzgwNzUxNjgyMDAwMDAwMCAxMDAyIDEgMTAwMg"}}
                """)),
        Answers =
        [
            new(200, "It is done.",
                ContentDescription.Json(
                    () => Schema.Ref(Done),
                    ("One changed, one missing",
                        """{"action": {"matched": 1, "changed_ids": [1001], "not_found": [1002], "has_more": false}}""")),
                "Preference-Applied"),
        ],
    };
}

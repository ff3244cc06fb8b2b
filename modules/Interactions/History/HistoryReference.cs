using Lips.Kernel.Reference;

namespace Lips.Interactions.History;

/// <summary>What the reference says of a history.</summary>
internal static class HistoryReference
{
    private const string Cursor = "aGlzdG9yeSAxMDAxIDYzODAwIDE3";

    public static NamedSchema Page { get; } = new("HistoryPage", () => Schema.Object(
        "Some of an interaction's history.",
        ("history", Schema.List(Schema.Object(
            null,
            ("at", Schema.Time("When the change was made.")),
            ("action", Schema.Text("What was done, as the audit trail calls it.")),
            ("fields", Schema.List(Schema.Text(), "The names of the fields that have changed.")),
            ("token", Schema.Object(
                "The token that made it; null for somebody at the machine.",
                ("id", Schema.Whole("The token's id.")),
                ("name", Schema.Text("What it is called.").OrNull())).OrNull())))),
        ("next", Schema.Text("The `before` of the next request; null at the end.").OrNull()),
        ("has_more", Schema.Boolean("Whether there are more."))));

    public static OperationDescription Operation { get; } = new(
        "getHistory", "Interactions", "Who changed an interaction and when, the newest first.")
    {
        Path = [("id", "The interaction's id.")],
        Query =
        [
            new("limit", "How many, 1 to 500.", () => Schema.Whole(least: 1, most: 500, usual: 100)),
            new("before", "The `next` of an earlier answer.", () => Schema.Text(), Cursor),
        ],
        Answers =
        [
            new(200, "The changes.",
                ContentDescription.Json(
                    () => Schema.Ref(Page),
                    ("One change",
                        """
                        {"history": [{"at": "2026-06-01T08:00:00.000Z", "action": "update", "fields": ["read"],
                        "token": {"id": 3, "name": "ada"}}], "next": null, "has_more": false}
                        """)),
                "Preference-Applied"),
        ],
    };
}

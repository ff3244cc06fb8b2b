using System.Text.Json.Nodes;
using Lips.Audit.Contracts;
using Lips.Kernel.Reference;

namespace Lips.Audit.ListAudit;

/// <summary>What the reference says of the trail.</summary>
internal static class ListAuditReference
{
    private const string Cursor = "YXVkaXQgNjM4MDAgMTc";

    private static readonly string[] Actions = [.. AuditActionNames.All.Select(a => a.Name)];

    public static NamedSchema Entry { get; } = new("AuditEntry", () => Schema.Object(
        "A change.",
        ("id", Schema.Whole("The entry's id.")),
        ("at", Schema.Time("When it was made.")),
        ("token_id", Schema.Whole("The token that made it; null for somebody at the machine.").OrNull()),
        ("action", Schema.OneOf("What was done.", Actions)),
        ("global_master_advertiser_ids", Schema.List(Schema.GlobalId(), "The advertisers concerned that the caller may see.")),
        ("contact_interaction_id", Schema.Whole("The interaction, of a change of one.").OrNull()),
        ("first_contact_interaction_id", Schema.Whole("The least id of a batch.").OrNull()),
        ("last_contact_interaction_id", Schema.Whole("The greatest id of a batch.").OrNull()),
        ("count", Schema.Count("How many things have changed.")),
        ("fields", Schema.List(Schema.Text(), "The names of the fields that have changed.")),
        ("subject_token_id", Schema.Whole("The token that was made, changed or revoked.").OrNull()),
        ("address", Schema.Text("A keyed hash of the client's address.").OrNull())));

    public static NamedSchema Page { get; } = new("AuditPage", () => Schema.Object(
        "Some of the trail.",
        ("audit", Schema.List(Schema.Ref(Entry))),
        ("next", Schema.Text("The `before` of the next request; null at the end.").OrNull()),
        ("has_more", Schema.Boolean("Whether there are more."))));

    public static OperationDescription Operation { get; } = new("listAudit", "Audit", "Who changed what and when, newest first.")
    {
        Details = "A token of some advertisers sees what concerns those. Changes of tokens are for tokens of all advertisers.",
        Query =
        [
            new("global_master_advertiser_id", "Only what concerns these advertisers, at most 100. Required of tokens of more than 100.",
                () => Schema.List(Schema.GlobalId(), most: 100), new JsonArray("USA_1")),
            new("start_date", "Only what was done at this time or later: `YYYY-MM-DD`, or an ISO 8601 time.",
                () => Schema.Text(), "2026-06-01"),
            new("end_date", "Only what was done at this time or before: `YYYY-MM-DD` (the whole UTC day), or an ISO 8601 time.",
                () => Schema.Text(), "2026-06-30"),
            new("before", "The `next` of an earlier answer.", () => Schema.Text(), Cursor),
            new("token_id", "Only what this token did.", () => Schema.Whole(least: 0), 7),
            new("contact_interaction_id", "Only what was done to this interaction.", () => Schema.Whole(least: 0), 1001),
            new("action", "Only these actions.", () => Schema.List(Schema.OneOf(null, Actions)), new JsonArray("update")),
            new("limit", "How many, 1 to 500.", () => Schema.Whole(least: 1, most: 500, usual: 100)),
        ],
        Answers =
        [
            new(200, "The entries.",
                ContentDescription.Json(
                    () => Schema.Ref(Page),
                    ("One entry",
                        $$"""
                        {"audit": [{"id": 17, "at": "2026-06-01T08:00:00.000Z", "token_id": 7, "action": "update",
                        "global_master_advertiser_ids": ["USA_1"], "contact_interaction_id": 1001, "first_contact_interaction_id": null,
                        "last_contact_interaction_id": null, "count": 1, "fields": ["read"], "subject_token_id": null,
                        "address": "9f86d081884c7d65"}], "next": "{{Cursor}}", "has_more": true}
                        """)),
                "Preference-Applied"),
        ],
    };
}

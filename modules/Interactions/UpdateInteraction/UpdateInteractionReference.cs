using Lips.Interactions.Record;
using Lips.Interactions.Serving;
using Lips.Kernel.Reference;

namespace Lips.Interactions.UpdateInteraction;

/// <summary>What the reference says of an update.</summary>
internal static class UpdateInteractionReference
{
    public static NamedSchema Change { get; } = new("InteractionChange", () => Schema.Object(
        null,
        ("contact_interaction", Schema.Object(
            "What is to change: at least one. What is not there stays as it is.",
            ("read?", Schema.Boolean("Whether it is read.")),
            ("important?", Schema.Boolean("Whether it is important.")),
            ("notes?", Schema.Text("The notes; null for none.", NotesRule.MaxLength).OrNull())))));

    public static NamedSchema Updated { get; } = new("InteractionUpdated", () => Schema.Object(
        null, ("contact_interaction", Schema.OneOf(null, "successfully updated!"))));

    public static OperationDescription Operation { get; } = new(
        "updateInteraction", "Interactions", "Marks an interaction as read or important, or sets its notes.")
    {
        Details = "`PUT` and `PATCH` do the same. Nothing is changed when anything is invalid.",
        Path = [("id", "The interaction's id.")],
        Headers =
        [
            CommonHeaders.IfMatch,
            CommonHeaders.Prefer with
            {
                Rule = "`return=representation`: the answer is the interaction. " + CommonHeaders.Prefer.Rule,
                Example = "return=representation",
            },
        ],
        Body = ContentDescription.Json(
            () => Schema.Ref(Change),
            ("All three", """{"contact_interaction": {"important": false, "read": true, "notes": "some notes"}}""")),
        Answers =
        [
            new(200, "It is changed, or was so already.",
                ContentDescription.Json(
                    () => Schema.Either(Schema.Ref(Updated), Schema.Ref(InteractionSchemas.Interaction)),
                    ("Changed", """{"contact_interaction": "successfully updated!"}"""),
                    ("With Prefer: return=representation", InteractionExamples.Call)),
                "ETag", "Preference-Applied"),
        ],
        Errors = [412],
    };
}

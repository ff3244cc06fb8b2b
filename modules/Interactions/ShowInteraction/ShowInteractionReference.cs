using Lips.Interactions.Serving;
using Lips.Kernel.Reference;

namespace Lips.Interactions.ShowInteraction;

/// <summary>What the reference says of one interaction.</summary>
internal static class ShowInteractionReference
{
    public static OperationDescription Operation { get; } = new("getInteraction", "Interactions", "One interaction, archived or not.")
    {
        Details = "The object itself. In the partner profile archived interactions are not there.",
        Path = [("id", "The interaction's id.")],
        Headers = [CommonHeaders.IfNoneMatch],
        Answers =
        [
            new(200, "The interaction.",
                ContentDescription.Json(
                    InteractionSchemas.InEitherProfile,
                    ("Full profile", InteractionExamples.Call), ("Partner profile", InteractionExamples.PartnerCall)),
                "ETag"),
            new(304, "Nothing has changed since `If-None-Match`.", null, "ETag"),
        ],
    };
}

using Lips.Interactions.Filter;
using Lips.Interactions.Serving;
using Lips.Kernel.Reference;

namespace Lips.Interactions.StreamTotals;

/// <summary>What the reference says of the stream of totals.</summary>
internal static class StreamTotalsReference
{
    public static OperationDescription Operation { get; } = new(
        "streamTotals", "Numbers", "The totals at once and after every change, as server-sent events.")
    {
        Details =
            "Each event is called `totals`, and its data is the body of `GET /contact_interactions/totals`. At most four events a second; "
            + "a comment every 15 seconds. The stream ends when the token does, or the node stops: then connect again.",
        Query = FilterParameters.All,
        Answers =
        [
            new(200, "The stream.", new ContentDescription(
                "text/event-stream",
                () => Schema.Ref(InteractionSchemas.Totals),
                ("The first event and a comment",
                    $"retry: 2000\nevent: totals\ndata: {InteractionExamples.Totals.ReplaceLineEndings("")}\n\n: still here\n\n")),
                "Preference-Applied"),
        ],
    };
}

using Lips.Interactions.Filter;
using Lips.Interactions.Serving;
using Lips.Kernel.Reference;

namespace Lips.Interactions.Totals;

/// <summary>What the reference says of the totals.</summary>
internal static class TotalsReference
{
    public static OperationDescription Operation { get; } = new(
        "getTotals", "Numbers", "How many interactions a filter selects, and how many of them are unread.")
    {
        Details = "For dashboards that poll: with `If-None-Match` nothing is counted while nothing has changed.",
        Query = FilterParameters.All,
        Headers = [CommonHeaders.IfNoneMatch],
        Answers =
        [
            new(200, "The counts.",
                ContentDescription.Json(() => Schema.Ref(InteractionSchemas.Totals), ("Counts", InteractionExamples.Totals)),
                "ETag", "Preference-Applied"),
            new(304, "Nothing has changed since `If-None-Match`.", null, "ETag"),
        ],
    };
}

using System.Text.Json.Nodes;
using Lips.Kernel.Reference;

namespace Lips.Interactions.Listing;

/// <summary>The order of a list, for the reference.</summary>
internal static class SortParameters
{
    public static ParameterDescription By { get; } = new(
        "sort_by", "By what to sort. After `important`: newest first. Without it and `sort_dir`: newest first.",
        () => Schema.OneOf(null, "important", "occurred_at").Usually("occurred_at"));

    public static ParameterDescription Direction { get; } = new(
        "sort_dir", "In which direction. `asc` where only `sort_by` is given.",
        () => Schema.OneOf(null, "asc", "desc"), JsonValue.Create("desc"));
}

using FastEndpoints;
using Xunit;

namespace Lips.Architecture.Tests;

/// <summary>
/// A slice is a folder of Interactions that holds an endpoint. It does not reach into another; what two need is in a folder without one.
/// </summary>
public sealed class SliceTests
{
    private const string Module = "Lips.Interactions";

    [Fact]
    public void The_slices_are_found() => Assert.Superset(
        new HashSet<string> { "Archive", "Ingest", "ListInteractions", "ShowInteraction", "StreamTotals", "Totals", "Unarchive", "UpdateInteraction" },
        SlicesOf(Product.TypesOf("Interactions")).Select(slice => slice[(Module.Length + 1)..]).ToHashSet());

    [Fact]
    public void Nothing_but_the_module_class_reaches_into_a_slice() => Assert.Empty(ReachesIntoASlice(Product.TypesOf("Interactions")));

    [Fact]
    public void What_reaches_into_a_slice_is_found()
    {
        Type[] types =
        [
            typeof(Interactions.SliceOne.FirstEndpoint),
            typeof(Interactions.SliceTwo.SecondEndpoint),
            typeof(Interactions.SharedByBoth.Helper),
        ];

        Assert.Equal(
            [
                "Lips.Interactions.SliceOne.FirstEndpoint reaches into Lips.Interactions.SliceTwo.SecondEndpoint",
                "Lips.Interactions.SharedByBoth.Helper reaches into Lips.Interactions.SliceTwo.SecondEndpoint",
            ],
            ReachesIntoASlice(types));
    }

    private static HashSet<string> SlicesOf(IEnumerable<Type> types) =>
        types.Where(t => t.IsAssignableTo(typeof(IEndpoint)) && t.Namespace != Module).Select(t => t.Namespace!)
            .ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<string> ReachesIntoASlice(IEnumerable<Type> types)
    {
        var all = types.ToList();
        var slices = SlicesOf(all);
        return
            from type in all
            where type.Namespace != Module
            from used in CodeReader.TypesUsedBy(type)
            where used.Namespace is { } other && slices.Contains(other) && other != type.Namespace
            select $"{type.FullName} reaches into {used.FullName}";
    }
}

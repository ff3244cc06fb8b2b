using System.Diagnostics.CodeAnalysis;

namespace Lips.Interactions.Listing;

/// <summary>
/// The anchors of a node, within a budget of memory; those asked for the longest ago go first. They are valid for as long as their mark
/// says.
/// </summary>
/// <param name="budget">In bytes.</param>
internal sealed class AnchorCache(long budget)
{
    // A day of 18,000 rows has 6 kB of anchors: some 2,500 such days.
    private const long Budget = 16L << 20;

    private readonly Lock guard = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, Anchors Anchors)>> held = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Key, Anchors Anchors)> byUse = new();

    public AnchorCache()
        : this(Budget)
    {
    }

    /// <summary>The memory that they take, about.</summary>
    public long Bytes { get; private set; }

    public bool TryFind(string key, [NotNullWhen(true)] out Anchors? anchors)
    {
        lock (guard)
        {
            anchors = null;
            if (!held.TryGetValue(key, out var node))
                return false;
            byUse.Remove(node);
            byUse.AddFirst(node);
            anchors = node.Value.Anchors;
            return true;
        }
    }

    public void Keep(string key, Anchors anchors)
    {
        lock (guard)
        {
            if (held.TryGetValue(key, out var old))
                Drop(old);
            held.Add(key, byUse.AddFirst((key, anchors)));
            Bytes += SizeOf(key, anchors);
            while (Bytes > budget)
                Drop(byUse.Last!);
        }
    }

    private void Drop(LinkedListNode<(string Key, Anchors Anchors)> node)
    {
        held.Remove(node.Value.Key);
        byUse.Remove(node);
        Bytes -= SizeOf(node.Value.Key, node.Value.Anchors);
    }

    private static long SizeOf(string key, Anchors anchors) => 300 + (2L * key.Length) + anchors.Bytes;
}

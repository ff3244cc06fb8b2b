using System.Collections.Concurrent;

namespace Lips.Counters.Cube;

/// <summary>The cubes of a node, within a budget of memory; the one asked for the longest ago goes first.</summary>
/// <param name="budget">In bytes.</param>
internal sealed class CubeStore(long budget)
{
    private readonly ConcurrentDictionary<long, Held> cubes = [];
    private long bytes;

    /// <summary>The memory that the cubes take, about.</summary>
    public long Bytes => Volatile.Read(ref bytes);

    /// <summary>The advertiser's cube, made empty when none is held.</summary>
    public AdvertiserCube FindOrAdd(long advertiser)
    {
        var held = cubes.GetOrAdd(advertiser, static id => new Held(id));
        held.LastAsked = Environment.TickCount64;
        return held.Cube;
    }

    /// <summary>The advertiser's cube; null when none is held.</summary>
    public AdvertiserCube? Find(long advertiser)
    {
        if (!cubes.TryGetValue(advertiser, out var held))
            return null;
        held.LastAsked = Environment.TickCount64;
        return held.Cube;
    }

    /// <summary>Takes note of a cube's size after it changed, and makes room.</summary>
    public void Resized(long advertiser)
    {
        if (!cubes.TryGetValue(advertiser, out var held))
            return;
        lock (held)
        {
            // Dropped meanwhile: nobody would take its size off again.
            if (held.IsDropped)
                return;
            var size = held.Cube.Bytes;
            Interlocked.Add(ref bytes, size - held.Bytes);
            held.Bytes = size;
        }

        if (Bytes <= budget)
            return;
        // Down to nine tenths, so that the next one does not have to look again.
        foreach (var (id, _) in cubes.Where(c => c.Key != advertiser).OrderBy(c => c.Value.LastAsked).ToList())
        {
            if (Bytes <= budget * 9 / 10)
                return;
            Drop(id);
        }
    }

    /// <summary>Forgets a cube. Who reads it at the moment reads on undisturbed.</summary>
    public void Drop(long advertiser)
    {
        if (!cubes.TryRemove(advertiser, out var held))
            return;
        lock (held)
        {
            held.IsDropped = true;
            Interlocked.Add(ref bytes, -held.Bytes);
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        foreach (var advertiser in cubes.Keys)
            Drop(advertiser);
    }

    private sealed class Held(long advertiser)
    {
        public AdvertiserCube Cube { get; } = new(advertiser);

        public long Bytes { get; set; }

        public bool IsDropped { get; set; }

        public long LastAsked { get; set; }
    }
}

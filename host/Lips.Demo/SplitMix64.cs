namespace Lips.Demo;

/// <summary>
/// Steele, Lea and Flood's SplitMix64. Written out because the algorithm behind <see cref="Random"/> may change between
/// releases, and the demo data must not; integers only, because the platforms' floating-point functions differ.
/// </summary>
internal sealed class SplitMix64(ulong seed)
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;

    private ulong _state = seed;

    public ulong Next() => Mix(_state += Gamma);

    /// <summary>
    /// A number from 0 to <paramref name="bound"/> − 1. The bias is at most bound ÷ 2³²: nothing at the bounds used here.
    /// </summary>
    public int Below(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    /// <summary>A number from <paramref name="first"/> to <paramref name="last"/>, both included.</summary>
    public int Between(int first, int last) => first + Below(last - first + 1);

    /// <summary>True in <paramref name="perMille"/> of 1,000 cases.</summary>
    public bool Chance(int perMille) => Below(1000) < perMille;

    public T Pick<T>(IReadOnlyList<T> values) => values[Below(values.Count)];

    /// <summary>A number for the <paramref name="index"/>th of something, without drawing the ones before it.</summary>
    public static ulong At(ulong seed, ulong index) => Mix(Mix(seed ^ (index * Gamma)) + Gamma);

    /// <summary>FNV-1a: a seed from a name. <c>string.GetHashCode</c> differs between processes.</summary>
    public static ulong Seed(string name)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var character in name)
            hash = (hash ^ character) * 0x100000001B3;
        return hash;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

/// <summary>Values with integer weights.</summary>
internal sealed class Weighted<T>(params (T Value, int Weight)[] entries)
{
    private readonly int _total = entries.Sum(entry => entry.Weight);

    public IEnumerable<T> Values => entries.Select(entry => entry.Value);

    public T Pick(SplitMix64 random)
    {
        var at = random.Below(_total);
        foreach (var (value, weight) in entries)
        {
            if (at < weight)
                return value;
            at -= weight;
        }

        throw new InvalidOperationException("The weights do not add up.");
    }
}

namespace Lips.Host.Tests.Fuzz;

/// <summary>The chances of one request: the same for the same seed and number, whatever ran before and beside it.</summary>
internal sealed class Draw(int seed, int number)
{
    // The algorithm of a seeded Random does not change between releases.
    private readonly Random random = new(unchecked((seed * 1_000_003) + number));

    public int Below(int bound) => random.Next(bound);

    public int Between(int first, int last) => random.Next(first, last + 1);

    public bool Chance(int percent) => random.Next(100) < percent;

    public T Of<T>(params ReadOnlySpan<T> values) => values[random.Next(values.Length)];

    public T Pick<T>(IReadOnlyList<T> values) => values[random.Next(values.Count)];

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}

namespace Lips.Counters.Tests.Grains;

/// <summary>A machine's two clocks, which go on only as a test says: a suspended machine stops one of them.</summary>
internal sealed class TestClock : TimeProvider
{
    private long monotonic = TimeSpan.FromDays(1).Ticks;
    private long wall = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref monotonic);

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref wall), TimeSpan.Zero);

    public void Advance(double seconds) => Advance(seconds, seconds);

    public void Advance(double monotonicSeconds, double wallSeconds)
    {
        Interlocked.Add(ref monotonic, TimeSpan.FromSeconds(monotonicSeconds).Ticks);
        Interlocked.Add(ref wall, TimeSpan.FromSeconds(wallSeconds).Ticks);
    }
}

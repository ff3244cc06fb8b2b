using Lips.Counters.Cube;
using Npgsql;

namespace Lips.Counters.Contracts;

/// <summary>
/// Waits for one reading of the counters, and goes on where it is told of it: without a task, which for who polls thousands of times a second would cost more than the reading. What goes
/// on must not block, since others who wait for the same query are told after it.
/// </summary>
/// <param name="advertisers">Whose counters, as <see cref="Lips.Kernel.GlobalId.Value"/>; not changed while it waits.</param>
public abstract class LiveReader(long[] advertisers)
{
    private readonly long since = Environment.TickCount64;
    private int isTold;

    internal long[] Advertisers { get; } = advertisers;

    /// <summary>The counters of the advertisers, in their order, once they were looked for.</summary>
    internal AdvertiserCube?[] Cubes { get; } = new AdvertiserCube?[advertisers.Length];

    internal TimeSpan Waited => TimeSpan.FromMilliseconds(Environment.TickCount64 - since);

    /// <summary>How long it waits at most, if that is less than others wait; looked at once a second.</summary>
    protected internal virtual TimeSpan Patience => TimeSpan.MaxValue;

    /// <summary>Goes on. What it throws is told to <see cref="OnFailure"/>.</summary>
    /// <param name="reading">Reflects every change that was acknowledged, by any node, before it began to wait.</param>
    protected abstract void OnReading(LiveReading reading);

    /// <summary>Goes on without an answer. Throws nothing.</summary>
    /// <param name="failure">Why: <see cref="NpgsqlException"/> when the database did not answer, or not in time.</param>
    protected abstract void OnFailure(Exception failure);

    internal void Tell(LiveReading reading)
    {
        if (Interlocked.Exchange(ref isTold, 1) != 0)
            return;
        try
        {
            OnReading(reading);
        }
        catch (Exception e)
        {
            OnFailure(e);
        }
    }

    internal void Fail(Exception failure)
    {
        if (Interlocked.Exchange(ref isTold, 1) == 0)
            OnFailure(failure);
    }
}

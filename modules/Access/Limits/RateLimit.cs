using System.Globalization;
using System.Threading.RateLimiting;

namespace Lips.Access.Limits;

/// <summary>So many requests a second, and so many at once after a pause.</summary>
/// <param name="PerSecond">How many units come back in a second; evenly, not all at its end.</param>
/// <param name="Burst">How many there are at most.</param>
internal sealed record RateLimit(double PerSecond, int Burst)
{
    /// <summary>In how many whole seconds at most there is another unit.</summary>
    public int SecondsToNext { get; } = (int)Math.Ceiling(1 / PerSecond);

    /// <summary>
    /// The value of <c>RateLimit-Policy</c> (draft-ietf-httpapi-ratelimit-headers-10, section 3). A bucket has no window; the quota is what
    /// it holds, and the window the time in which it fills, so that a client that paces itself by the two is never refused.
    /// </summary>
    public string Policy { get; } = string.Create(
        CultureInfo.InvariantCulture, $"\"token\";q={Burst};w={(long)Math.Ceiling(Burst / PerSecond)}");

    /// <summary>The value of <c>RateLimit</c> (section 4 of the draft).</summary>
    public string Left(int units) => string.Create(CultureInfo.InvariantCulture, $"\"token\";r={units};t={SecondsToNext}");
}

/// <summary>
/// A token bucket that fills while nobody looks. The limiter of .NET is told to replenish by who takes from it, so it has no timer, and
/// needs no disposal: hundreds of thousands of buckets cost their memory and nothing else.
/// </summary>
internal sealed class Bucket(RateLimit limit)
{
    private readonly TokenBucketRateLimiter limiter = new(new TokenBucketRateLimiterOptions
    {
        AutoReplenishment = false,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1 / limit.PerSecond),
        TokensPerPeriod = 1,
        TokenLimit = limit.Burst,
        QueueLimit = 0,
    });

    /// <summary>How many units are left.</summary>
    public int Left
    {
        get
        {
            limiter.TryReplenish();
            return (int)limiter.GetStatistics()!.CurrentAvailablePermits;
        }
    }

    /// <summary>Whether it is as full as a new one, which can take its place then.</summary>
    public bool IsFull => Left == limit.Burst;

    /// <summary>Takes a unit; false when none is left.</summary>
    public bool TryTake()
    {
        limiter.TryReplenish();
        using var lease = limiter.AttemptAcquire();
        return lease.IsAcquired;
    }
}

using System.Collections.Concurrent;

namespace Lips.Counters.Grains;

/// <summary>
/// Advertisers whose grain does not answer, because its silo died, is frozen or is cut off. Until it does, this node reads their counters
/// itself: it keeps the cells, and asks the database for newer ones with each read (rule `fresh-query`).
/// </summary>
/// <param name="silo">The holds of this silo.</param>
internal sealed class Visits(SiloHolds silo)
{
    // In milliseconds: how long the grain is not called again, and how long cells that nobody asks for are kept.
    private const int BetweenCalls = 1_000;
    private const int Kept = 10_000;

    private readonly ConcurrentDictionary<long, Visit> visits = [];

    /// <summary>The cells that are kept of an advertiser; null for none.</summary>
    public AdvertiserHold? Find(long advertiser) => visits.GetValueOrDefault(advertiser)?.Hold;

    /// <summary>Whether the advertiser's grain is to be called: always, or while it does not answer by one request a second.</summary>
    public bool MayCall(long advertiser) => visits.GetValueOrDefault(advertiser)?.MayCall() ?? true;

    /// <summary>Reads the counters of an advertiser.</summary>
    /// <exception cref="Npgsql.NpgsqlException">The database did not answer.</exception>
    public async Task<AdvertiserHold.Held> ReadAsync(long advertiser)
    {
        while (true)
        {
            var visit = visits.GetOrAdd(advertiser, _ => Begin(advertiser));
            if (await visit.Hold.ReadAsync() is { } held)
                return held;
            // Another history of the database. Not one that another request has begun meanwhile.
            End(advertiser, visit);
        }
    }

    /// <summary>The grain answers again.</summary>
    public void End(long advertiser)
    {
        if (visits.TryGetValue(advertiser, out var visit))
            End(advertiser, visit);
    }

    private void End(long advertiser, Visit visit)
    {
        visits.TryRemove(KeyValuePair.Create(advertiser, visit));
        silo.End(visit.Hold);
    }

    private Visit Begin(long advertiser)
    {
        foreach (var (other, visit) in visits)
        {
            if (Environment.TickCount64 - visit.Hold.AskedAt > Kept)
                End(other, visit);
        }

        return new Visit(new AdvertiserHold(advertiser, silo, isVisit: true));
    }

    private sealed class Visit(AdvertiserHold hold)
    {
        private long callAt = Environment.TickCount64 + BetweenCalls;

        public AdvertiserHold Hold => hold;

        public bool MayCall()
        {
            var (at, now) = (Volatile.Read(ref callAt), Environment.TickCount64);
            return at <= now && Interlocked.CompareExchange(ref callAt, now + BetweenCalls, at) == at;
        }
    }
}

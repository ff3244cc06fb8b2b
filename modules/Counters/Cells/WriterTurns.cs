using Npgsql;

namespace Lips.Counters.Cells;

/// <summary>
/// Which of the node's writers wait in the database for an advertiser's lock. Each does so on a connection of the pool, so they are few;
/// the others wait here, where it costs nothing. An advertiser that somebody holds for long (a rebuild, a batch of another node) then
/// leaves connections for everybody else.
/// </summary>
internal sealed class WriterTurns
{
    // While one commits, another's wish for the lock is there already.
    private const int AtOnce = 2;

    // As long as the database is waited for.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock guard = new();
    private readonly Dictionary<long, Turn> turns = [];

    /// <summary>Waits until all advertisers may be asked for.</summary>
    /// <param name="advertisers">Each once and ascending: in one order for everybody, so that no two wait for each other.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>To be disposed of when the locks are given back.</returns>
    /// <exception cref="NpgsqlException">An advertiser was locked for too long.</exception>
    public async Task<IDisposable> TakeAsync(long[] advertisers, CancellationToken cancellation)
    {
        var taken = new Taken(this, advertisers.Length);
        try
        {
            foreach (var advertiser in advertisers)
            {
                var turn = Join(advertiser);
                if (!await WaitAsync(turn, cancellation))
                    throw new NpgsqlException("An advertiser was locked for too long.", new TimeoutException());
                taken.Add(turn);
            }

            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    private Turn Join(long advertiser)
    {
        lock (guard)
        {
            if (!turns.TryGetValue(advertiser, out var turn))
                turns.Add(advertiser, turn = new Turn(advertiser));
            turn.Writers++;
            return turn;
        }
    }

    private async ValueTask<bool> WaitAsync(Turn turn, CancellationToken cancellation)
    {
        var isTaken = false;
        try
        {
            return isTaken = await turn.Free.WaitAsync(Patience, cancellation);
        }
        finally
        {
            if (!isTaken)
                Leave(turn);
        }
    }

    private void Leave(Turn turn)
    {
        lock (guard)
        {
            if (--turn.Writers == 0)
                turns.Remove(turn.Advertiser);
        }
    }

    private sealed class Turn(long advertiser)
    {
        public long Advertiser => advertiser;

        public SemaphoreSlim Free { get; } = new(AtOnce);

        /// <summary>Those that have a turn or wait for one.</summary>
        public int Writers { get; set; }
    }

    private sealed class Taken(WriterTurns owner, int count) : IDisposable
    {
        private readonly List<Turn> taken = new(count);

        public void Add(Turn turn) => taken.Add(turn);

        public void Dispose()
        {
            foreach (var turn in taken)
            {
                turn.Free.Release();
                owner.Leave(turn);
            }
        }
    }
}

using System.Diagnostics.CodeAnalysis;
using Lips.Counters.Cells;
using Lips.Counters.Cube;

namespace Lips.Counters.Grains;

/// <summary>
/// One activation's hold of an advertiser's counters: what it has in memory, and how far that may be trusted. The rules are those of
/// build/decisions/0018-lease.md, by their names there. Readers take a snapshot without a lock; what changes is changed under one.
/// </summary>
/// <param name="advertiser">Whose counters.</param>
/// <param name="silo">The holds of the silo, whose lease this is under.</param>
/// <param name="checkpoint">Where a large one's cells are put away; null for nowhere.</param>
/// <param name="isVisit">Whether it is never taken: each read of it asks the database.</param>
internal sealed class AdvertiserHold(
    long advertiser, SiloHolds silo, AdvertiserCheckpoint? checkpoint = null, bool isVisit = false)
{
    // How soon a hold that a writer's lock kept back is tried again.
    private static readonly TimeSpan BetweenTakes = TimeSpan.FromSeconds(1);

    private readonly Lock guard = new();
    private volatile Held? held;
    private volatile bool isTaken;
    private volatile bool isGone;
    private long floor;
    private long settlesAt;
    private Task<bool>? taking;
    private long takenAt;
    private Task? asking;
    private Task? nextAsking;
    private long counted;

    /// <summary>Whose counters.</summary>
    public long Advertiser => advertiser;

    /// <summary>What names it in the database; no other one ever has the same.</summary>
    public long Id { get; } = Random.Shared.NextInt64(1, long.MaxValue);

    /// <summary>When it began: no row that ends it is older.</summary>
    public SiloTime Began { get; } = silo.Now;

    /// <summary>The history that it is of; null while it loads.</summary>
    public string? Epoch => held?.Epoch;

    /// <summary>Whether it was revoked, lost or given back: it never serves again.</summary>
    public bool IsGone => isGone;

    /// <summary>The newest version that it knows or was told of.</summary>
    public long NewestVersion => Math.Max(held?.Cube.Version ?? 0, Volatile.Read(ref floor));

    /// <summary>When it was asked for the last time, in milliseconds of <see cref="Environment.TickCount64"/>.</summary>
    public long AskedAt { get; set; } = Environment.TickCount64;

    /// <summary>The memory that it takes, about.</summary>
    public long Bytes => 400 + (held?.Cube.Bytes ?? 0);

    /// <summary>How many cells it has in memory.</summary>
    public int Cells => held?.Cube.Count ?? 0;

    /// <summary>Counts it with so many bytes in the silo's sum from now on.</summary>
    /// <returns>What that adds to the sum.</returns>
    public long Recount(long now) => now - Interlocked.Exchange(ref counted, now);

    /// <summary>
    /// What a read may take from memory: rules `floor`, `epoch`, `lease-start`, `wall`. No I/O, no lock.
    /// </summary>
    public bool TryServe([NotNullWhen(true)] out Held? served)
    {
        served = held;
        return served is not null && isTaken && !isGone && served.Cube.Version >= Volatile.Read(ref floor) && silo.MayServe(served.Epoch);
    }

    /// <summary>
    /// What a read may be answered with; asks the database where memory does not serve.
    /// </summary>
    /// <returns>Null when the hold is gone.</returns>
    /// <exception cref="Npgsql.NpgsqlException">The database did not answer.</exception>
    public async ValueTask<Held?> ReadAsync()
    {
        AskedAt = Environment.TickCount64;
        if (TryServe(out var served))
            return served;
        if (isGone)
            return null;
        // A load that begins with this read is as good as a query that is sent after it.
        if (!await HasLoadedAsync())
        {
            if (TryServe(out served))
                return served;
            await AskAsync();
        }

        return isGone ? null : held;
    }

    /// <summary>What is held of a version, the present or an earlier one; null when it is not known.</summary>
    public AdvertiserCube? At(long version) => isGone ? null : held?.Cube.At(version);

    /// <summary>Takes note of a version that was committed: memory below it is not served any more. Rule `floor`.</summary>
    public void Raise(long version)
    {
        for (var last = Volatile.Read(ref floor); last < version && silo.Rules.Floor;)
        {
            var found = Interlocked.CompareExchange(ref floor, version, last);
            if (found == last)
                break;
            last = found;
        }
    }

    /// <summary>
    /// Takes note of a commit, also while it loads. What comes out of turn is left to the next read.
    /// </summary>
    /// <returns>How long the writer must wait: rule `wait-take`. Null when the hold is gone.</returns>
    public async ValueTask<TimeSpan?> ChangedAsync(long version, CellChange[]? changes)
    {
        Raise(version);
        // How long it must wait is not known before it has loaded.
        if (!isTaken && taking is { } loading)
            await ((Task)loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (isGone || !isTaken)
            return null;
        lock (guard)
        {
            if (changes is not null && held is { } before && before.Cube.Version == version - 1)
                Set(before with { Cube = before.Cube.With(version, changes) });
        }

        return silo.Until(Volatile.Read(ref settlesAt));
    }

    /// <summary>Stops serving, for good.</summary>
    public void End() => isGone = true;

    /// <summary>
    /// Puts the cells away, after it stopped serving. However it ended, they are those of its version.
    /// </summary>
    public Task KeepAsync(CancellationToken cancellation) =>
        held is { } last && checkpoint is not null ? checkpoint.WriteAsync(last, cancellation) : Task.CompletedTask;

    /// <summary>Whether whoever had the hold before can no longer serve.</summary>
    public bool IsSettled => silo.Until(Volatile.Read(ref settlesAt)) == TimeSpan.Zero;

    /// <summary>Waits until whoever had the hold before can no longer serve: rule `settled`.</summary>
    public Task SettledAsync() => Task.Delay(silo.Until(Volatile.Read(ref settlesAt)));

    /// <summary>Takes the hold, or shares the wait for that.</summary>
    /// <returns>Whether this very call has begun a load that has read the cells.</returns>
    private async Task<bool> HasLoadedAsync()
    {
        Task<bool> load;
        bool isOwn;
        lock (guard)
        {
            if (isVisit || isTaken || isGone || (taking is null && held is not null && silo.Until(takenAt) > TimeSpan.Zero))
                return false;
            isOwn = taking is null;
            load = taking ??= TakeAsync();
        }

        return await load && isOwn;
    }

    /// <returns>Whether the cells were read: not while a writer keeps the advertiser locked for long.</returns>
    private async Task<bool> TakeAsync()
    {
        await Task.Yield();
        try
        {
            var known = held?.Cube.Version ?? -1;
            // Before the take, which writers wait for. Whether it fits is seen there.
            var kept = known < 0 && checkpoint is not null ? await checkpoint.ReadAsync() : null;
            var reading = await silo.Tables.TakeAsync(advertiser, Id, kept?.Cube.Version ?? known, kept?.Epoch);
            lock (guard)
            {
                if (reading is null)
                {
                    takenAt = silo.After(BetweenTakes);
                    return false;
                }

                if (reading.TookOver && silo.Rules.WaitTake)
                    Volatile.Write(ref settlesAt, silo.After(LeaseTimes.Over));
                Apply(reading, known, kept);
                isTaken = true;
                return true;
            }
        }
        catch
        {
            // It may be taken all the same: another attempt has another id.
            isGone = true;
            throw;
        }
        finally
        {
            lock (guard)
                taking = null;
        }
    }

    /// <summary>Asks the database, or shares a query that is sent after this call: rule `fresh-query`.</summary>
    private Task AskAsync()
    {
        lock (guard)
        {
            if (asking is null)
                return asking = QueryAsync(null);
            if (!silo.Rules.FreshQuery)
                return asking;
            return nextAsking ??= QueryAsync(asking);
        }
    }

    private async Task QueryAsync(Task? before)
    {
        if (before is null)
            await Task.Yield();
        else
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (guard)
        {
            // From here on it is too late to join.
            if (before is not null)
                (asking, nextAsking) = (nextAsking, null);
        }

        try
        {
            var known = held?.Cube.Version ?? -1;
            var reading = await silo.Tables.NewerAsync(advertiser, known);
            lock (guard)
                Apply(reading, known);
        }
        finally
        {
            lock (guard)
            {
                if (nextAsking is null)
                    asking = null;
            }
        }
    }

    private void Apply(HoldReading reading, long known, Held? kept = null)
    {
        if (held is { } last && (reading.Epoch != last.Epoch || reading.Version < known))
        {
            // Another history of the database: rule `epoch`. Or rows were put back by hand.
            isGone = true;
            return;
        }

        // A query may have been answered during the take.
        var before = kept is not null && reading.Since == kept.Cube.Version && !(held?.Cube.Version >= reading.Since) ? kept : held;
        if (before is null)
            Set(new Held(silo.Intern(reading.Epoch), AdvertiserCube.Of(reading.Version, reading.Cells)));
        else if (before == kept || reading.Version > before.Cube.Version)
            Set(new Held(
                silo.Intern(reading.Epoch), before.Cube.With(reading.Version, before.Cube.DifferencesTo(reading.Cells))));
    }

    private void Set(Held now)
    {
        held = now;
        silo.Resized(this);
    }

    /// <summary>Cells in memory, and the history that they are of.</summary>
    internal sealed record Held(string Epoch, AdvertiserCube Cube);
}

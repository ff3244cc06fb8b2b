using Lips.Audit.Contracts;
using Lips.Counters.Contracts;
using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Interactions.Writing;

/// <summary>What became of a change.</summary>
internal enum ChangeOutcome
{
    /// <summary>There is no such interaction, or none of the caller's: the two are answered alike.</summary>
    NotFound,

    /// <summary>The interaction is not in the state that If-Match names.</summary>
    PreconditionFailed,

    /// <summary>It is committed. Nothing was written where the interaction was so already.</summary>
    Applied,
}

/// <summary>
/// Commits changes of single interactions in batches: round trips, statements and the wait for the disk are a transaction's, so thirty
/// changes in one cost little more than one alone. The transaction looks up whose the interactions are.
/// </summary>
/// <remarks>
/// A batch never waits for a lock, so a bulk load of one advertiser holds up nobody else's changes: changes of locked advertisers are left
/// out (SKIP LOCKED). They go with the next batch; if they are left out again, they wait in transactions of their advertiser's own. Changes
/// of the same interaction are made in the order in which they came.
/// </remarks>
internal sealed class ChangeBatcher : IWaitingLine, IDisposable
{
    // Bounds how long a transaction holds its locks.
    private const int MostTogether = 256;

    // So many batches at a time, so that the node prepares one while the database is at another. Of more each would be smaller, which costs
    // more than it gains. An interaction always has the same lane, which keeps the order of its changes.
    private const int Lanes = 2;

    // Where fewer wait, one transaction for all costs less than what two at a time gain.
    private const int Few = 10;

    // A transaction takes hundreds at once, so more of them wait for as long: some three transactions with the usual setting.
    private const int WaitingOfChanges = 4;

    // Each waits on a connection of the pool.
    private const int MostPatient = 8;

    private readonly AdvertiserWrites writes;
    private readonly AuditTrail trail;
    private readonly Batcher<Waiter>[] lanes = new Batcher<Waiter>[Lanes];
    private readonly FewRequests few = new(Few);
    private readonly int mostWaiting;
    private readonly Lock guard = new();
    private readonly Dictionary<GlobalId, List<Waiter>> patient = [];
    private readonly SemaphoreSlim patience = new(MostPatient);

    public ChangeBatcher(AdvertiserWrites writes, AuditTrail trail, Connections database)
    {
        (this.writes, this.trail, mostWaiting) = (writes, trail, WaitingOfChanges * database.MostWaiting);
        for (var lane = 0; lane < Lanes; lane++)
            lanes[lane] = new Batcher<Waiter>(MostTogether, 1, mostWaiting / Lanes, ApplyFreeAsync, few);
    }

    public bool IsFull => Array.Exists(lanes, lane => lane.IsFull);

    /// <summary>Applies a change; when this ends it is committed.</summary>
    /// <param name="change">The change.</param>
    /// <param name="caller">Who wants it.</param>
    /// <param name="cancellation">Cancels; the change may be on its way already, and is made then.</param>
    /// <exception cref="BusyException">Too many wait already, or too many for this advertiser.</exception>
    /// <exception cref="NpgsqlException">The database failed; nothing stays, unless the connection broke during the commit.</exception>
    public Task<ChangeOutcome> ApplyAsync(InteractionChange change, Caller caller, CancellationToken cancellation)
    {
        var waiter = new Waiter(change, caller, cancellation);
        lanes[(int)((ulong)change.Id % Lanes)].Add(waiter);
        return waiter.Task.WaitAsync(cancellation);
    }

    public void Dispose()
    {
        few.Dispose();
        patience.Dispose();
    }

    /// <summary>A statement changes a row once: of changes of one interaction the second waits for the first.</summary>
    private static (List<Waiter> Now, List<Waiter> Later) InTurn(List<Waiter> batch)
    {
        var wanted = batch.FindAll(w => !w.IsGone);
        var now = wanted.DistinctBy(w => w.Change.Id).ToList();
        return (now, [.. wanted.Except(now)]);
    }

    /// <summary>Applies those changes whose advertisers nobody holds; the others go on by themselves.</summary>
    /// <returns>Those that are to be in the next batch, in their order.</returns>
    private async Task<IReadOnlyList<Waiter>> ApplyFreeAsync(List<Waiter> all)
    {
        var (batch, later) = InTurn(all);
        if (batch.Count == 0)
            return [];
        List<Waiter> applied;
        AdvertiserWrite? written = null;
        try
        {
            (applied, written) = await writes.RunFreeAsync(
                InteractionOwners.Select,
                batch.ConvertAll(w => w.Change.Id).ToArray(),
                async (write, advertisers, cancellation) =>
                {
                    batch.ForEach(w => w.LookUp(advertisers));
                    var free = batch.FindAll(w => w.IsFound && !IsWaitedFor(w.Change.Advertiser) && write.Holds(w.Change.Advertiser));
                    await ApplyAsync(write, free, cancellation);
                    return free;
                },
                CancellationToken.None);
        }
        catch (PostgresException e) when ((batch.Count > 1 ? IsOfOne(e) : IsInTheWay(e)) && batch.TrueForAll(w => w.IsLookedUp))
        {
            applied = [];
        }
        catch (Exception e)
        {
            batch.ForEach(w => w.TrySetException(e));
            return later;
        }

        // An advertiser whose counters' holder does not answer holds up its own changes and no others.
        foreach (var ofOne in applied.GroupBy(w => w.Change.Advertiser))
            _ = AcknowledgeAsync([.. ofOne], written!.MayAcknowledgeAsync(ofOne.Key));
        batch.FindAll(w => !w.IsFound).ForEach(w => w.TrySetResult(ChangeOutcome.NotFound));
        var skipped = batch.Except(applied).Where(w => w.IsFound).ToList();
        // Most likely the other lane has their advertisers, and is done with them when this one begins again.
        var again = applied.Count == 0 ? [] : skipped.FindAll(w => !w.WasSkipped && !IsWaitedFor(w.Change.Advertiser));
        again.ForEach(w => w.WasSkipped = true);
        foreach (var ofOne in skipped.Except(again).GroupBy(w => w.Change.Advertiser))
            Wait(ofOne.Key, ofOne);
        return [.. again, .. later];
    }

    private static async Task AcknowledgeAsync(List<Waiter> some, Task mayAcknowledge)
    {
        try
        {
            await mayAcknowledge;
            some.ForEach(w => w.TrySetResult(w.Outcome));
        }
        catch (Exception e)
        {
            some.ForEach(w => w.TrySetException(e));
        }
    }

    private async Task ApplyAsync(AdvertiserWrite write, List<Waiter> some, CancellationToken cancellation)
    {
        if (some.Count == 0)
            return;
        LipsMeter.Changed(some.Count);
        var refused = await ChangeWriter.ApplyAsync(write, trail, some.ConvertAll(w => w.Change), cancellation);
        some.ForEach(w => w.Outcome = refused.Contains(w.Change.Id) ? ChangeOutcome.PreconditionFailed : ChangeOutcome.Applied);
    }

    // What comes now stands behind what waits.
    private bool IsWaitedFor(GlobalId advertiser)
    {
        lock (guard)
            return patient.ContainsKey(advertiser);
    }

    private void Wait(GlobalId advertiser, IEnumerable<Waiter> others)
    {
        bool isFirst;
        lock (guard)
        {
            isFirst = patient.TryAdd(advertiser, []);
            var line = patient[advertiser];
            foreach (var waiter in others)
            {
                if (line.Count >= mostWaiting)
                    line.RemoveAll(w => w.IsGone);
                if (line.Count < mostWaiting)
                    line.Add(waiter);
                else
                    waiter.TrySetException(new BusyException());
            }
        }

        if (isFirst)
            _ = RunPatientlyAsync(advertiser);
    }

    private async Task RunPatientlyAsync(GlobalId advertiser)
    {
        while (true)
        {
            // One batch after the other, so that an advertiser whose queue is never empty holds up nobody else.
            await patience.WaitAsync();
            try
            {
                List<Waiter> batch;
                lock (guard)
                {
                    batch = patient[advertiser];
                    if (batch.Count == 0)
                    {
                        patient.Remove(advertiser);
                        return;
                    }

                    patient[advertiser] = [.. batch.Skip(MostTogether)];
                }

                for (var rest = batch.Take(MostTogether).ToList(); rest.Count > 0;)
                {
                    (var now, rest) = InTurn(rest);
                    await ApplyPatientlyAsync(now);
                }
            }
            finally
            {
                patience.Release();
            }
        }
    }

    private async Task ApplyPatientlyAsync(List<Waiter> batch)
    {
        try
        {
            await writes.RunAsync(
                [batch[0].Change.Advertiser],
                async (write, cancellation) =>
                {
                    await ApplyAsync(write, batch, cancellation);
                    return true;
                },
                CancellationToken.None);
            batch.ForEach(w => w.TrySetResult(w.Outcome));
        }
        catch (PostgresException e) when (batch.Count > 1 && IsOfOne(e))
        {
            foreach (var waiter in batch)
                await ApplyPatientlyAsync([waiter]);
        }
        catch (Exception e)
        {
            batch.ForEach(w => w.TrySetException(e));
        }
    }

    // What the database refuses may be the fault of one change, and fails that one alone. Not when it is away: then nothing is gained by
    // asking for each.
    private static bool IsOfOne(PostgresException failure) => !LipsDatabase.IsAway(failure) || IsInTheWay(failure);

    // Somebody else's transaction, which will be over.
    private static bool IsInTheWay(PostgresException failure) =>
        failure.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure
            or PostgresErrorCodes.LockNotAvailable;

    // Requests go on elsewhere, so that the next transaction does not wait for answers to be written.
    private sealed class Waiter(InteractionChange change, Caller caller, CancellationToken cancellation)
        : TaskCompletionSource<ChangeOutcome>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public InteractionChange Change { get; private set; } = change;

        public ChangeOutcome Outcome { get; set; }

        public bool IsLookedUp { get; private set; }

        /// <summary>Whether there is the interaction, and it is one of the caller's.</summary>
        public bool IsFound { get; private set; }

        /// <summary>Whether it was left out of a batch already, because somebody else had its advertiser.</summary>
        public bool WasSkipped { get; set; }

        public bool IsGone => cancellation.IsCancellationRequested;

        public void LookUp(IReadOnlyDictionary<long, GlobalId> advertisers)
        {
            IsLookedUp = true;
            IsFound = advertisers.TryGetValue(Change.Id, out var advertiser) && caller.MaySee(advertiser);
            if (IsFound)
                Change = Change with { Advertiser = advertiser };
        }
    }
}

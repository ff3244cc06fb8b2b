using Lips.Audit.Contracts;
using Lips.Counters.Contracts;
using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Interactions.Record;

/// <summary>
/// Commits changes of single interactions, and those that wait at the same time together: round trips, statements and the wait for the disk are a transaction's, so thirty in one
/// cost little more than one alone (group commit, one level up). Two transactions are on their way at a time, so that one is in the database while the other waits for the disk or the node;
/// who comes meanwhile is in the next. Whose the interactions are is looked up in it.
/// </summary>
/// <remarks>
/// It never waits for a lock, so a bulk load of one advertiser holds up nobody else's changes: what is locked is left out (SKIP LOCKED), and waits in a transaction
/// of its advertiser's own; but once it is tried again with the next, since the other of the two may have it. Changes of one interaction are applied in the order in which they came.
/// </remarks>
internal sealed class StateChanges(AdvertiserWrites writes, AuditTrail trail) : IDisposable
{
    // Bounds how long a transaction holds its locks.
    private const int MostTogether = 256;

    // With fewer a transaction beside another takes more time than it saves.
    private const int LeastBeside = 16;

    // Each waits on a connection of the pool.
    private const int MostPatient = 8;

    private readonly Lock guard = new();
    private readonly Dictionary<GlobalId, List<Waiter>> patient = [];
    private readonly List<Waiter> waiting = [];
    private readonly List<List<Waiter>> onTheirWay = [];
    private readonly SemaphoreSlim patience = new(MostPatient);
    private int running;
    private bool areOfMany;

    /// <summary>Applies a change; when this ends it is committed.</summary>
    /// <param name="change">The change.</param>
    /// <param name="caller">Who wants it.</param>
    /// <param name="cancellation">Cancels; the change may be on its way already, and is made then.</param>
    /// <returns>False when there is no such interaction, or none of the caller's: the two are answered alike.</returns>
    /// <exception cref="NpgsqlException">The database failed; nothing stays, unless the connection broke during the commit.</exception>
    public Task<bool> ApplyAsync(StateChange change, Caller caller, CancellationToken cancellation)
    {
        var waiter = new Waiter(change, caller, cancellation);
        lock (guard)
        {
            waiting.Add(waiter);
            if (running == 0 || (running == 1 && MayGoBeside))
            {
                running++;
                _ = RunAsync();
            }
        }

        return waiter.Task.WaitAsync(cancellation);
    }

    public void Dispose() => patience.Dispose();

    // Transactions of few advertisers would find them locked by each other.
    private bool MayGoBeside => areOfMany && waiting.Count >= LeastBeside;

    private async Task RunAsync()
    {
        while (true)
        {
            // Behind all that the node has to do at this moment, so that who is about to ask joins.
            await Task.Yield();
            List<Waiter> group;
            lock (guard)
            {
                group = running == 1 || MayGoBeside ? TakeFrom(waiting, onTheirWay) : [];
                if (group.Count == 0)
                {
                    running--;
                    return;
                }

                onTheirWay.Add(group);
            }

            await ApplyFreeAsync(group);
            lock (guard)
                onTheirWay.Remove(group);
        }
    }

    /// <summary>Applies those changes whose advertisers nobody holds; the others go on by themselves.</summary>
    private async Task ApplyFreeAsync(List<Waiter> group)
    {
        List<Waiter> applied;
        try
        {
            applied = await writes.RunFreeAsync(
                InteractionAdvertisers.Select,
                group.ConvertAll(w => w.Change.Id).ToArray(),
                async (write, advertisers, cancellation) =>
                {
                    var free = FindFree(group, advertisers, write);
                    if (free.Count > 0)
                        await StateChangeRows.ApplyAsync(write, trail, free.ConvertAll(w => w.Change), cancellation);
                    return free;
                },
                CancellationToken.None);
        }
        catch (PostgresException e) when ((group.Count > 1 ? IsOfOne(e) : IsInTheWay(e)) && group.TrueForAll(w => w.IsLookedUp))
        {
            group.ForEach(w => w.IsAgain = false);
            applied = [];
        }
        catch (Exception e)
        {
            group.ForEach(w => w.TrySetException(e));
            return;
        }

        applied.ForEach(w => w.TrySetResult(true));
        group.FindAll(w => !w.IsFound).ForEach(w => w.TrySetResult(false));
        var others = group.Except(applied).Where(w => w.IsFound).ToList();
        lock (guard)
            waiting.InsertRange(0, others.Where(w => w.IsAgain));
        foreach (var ofOne in others.Where(w => !w.IsAgain).GroupBy(w => w.Change.Advertiser))
            Wait(ofOne.Key, ofOne);
    }

    private List<Waiter> FindFree(List<Waiter> group, IReadOnlyDictionary<long, GlobalId> advertisers, AdvertiserWrite write)
    {
        lock (guard)
        {
            group.ForEach(w => w.LookUp(advertisers));
            areOfMany = group.DistinctBy(w => w.Change.Advertiser).Count() > group.Count / 2;
            var found = group.FindAll(w => w.IsFound);
            found.ForEach(w => w.IsAgain = !w.IsAgain && !IsWaitedFor(w) && !write.Holds(w.Change.Advertiser));
            return found.FindAll(w => !IsWaitedFor(w) && write.Holds(w.Change.Advertiser));
        }
    }

    // Who comes now stands behind those.
    private bool IsWaitedFor(Waiter waiter) => patient.ContainsKey(waiter.Change.Advertiser);

    private void Wait(GlobalId advertiser, IEnumerable<Waiter> others)
    {
        lock (guard)
        {
            if (patient.TryGetValue(advertiser, out var before))
            {
                before.AddRange(others);
                return;
            }

            patient.Add(advertiser, [.. others]);
        }

        _ = RunPatientlyAsync(advertiser);
    }

    private async Task RunPatientlyAsync(GlobalId advertiser)
    {
        while (true)
        {
            // One after the other, so that those of an advertiser whose queue is never empty hold up nobody else's.
            await patience.WaitAsync();
            try
            {
                List<Waiter> group;
                lock (guard)
                {
                    group = TakeFrom(patient[advertiser], []);
                    if (group.Count == 0)
                    {
                        patient.Remove(advertiser);
                        return;
                    }
                }

                await ApplyPatientlyAsync(group);
            }
            finally
            {
                patience.Release();
            }
        }
    }

    private async Task ApplyPatientlyAsync(List<Waiter> group)
    {
        try
        {
            await writes.RunAsync(
                [group[0].Change.Advertiser],
                async (write, cancellation) =>
                {
                    await StateChangeRows.ApplyAsync(write, trail, group.ConvertAll(w => w.Change), cancellation);
                    return true;
                },
                CancellationToken.None);
            group.ForEach(w => w.TrySetResult(true));
        }
        catch (PostgresException e) when (group.Count > 1 && IsOfOne(e))
        {
            foreach (var waiter in group)
                await ApplyPatientlyAsync([waiter]);
        }
        catch (Exception e)
        {
            group.ForEach(w => w.TrySetException(e));
        }
    }

    // What the database refuses may be the fault of one of them, and shall be that one's alone. Not when it is away: then nothing is gained by asking for each.
    private static bool IsOfOne(PostgresException failure) => !LipsDatabase.IsAway(failure) || IsInTheWay(failure);

    // Somebody else's transaction, which will be over.
    private static bool IsInTheWay(PostgresException failure) => failure.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure;

    /// <summary>
    /// Takes the first ones, of each interaction one: a statement changes a row once. Who has gone away meanwhile is left out. Left there is whose interaction is in a group before it, and who
    /// is tried again while one of these has its advertiser.
    /// </summary>
    private static List<Waiter> TakeFrom(List<Waiter> queue, List<List<Waiter>> before)
    {
        var group = new List<Waiter>(Math.Min(queue.Count, MostTogether));
        var rest = new List<Waiter>();
        var ids = before.SelectMany(others => others, (_, w) => w.Change.Id).ToHashSet();
        foreach (var waiter in queue.Where(w => !w.IsGone))
        {
            var isFirst = ids.Add(waiter.Change.Id);
            var isHeld = waiter.IsAgain && before.Exists(others => others.Exists(w => w.Change.Advertiser == waiter.Change.Advertiser));
            (isFirst && !isHeld && group.Count < MostTogether ? group : rest).Add(waiter);
        }

        queue.Clear();
        queue.AddRange(rest);
        return group;
    }

    // Whoever waited goes on elsewhere, so that the next transaction does not wait for answers to be written.
    private sealed class Waiter(StateChange change, Caller caller, CancellationToken cancellation) : TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public StateChange Change { get; private set; } = change;

        public bool IsLookedUp { get; private set; }

        /// <summary>Whether there is the interaction, and it is one of the caller's.</summary>
        public bool IsFound { get; private set; }

        /// <summary>Whether it was tried, and is to be tried again with others.</summary>
        public bool IsAgain { get; set; }

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

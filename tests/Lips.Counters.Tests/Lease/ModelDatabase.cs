namespace Lips.Counters.Tests.Lease;

/// <summary>Whom the row of the advertiser names.</summary>
internal sealed record Holder(int Silo, int Generation, int Hold);

/// <summary>A row of the log: a hold was revoked, or left.</summary>
internal sealed record LogRow(int Stamp, int Hold, bool HasLeft);

/// <summary>What a load read.</summary>
internal sealed record Loaded(int Version, bool TookOver, int Epoch);

/// <summary>What a writer did and saw.</summary>
internal sealed record Written(int Version, Holder? Holder, bool ChangedNothing, int Epoch);

/// <summary>What a look saw.</summary>
internal sealed record Looked(IReadOnlyList<LogRow> Rows, Holder? Holder, int Epoch);

/// <summary>What a validation saw.</summary>
internal sealed record Newer(int Version, int Epoch);

/// <summary>A copy of the database.</summary>
internal sealed record Backup(int Version, Holder? Holder, IReadOnlyList<LogRow> Rows);

/// <summary>READ COMMITTED: each statement sees what is committed then; a transaction's writes appear at once, at its commit.</summary>
internal sealed class ModelDatabase(LeaseModel model)
{
    private static readonly object Done = new();

    private readonly HashSet<Transaction> shared = [];
    private List<LogRow> rows = [];
    private Holder? holder;
    private Transaction? exclusive;
    private Transaction? ofHolder;

    public int Version { get; private set; }

    public int Epoch { get; private set; }

    public int OpensAt { get; private set; }

    private Simulation Time => model.Time;

    /// <summary>Sends a transaction. The answer gets its result, or nothing when something on the way is lost.</summary>
    public Simulation.Answer<T> Send<T>(ModelSilo silo, Func<Transaction, Task<T?>> work)
        where T : class
    {
        var answer = new Simulation.Answer<T>(Time);
        Time.Spawn(async () =>
        {
            await Time.Delay(model.Latency());
            if (silo.CutFromDatabaseUntil > Time.Now || OpensAt > Time.Now)
                return;
            var transaction = new Transaction(this, Epoch);
            T? result;
            try
            {
                result = await work(transaction);
            }
            catch (RestoredException)
            {
                return;
            }
            finally
            {
                shared.Remove(transaction);
                exclusive = exclusive == transaction ? null : exclusive;
                ofHolder = ofHolder == transaction ? null : ofHolder;
            }

            await Time.Delay(model.Latency());
            if (silo.CutFromDatabaseUntil <= Time.Now && !Time.Chance(.02))
                answer.Set(result);
        });
        return answer;
    }

    /// <summary>Sends one statement.</summary>
    public Simulation.Answer<T> Ask<T>(ModelSilo silo, Func<T> statement)
        where T : class => Send<T>(silo, async transaction =>
        {
            await transaction.Wait(0);
            return statement();
        });

    public Looked Look() => new([.. rows.Where(IsKept)], holder, Epoch);

    public Newer Newer() => new(Version, Epoch);

    public object? Left(int hold) => rows.Any(row => row.HasLeft && row.Hold == hold && IsKept(row)) ? Done : null;

    public Backup Backup() => new(Version, holder, [.. rows]);

    public void Restore(Backup backup)
    {
        (Version, holder, rows) = (backup.Version, backup.Holder, [.. backup.Rows]);
        Epoch++;
        OpensAt = Time.Now + (model.Keeps(LeaseRule.Quiet) ? LeaseModel.Lease : 0);
        model.Say($"database: RESTORED to version {Version}, held by {holder}");
    }

    public async Task<Loaded?> LoadAsync(Transaction me, ModelSilo silo, int hold)
    {
        var start = Time.Now;
        if (model.Keeps(LeaseRule.Share))
            await LockAsync(me, share: !model.Keeps(LeaseRule.Excl));
        await me.Wait(Gap());
        // A statement: whose was it?
        var old = holder;
        await me.Wait(Gap());
        // A statement: the upsert, which waits for another's.
        while (ofHolder is not null && ofHolder != me)
            await me.Wait(1);
        ofHolder = me;
        var stamp = model.Keeps(LeaseRule.CommitSoon) ? Time.Now : start;
        // A statement: version and cells.
        var version = Version;
        await me.Wait(Gap());
        if (model.Keeps(LeaseRule.CommitSoon) && Time.Now - stamp > LeaseModel.LongestAppend)
            return null;
        var tookOver = old is not null && (model.Keeps(LeaseRule.Own) || old.Silo != silo.Id);
        holder = new Holder(silo.Id, silo.Generation, hold);
        if (tookOver)
            rows.Add(new LogRow(stamp, old!.Hold, HasLeft: false));
        model.Say($"database: {holder} at version {version}, {(tookOver ? "from" : "no take of")} {old}");
        return new Loaded(version, tookOver, Epoch);
    }

    public async Task<object?> ReleaseAsync(Transaction me, ModelSilo silo, int hold)
    {
        await me.Wait(Gap());
        if (holder is not null && (model.Keeps(LeaseRule.ReleaseId) ? holder.Hold == hold : holder.Silo == silo.Id))
        {
            model.Say($"database: {holder} released by hold {hold}");
            rows.Add(new LogRow(Time.Now, holder.Hold, HasLeft: true));
            holder = null;
        }

        return Done;
    }

    public async Task<Written?> WriteAsync(Transaction me, bool changesNothing)
    {
        var early = holder;
        await me.Wait(Gap());
        await LockAsync(me, share: false);
        await me.Wait(Gap());
        var seen = model.Keeps(LeaseRule.UnderLock) ? holder : early;
        var version = Version + (changesNothing ? 0 : 1);
        await me.Wait(Gap());
        Version = version;
        model.Say($"database: {(changesNothing ? "nothing changed at" : "commit of")} version {version}, holder seen {seen}");
        return new Written(version, seen, changesNothing, Epoch);
    }

    public async Task<object?> SignalAsync(Transaction me, int hold)
    {
        var stamp = Time.Now;
        await me.Wait(Gap());
        if (model.Keeps(LeaseRule.CommitSoon) && Time.Now - stamp > LeaseModel.LongestAppend)
            return null;
        if (model.Keeps(LeaseRule.Signal))
            rows.Add(new LogRow(stamp, hold, HasLeft: false));
        model.Say($"database: hold {hold} revoked");
        return Done;
    }

    private bool IsKept(LogRow row) => row.Stamp > Time.Now - LeaseModel.Window;

    private int Gap() => Time.Chance(.95) ? Time.Choose(0, 0, 1, 2) : Time.Between(0, LeaseModel.Lease + 5);

    private async Task LockAsync(Transaction me, bool share)
    {
        while ((exclusive is not null && exclusive != me) || (!share && shared.Any(other => other != me)))
            await me.Wait(1);
        if (share)
            shared.Add(me);
        else
            exclusive = me;
    }

    private sealed class RestoredException : Exception;

    /// <summary>The owner of locks. A restored backup ends what is under way.</summary>
    internal sealed class Transaction(ModelDatabase database, int epoch)
    {
        public async Task Wait(int ticks)
        {
            await database.Time.Delay(ticks);
            if (database.Epoch != epoch)
                throw new RestoredException();
        }
    }
}

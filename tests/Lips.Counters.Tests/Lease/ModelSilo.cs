namespace Lips.Counters.Tests.Lease;

/// <summary>One activation's attempt to hold.</summary>
internal sealed class ModelGrain(int hold, int began, Simulation time)
{
    public int Hold => hold;

    public int Began => began;

    /// <summary>The version of its cells; null while it loads.</summary>
    public int? Snapshot { get; set; }

    /// <summary>The version that it was told of.</summary>
    public int Floor { get; set; }

    public int SettlesAt { get; set; }

    public bool IsGone { get; set; }

    public int? Epoch { get; set; }

    public Simulation.Answer<object> Load { get; } = new(time);

    public Simulation.Answer<Newer>? Query { get; set; }
}

/// <summary>A silo, one generation of it.</summary>
internal sealed class ModelSilo : Simulation.IOwner
{
    private const int Tries = 3;

    private const int Never = -1_000_000;

    private static readonly object Done = new();

    private readonly LeaseModel model;
    private int lease = Never;
    private int monotonicLease = Never;
    private int epoch;

    public ModelSilo(LeaseModel model, int id, int generation)
    {
        (this.model, Id, Generation) = (model, id, generation);
        Time.Spawn(LooksAsync, this, Time.Between(0, LeaseModel.Look));
    }

    public int Id { get; }

    public int Generation { get; }

    public ModelGrain? Grain { get; private set; }

    public bool IsDead { get; set; }

    public int FrozenUntil { get; set; }

    public int CutFromDatabaseUntil { get; set; }

    public int CutFromSilosUntil { get; set; }

    public int Suspended { get; set; }

    private Simulation Time => model.Time;

    private int Monotonic => Time.Now - Suspended;

    private bool IsLeased =>
        Monotonic - monotonicLease < LeaseModel.Lease && (!model.Keeps(LeaseRule.Wall) || Time.Now - lease < LeaseModel.Lease);

    public void Drop(string why)
    {
        if (Grain is null)
            return;
        model.Say($"silo {Id} drops hold {Grain.Hold}: {why}");
        Grain.IsGone = true;
        Grain = null;
    }

    public ModelGrain Activate()
    {
        var grain = Grain = new ModelGrain(model.NextHold(), Time.Now, Time);
        Time.Spawn(() => LoadAsync(grain), this);
        return grain;
    }

    public async Task ReadAsync(int began, int needed, int epochBefore)
    {
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var grain = Grain ?? Activate();
            if (grain.Snapshot is null)
                await grain.Load.Within(LeaseModel.Window);
            if (grain.Snapshot is not { } held || grain.IsGone)
                continue;
            if (IsLeased
                && (!model.Keeps(LeaseRule.Epoch) || grain.Epoch == epoch)
                && (!model.Keeps(LeaseRule.Floor) || held >= grain.Floor))
            {
                model.Check(grain, "by memory", held, needed, began, epochBefore);
                return;
            }

            // In the end it is a 503.
            if (await Query(grain).Within(2 * LeaseModel.Lease) is not { } newer)
                continue;
            if (newer.Epoch != grain.Epoch && model.Keeps(LeaseRule.Epoch))
            {
                grain.IsGone = true;
                Grain = Grain == grain ? null : Grain;
                continue;
            }

            grain.Snapshot = Math.Max(grain.Snapshot.Value, newer.Version);
            model.Check(grain, "validated", newer.Version, needed, began, epochBefore);
            return;
        }
    }

    /// <summary>Leaves in order.</summary>
    public async Task LeaveAsync()
    {
        if (Grain is not { Snapshot: not null } grain)
            return;
        if (model.Keeps(LeaseRule.StopFirst))
            Drop("leaves");
        while (model.Keeps(LeaseRule.Settled) && grain.SettlesAt > Time.Now)
            await Time.Delay(grain.SettlesAt - Time.Now);
        await model.Database.Send(this, me => model.Database.ReleaseAsync(me, this, grain.Hold)).Within(2 * LeaseModel.Lease);
        if (Grain == grain)
            Drop("left");
    }

    public async Task WriteAsync()
    {
        var changesNothing = Time.Chance(.3);
        if (await model.Database.Send(this, me => model.Database.WriteAsync(me, changesNothing)).Within(null) is not { } written)
            return;
        if (written.Holder is { } holder && (!written.ChangedNothing || model.Keeps(LeaseRule.NoopTells)))
        {
            var answered = await TellAsync(written.Version, holder);
            if (!IsAnswer(answered, holder)
                && await model.Database.Ask(this, () => model.Database.Left(holder.Hold)!).Within(2 * LeaseModel.Lease) is null)
            {
                while (!await RevokeAsync(holder))
                {
                }

                if (model.Keeps(LeaseRule.WaitSignal))
                    await Time.Delay(LeaseModel.Lease);
                model.Database.Send(this, me => model.Database.ReleaseAsync(me, this, holder.Hold));
            }
        }

        model.Say($"acknowledged {written.Version} by silo {Id}, generation {Generation}");
        // A restored backup loses what it loses.
        if (written.Epoch == model.Database.Epoch)
            model.Acknowledged = Math.Max(model.Acknowledged, written.Version);
    }

    private async Task<bool> RevokeAsync(Holder holder) =>
        await model.Database.Send(this, me => model.Database.SignalAsync(me, holder.Hold)).Within(2 * LeaseModel.Lease) is not null;

    private bool IsAnswer(Holder? answered, Holder holder) => answered is not null
        && (!model.Keeps(LeaseRule.VeryHolder)
            || (model.Keeps(LeaseRule.HoldId)
                ? answered.Hold == holder.Hold
                : (answered.Silo, answered.Generation) == (holder.Silo, holder.Generation)));

    /// <summary>Tells the holder, or whatever activation the call comes to.</summary>
    private async Task<Holder?> TellAsync(int version, Holder holder)
    {
        var tries = Time.Between(1, 2);
        for (var attempt = 0; attempt < tries; attempt++)
        {
            var answer = new Simulation.Answer<Holder>(Time);
            var silo = model.Silos[Time.Chance(.7) ? holder.Silo : Time.Between(0, 2)];
            var calls = Time.Chance(.1) ? 2 : 1;
            for (var call = 0; call < calls; call++)
            {
                if (CutFromSilosUntil <= Time.Now && silo.CutFromSilosUntil <= Time.Now && !Time.Chance(.1))
                    Time.Spawn(() => silo.ChangedAsync(version, holder.Hold, answer), silo, model.Latency());
            }

            if (await answer.Within(2 * LeaseModel.Lease) is { } answered)
                return answered;
        }

        return null;
    }

    private async Task ChangedAsync(int version, int hold, Simulation.Answer<Holder> answer)
    {
        if (Grain is not { } grain || (model.Keeps(LeaseRule.HoldId) && grain.Hold != hold))
        {
            // Another one, or none.
            answer.Set(new Holder(Id, Generation, 0));
            return;
        }

        if (model.Keeps(LeaseRule.Floor))
        {
            // Enough: below the floor memory is not served.
            grain.Floor = Math.Max(grain.Floor, version);
        }
        else if (grain.Snapshot is { } held && version > held)
        {
            if (await Query(grain).Within(2 * LeaseModel.Lease) is not { } newer)
                return;
            grain.Snapshot = Math.Max(grain.Snapshot.Value, newer.Version);
        }

        // Its wait is not known before it has loaded.
        if (grain.Snapshot is null && model.Keeps(LeaseRule.Floor))
            await grain.Load.Within(LeaseModel.Window);
        while (grain.SettlesAt > Time.Now)
            await Time.Delay(grain.SettlesAt - Time.Now);
        if (grain.IsGone)
            return;
        // The cells came with the call.
        if (version - 1 == grain.Snapshot)
            grain.Snapshot = version;
        await Time.Delay(model.Latency());
        if (CutFromSilosUntil <= Time.Now && !Time.Chance(.1))
            answer.Set(new Holder(Id, Generation, grain.Hold));
    }

    private async Task LoadAsync(ModelGrain grain)
    {
        var patience = Time.Chance(.3) ? LeaseModel.Window : LeaseModel.Lease;
        var loaded = await model.Database.Send(this, me => model.Database.LoadAsync(me, this, grain.Hold)).Within(patience);
        if (loaded is null || grain.IsGone)
        {
            Grain = Grain == grain ? null : Grain;
            grain.IsGone = true;
        }
        else
        {
            (grain.Snapshot, grain.Epoch) = (loaded.Version, loaded.Epoch);
            if (loaded.TookOver && model.Keeps(LeaseRule.WaitTake))
                grain.SettlesAt = Time.Now + LeaseModel.Lease;
            model.Say($"silo {Id} installed hold {grain.Hold} at version {grain.Snapshot}");
            // Leaves right after it took.
            if (Time.Chance(.1))
                Time.Spawn(LeaveAsync, this, Time.Between(0, 6));
        }

        grain.Load.Set(Done);
    }

    /// <summary>Asks for the version and newer cells.</summary>
    private Simulation.Answer<Newer> Query(ModelGrain grain)
    {
        if (grain.Query is null || grain.Query.IsSet || model.Keeps(LeaseRule.FreshQuery))
            grain.Query = model.Database.Ask(this, model.Database.Newer);
        return grain.Query;
    }

    private async Task LooksAsync()
    {
        while (true)
        {
            var (began, monotonic) = (Time.Now, Monotonic);
            if (await model.Database.Ask(this, model.Database.Look).Within(3 * LeaseModel.Lease) is { } look)
            {
                Apply(look, began);
                (lease, monotonicLease) = model.Keeps(LeaseRule.LeaseStart) ? (began, monotonic) : (Time.Now, Monotonic);
            }

            await Time.Delay(Math.Max(1, LeaseModel.Look - (Time.Now - began)));
        }
    }

    private void Apply(Looked look, int began)
    {
        epoch = look.Epoch;
        if (Grain is { Epoch: { } of } && of != epoch && model.Keeps(LeaseRule.Epoch))
            Drop("epoch");
        if (Grain is { } held && model.Keeps(LeaseRule.Window))
        {
            // No row about a hold is older than its load's start.
            var since = Math.Max(lease, held.Began);
            var isTooLate = model.Keeps(LeaseRule.Margin)
                ? Time.Now - since > LeaseModel.Window - LeaseModel.LongestAppend
                : began - since > LeaseModel.Window;
            if (isTooLate)
                Drop("window");
        }

        if (Grain is not { } grain || (grain.Snapshot is null && !model.Keeps(LeaseRule.Pending)))
            return;
        if (model.Keeps(LeaseRule.Log) && look.Rows.Any(row => row.Hold == grain.Hold && !row.HasLeft))
            Drop("taken");
        else if (!model.Keeps(LeaseRule.Log) && grain.Snapshot is not null && look.Holder?.Silo != Id)
            Drop("not holder");
    }
}

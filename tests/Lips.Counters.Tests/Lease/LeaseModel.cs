namespace Lips.Counters.Tests.Lease;

/// <summary>
/// The executable specification of the counters' lease: one advertiser, one database, three silos, and all that can go wrong.
/// Any silo may activate a grain for the advertiser at any time; calls are lost, delayed, doubled and delivered to any activation;
/// statements are delayed both ways, transactions go on after their client gave up, answers are lost; silos freeze, are suspended
/// (their monotonic clock stops), are cut off, die and come back as a new generation; a backup is restored.
/// Of every read it is checked: highest version acknowledged before it began ≤ answer ≤ highest version committed at its end.
/// </summary>
internal sealed class LeaseModel
{
    /// <summary>L: how long a look is good for.</summary>
    public const int Lease = 20;

    /// <summary>W: how long the log is kept ("a minute").</summary>
    public const int Window = 80;

    /// <summary>A: the longest time from the append of a row of the log to its commit.</summary>
    public const int LongestAppend = 16;

    public const int Look = 5;

    private const int End = 420;

    private readonly IReadOnlySet<LeaseRule> without;
    private readonly List<string> trace = [];
    private readonly ModelSilo[] silos;
    private int holds;

    private LeaseModel(int seed, IReadOnlySet<LeaseRule> without)
    {
        this.without = without;
        Time = new Simulation(seed);
        Database = new ModelDatabase(this);
        silos = [.. Enumerable.Range(0, 3).Select(id => new ModelSilo(this, id, 0))];
        Time.Spawn(FaultsAsync);
        Time.Spawn(ReadersAsync);
        Time.Spawn(WritersAsync);
    }

    public Simulation Time { get; }

    public ModelDatabase Database { get; }

    public IReadOnlyList<ModelSilo> Silos => silos;

    /// <summary>The highest version that was acknowledged.</summary>
    public int Acknowledged { get; set; }

    public int Reads { get; private set; }

    /// <summary>Runs one seed.</summary>
    /// <returns>How many reads there were, and what happened up to the first stale one; null when there was none.</returns>
    public static (int Reads, IReadOnlyList<string>? Violation) Run(int seed, params IEnumerable<LeaseRule> without)
    {
        var model = new LeaseModel(seed, without.ToHashSet());
        model.Time.Run(End);
        return (model.Reads, model.Time.IsOver ? model.trace : null);
    }

    public bool Keeps(LeaseRule rule) => !without.Contains(rule);

    public int NextHold() => ++holds;

    public void Say(string line) => trace.Add($"{Time.Now,4}  {line}");

    /// <summary>Mostly short, sometimes longer than a lease, seldom near the window.</summary>
    public int Latency() => Time.Random.NextDouble() switch
    {
        < .85 => Time.Between(0, 3),
        < .98 => Time.Between(0, 2 * Lease),
        _ => Time.Between(Lease, Window),
    };

    /// <summary>Takes note of what a read was answered.</summary>
    public void Check(ModelGrain grain, string how, int answer, int needed, int began, int epoch)
    {
        Reads++;
        if (epoch != Database.Epoch || began < Database.OpensAt)
            return;
        if (answer >= needed && answer <= Database.Version && grain.Epoch == epoch)
            return;
        Say($"VIOLATION hold {grain.Hold} {how} answers {answer}; acknowledged before its start at {began} was {needed}");
        Time.IsOver = true;
    }

    public void Restore(Backup backup)
    {
        Database.Restore(backup);
        Acknowledged = Database.Version;
    }

    private async Task ReadersAsync()
    {
        var hot = Time.Between(0, 2);
        while (true)
        {
            await Time.Delay(Time.Between(0, 6));
            if (Time.Chance(.04))
                hot = Time.Between(0, 2);
            var silo = silos[Time.Chance(.6) ? hot : Time.Between(0, 2)];
            if (silo.Grain is null && Time.Chance(.5))
                continue;
            var (began, needed, epoch) = (Time.Now, Acknowledged, Database.Epoch);
            Time.Spawn(() => silo.ReadAsync(began, needed, epoch), silo, Time.Choose(0, 0, 1, 4));
        }
    }

    private async Task WritersAsync()
    {
        while (true)
        {
            await Time.Delay(Time.Between(2, 50));
            var silo = Time.Choose<ModelSilo>(silos);
            var writers = Time.Choose(1, 1, 2);
            for (var i = 0; i < writers; i++)
                Time.Spawn(silo.WriteAsync, silo, Time.Between(0, 3));
        }
    }

    private async Task FaultsAsync()
    {
        var (rate, restores, backup) = (Time.Choose(15, 40, 100), Time.Chance(.15), new Backup(0, null, []));
        while (true)
        {
            await Time.Delay(Time.Between(1, rate));
            var silo = Time.Choose<ModelSilo>(silos);
            var span = Time.Choose(
                Time.Between(1, Lease),
                Time.Between(Lease / 2, 2 * Lease),
                Time.Between(Window - (2 * Lease), Window + (2 * Lease)));
            var fault = Time.Choose(
                "freeze", "suspend", "cut from database", "cut from silos", "kill", "leave", "leave", "grain dies", "activate", "activate");
            if (restores && Time.Chance(.1))
                backup = Database.Backup();
            if (restores && Time.Now > 150 && Time.Chance(.2))
            {
                restores = false;
                Restore(backup);
            }

            if (!silo.IsDead)
                Happen(fault, silo, span);
        }
    }

    private void Happen(string fault, ModelSilo silo, int span)
    {
        if (fault is not ("leave" or "activate"))
            Say($"fault: {fault}, silo {silo.Id}, for {span}");
        var until = Time.Now + span;
        switch (fault)
        {
            case "freeze" or "suspend" when silo.FrozenUntil <= Time.Now:
                silo.FrozenUntil = until;
                // Its monotonic clock does not see the span.
                silo.Suspended += fault == "suspend" ? span : 0;
                break;
            case "cut from database":
                silo.CutFromDatabaseUntil = until;
                break;
            case "cut from silos":
                silo.CutFromSilosUntil = until;
                break;
            case "kill":
                // Transactions that were sent already may still commit.
                silo.IsDead = true;
                Time.Spawn(
                    () =>
                    {
                        silos[silo.Id] = new ModelSilo(this, silo.Id, silo.Generation + 1);
                        return Task.CompletedTask;
                    },
                    null,
                    Time.Choose(2, 5, 10, 60));
                break;
            case "leave":
                Time.Spawn(silo.LeaveAsync, silo);
                break;
            case "grain dies":
                silo.Drop("dies");
                break;
            case "activate" when silo.Grain is null && silo.FrozenUntil <= Time.Now:
                silo.Activate();
                break;
        }
    }
}

using System.Runtime.CompilerServices;

namespace Lips.Counters.Tests.Lease;

/// <summary>
/// Explicit time, one thread, one seed: the same seed is the same run. Processes are async methods that wait for ticks or for answers.
/// A process of a frozen silo waits longer; one of a dead silo is never heard of again.
/// </summary>
internal sealed class Simulation(int seed)
{
    private readonly PriorityQueue<(Action Go, IOwner? Owner), (int Time, long Order)> queue = new();
    private long order;
    private IOwner? owner;

    public Random Random { get; } = new(seed);

    public int Now { get; private set; }

    /// <summary>Ends the run.</summary>
    public bool IsOver { get; set; }

    /// <summary>Runs until a time.</summary>
    public void Run(int end)
    {
        while (!IsOver && queue.TryDequeue(out var next, out var at) && at.Time <= end)
        {
            Now = at.Time;
            if (next.Owner is { IsDead: true })
                continue;
            if (next.Owner is { } frozen && frozen.FrozenUntil > Now)
            {
                Push(frozen.FrozenUntil - Now + Between(0, 2), next.Go, frozen);
                continue;
            }

            owner = next.Owner;
            next.Go();
        }
    }

    public void Spawn(Func<Task> process, IOwner? of = null, int delay = 0) => Push(delay, () => _ = process(), of);

    public Pause Delay(int ticks) => new(this, ticks);

    /// <summary>A whole number of these, both included.</summary>
    public int Between(int least, int most) => Random.Next(least, most + 1);

    public bool Chance(double probability) => Random.NextDouble() < probability;

    public T Choose<T>(params ReadOnlySpan<T> values) => values[Random.Next(values.Length)];

    private void Push(int delay, Action go, IOwner? of) => queue.Enqueue((go, of), (Now + delay, order++));

    /// <summary>What may be frozen, and die.</summary>
    internal interface IOwner
    {
        bool IsDead { get; }

        int FrozenUntil { get; }
    }

    /// <summary>Some ticks.</summary>
    internal readonly struct Pause(Simulation simulation, int ticks) : INotifyCompletion
    {
        public bool IsCompleted => false;

        public Pause GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => simulation.Push(ticks, continuation, simulation.owner);
    }

    /// <summary>A value that may never come.</summary>
    internal sealed class Answer<T>(Simulation simulation)
        where T : class
    {
        private readonly List<Action> waiters = [];

        public bool IsSet { get; private set; }

        public T? Value { get; private set; }

        public void Set(T? value)
        {
            if (IsSet)
                return;
            (IsSet, Value) = (true, value);
            foreach (var wake in waiters)
                wake();
        }

        /// <summary>Waits for it; null when it does not come in time.</summary>
        public Waiting Within(int? ticks) => new(this, ticks);

        internal sealed class Waiting(Answer<T> answer, int? ticks) : INotifyCompletion
        {
            private T? got;
            private bool isAwake;

            public bool IsCompleted => false;

            public Waiting GetAwaiter() => this;

            public T? GetResult() => got;

            public void OnCompleted(Action continuation)
            {
                var simulation = answer.Of;
                var owner = simulation.owner;
                if (answer.IsSet)
                {
                    Wake(answer.Value);
                    return;
                }

                answer.waiters.Add(() => Wake(answer.Value));
                if (ticks is { } patience)
                    simulation.Push(patience, () => Wake(null), null);

                void Wake(T? value)
                {
                    if (isAwake)
                        return;
                    (isAwake, got) = (true, value);
                    simulation.Push(0, continuation, owner);
                }
            }
        }

        private Simulation Of => simulation;
    }
}

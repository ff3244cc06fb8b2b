namespace Lips.Bench.Load;

/// <summary>Measures sides in turns (A B A B), so that a noisy machine disturbs them alike.</summary>
internal static class Turns
{
    private const int WarmUpSeconds = 1;

    /// <summary>Measures.</summary>
    /// <param name="world">The world.</param>
    /// <param name="sides">Each a server (null for the database alone), and what loads it for some seconds.</param>
    /// <returns>Per round, the runs of the sides in their order. A first, short round does not count: after it all are warm.</returns>
    public static async Task<IReadOnlyList<LoadRun[]>> RunAsync(World world, params (Server? Server, Func<int, Task<LoadRun>> LoadAsync)[] sides)
    {
        var rounds = new List<LoadRun[]>();
        for (var round = 0; round <= world.Size.Rounds; round++)
        {
            var runs = new LoadRun[sides.Length];
            for (var i = 0; i < sides.Length; i++)
            {
                var (server, loadAsync) = sides[i];
                var (own, database) = (Own(), Usage.SecondsOfTree(world.DatabasePid));
                var run = await loadAsync(round == 0 ? WarmUpSeconds : world.Size.Seconds);
                runs[i] = run with { ServerCpu = Own() - own, DatabaseCpu = Usage.SecondsOfTree(world.DatabasePid) - database };

                double Own() => server is null ? 0 : Usage.SecondsOf(server.Pid);
            }

            if (round > 0)
                rounds.Add(runs);
        }

        return rounds;
    }

    /// <summary>Measures sides that are read.</summary>
    public static Task<IReadOnlyList<LoadRun[]>> ReadAsync(World world, params Side[] sides) =>
        RunAsync(world, Array.ConvertAll<Side, (Server?, Func<int, Task<LoadRun>>)>(sides, side => (side.Server, seconds => world.Wrk.ReadAsync(side, seconds))));

    /// <summary>One number of both sides, round by round.</summary>
    public static List<Round> Of(this IReadOnlyList<LoadRun[]> rounds, int floor, int product, Func<LoadRun, double> number) =>
        [.. rounds.Select(r => new Round(number(r[floor]), number(r[product])))];

    /// <summary>What is told of a row of requests besides: CPU time of both sides, and latency at half of the product's peak rate.</summary>
    /// <param name="name">The row.</param>
    /// <param name="rounds">The row's rounds.</param>
    /// <param name="floor">The floor's place in a round.</param>
    /// <param name="product">The product's.</param>
    /// <param name="atRateAsync">Loads the product at a rate for some seconds.</param>
    /// <param name="seconds">How long.</param>
    public static async Task<IReadOnlyList<Result>> BesidesAsync(
        string name, IReadOnlyList<LoadRun[]> rounds, int floor, int product, Func<double, int, Task<LoadRun>> atRateAsync, int seconds)
    {
        var rate = Result.Median(rounds.Select(r => r[product].PerSecond)) / 2;
        await atRateAsync(rate, 1);
        var half = await atRateAsync(rate, seconds);
        return
        [
            Result.Of(name + "-p50-half", "ms", half.P50),
            Result.Of(name + "-p99-half", "ms", half.P99),
            Cpu(name + "-cpu", run => run.ServerCpu),
            Cpu(name + "-cpu-database", run => run.DatabaseCpu),
        ];

        Result Cpu(string row, Func<LoadRun, double> seconds)
        {
            const string unit = "CPU ms/1,000";
            var cpu = rounds.Of(floor, product, run => seconds(run) * 1e6 / run.Requests);
            // Where the floor has no such process there is nothing to compare with but what others use at the time.
            return cpu.All(r => r.Floor > 1) ? Result.Of(new Goal(row, unit), cpu) : Result.Of(row, unit, Result.Median(cpu.Select(r => r.Product)));
        }
    }

    /// <summary>The names of what <see cref="BesidesAsync"/> tells.</summary>
    public static string[] Besides(string name) => [name + "-p50-half", name + "-p99-half", name + "-cpu", name + "-cpu-database"];
}

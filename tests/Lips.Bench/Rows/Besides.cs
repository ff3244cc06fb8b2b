using Lips.Bench.Load;

namespace Lips.Bench.Rows;

/// <summary>What is told of each row of requests besides its ratio. There are no targets for it.</summary>
internal static class Besides
{
    /// <summary>CPU time of both sides in the rounds, and latency at half of the product's peak rate.</summary>
    /// <param name="name">The row.</param>
    /// <param name="rounds">The row's rounds.</param>
    /// <param name="floor">The floor's place in a round.</param>
    /// <param name="product">The product's.</param>
    /// <param name="atRateAsync">Loads the product at a rate for some seconds.</param>
    /// <param name="seconds">How long.</param>
    public static async Task<IReadOnlyList<Result>> MeasureAsync(
        string name, IReadOnlyList<LoadRun[]> rounds, int floor, int product, Func<double, int, Task<LoadRun>> atRateAsync, int seconds)
    {
        var rate = Result.Median(rounds.Select(r => r[product].PerSecond)) / 2;
        var half = await atRateAsync(rate, seconds);
        return
        [
            Result.Of(name + "-p50-half", "ms", half.P50),
            Result.Of(name + "-p99-half", "ms", half.P99),
            Cpu(name + "-cpu", run => run.ServerCpu),
            Cpu(name + "-cpu-database", run => run.DatabaseCpu!.Value),
        ];

        Result Cpu(string row, Func<LoadRun, double> seconds)
        {
            const string unit = "CPU ms/1,000";
            var cpu = rounds.Of(floor, product, run => seconds(run) * 1e6 / run.Requests);
            // Where the floor has no such process there is nothing to compare with but what others use at the time.
            return cpu.All(r => r.Floor > 1) ? Result.Of(new Goal(row, unit), cpu)
                : Result.Of(row, unit, Result.Median(cpu.Select(r => r.Product)));
        }
    }

    /// <summary>The names of what <see cref="MeasureAsync"/> tells.</summary>
    public static string[] Names(string name) => [name + "-p50-half", name + "-p99-half", name + "-cpu", name + "-cpu-database"];
}

namespace Lips.Bench.Load;

/// <summary>Measures sides in turns (A B A B), so that a noisy machine disturbs them alike.</summary>
internal static class Turns
{
    /// <summary>Measures sides that are read.</summary>
    /// <param name="world">The world.</param>
    /// <param name="warmUpSeconds">How long each is warmed up.</param>
    /// <param name="rounds">How often each is measured.</param>
    /// <param name="sides">The sides.</param>
    /// <returns>As <see cref="RunAsync"/>.</returns>
    public static Task<IReadOnlyList<LoadRun[]>> ReadAsync(World world, int warmUpSeconds, int rounds, params Side[] sides) => RunAsync(
        world, warmUpSeconds, rounds, Array.ConvertAll<Side, (Server?, Func<int, bool, Task<LoadRun>>)>(
            sides, side => (side.Server, (seconds, isEachChecked) => world.Wrk.ReadAsync(side, seconds, isEachChecked))));

    /// <summary>One number of both sides, round by round.</summary>
    public static List<Round> Of(this IReadOnlyList<LoadRun[]> rounds, int floor, int product, Func<LoadRun, double> number) =>
        [.. rounds.Select(r => new Round(number(r[floor]), number(r[product])))];

    /// <summary>Measures.</summary>
    /// <param name="world">The world.</param>
    /// <param name="warmUpSeconds">How long each is warmed up; 0 where that is done.</param>
    /// <param name="rounds">How often each is measured.</param>
    /// <param name="sides">Each a server (null for the database alone), and what loads it for some seconds, looking at each answer or only
    /// at all together.</param>
    /// <returns>Per round, the runs of the sides in their order. That of the warm-up, which begins with a second in which each answer is
    /// looked at, is not among them.</returns>
    public static async Task<IReadOnlyList<LoadRun[]>> RunAsync(
        World world, int warmUpSeconds, int rounds, params (Server? Server, Func<int, bool, Task<LoadRun>> LoadAsync)[] sides)
    {
        var measured = new List<LoadRun[]>();
        for (var round = -1; round < rounds; round++)
        {
            var runs = new LoadRun[sides.Length];
            for (var i = 0; i < sides.Length; i++)
            {
                var (server, loadAsync) = sides[i];
                if (round < 0 && server is null)
                    continue;
                if (round < 0)
                    await loadAsync(1, true);
                var (own, database) = (Own(), Usage.SecondsOfTree(world.DatabasePid));
                if (round < 0 && warmUpSeconds == 0)
                    continue;
                var run = await loadAsync(round < 0 ? warmUpSeconds : world.Size.Seconds, false);
                runs[i] = run with
                {
                    ServerCpu = Own() - own,
                    DatabaseCpu = run.DatabaseCpu ?? Usage.SecondsOfTree(world.DatabasePid) - database,
                };

                double Own() => server is null ? 0 : Usage.SecondsOf(server.Pid);
            }

            if (round >= 0)
                measured.Add(runs);
        }

        return measured;
    }
}

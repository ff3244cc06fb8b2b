using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Lips.Bench.Load;

/// <summary>
/// Load from pgbench. Its sessions are new in each run, and its time begins before they are there. On two cores 64 of them take a second or
/// two until they are connected, and as long until they have read the catalogs and touched the shared memory. So each run has a beginning
/// that does not count, as the product's sessions are warm, too.
/// </summary>
internal sealed partial class PgBench(World world, string script)
{
    private const int LongestWarmUp = 60;

    // Sessions that a second is enough for.
    private const int WarmInASecond = 16;

    /// <summary>Runs a statement, prepared.</summary>
    /// <param name="statement">One statement, after <c>\set</c> lines if there are any.</param>
    /// <param name="clients">How many connections.</param>
    /// <param name="seconds">How long.</param>
    /// <returns>Transactions a second, and the database's CPU time; latencies are not measured.</returns>
    /// <exception cref="BenchException">It failed, or did not get its connections.</exception>
    public async Task<LoadRun> RunAsync(string statement, int clients, int seconds)
    {
        await File.WriteAllTextAsync(script, statement + ";\n");
        for (var warmUp = 1 + (clients / WarmInASecond); warmUp <= LongestWarmUp; warmUp *= 2)
        {
            if (await RunAsync(clients, warmUp, seconds) is { } run)
                return run;
        }

        throw new BenchException($"The run is void: pgbench did not make {clients} connections in time.");
    }

    /// <summary>Null when making connections took most of the beginning.</summary>
    private async Task<LoadRun?> RunAsync(int clients, int warmUp, int seconds)
    {
        var settings = new NpgsqlConnectionStringBuilder(world.Database.ConnectionString);
        using var process = Process.Start(new ProcessStartInfo(
            "pgbench",
            [
                "-n", "-M", "prepared", "-f", script, "-c", Text(clients), "-j", Text(Math.Min(2, clients)), "-T", Text(warmUp + seconds),
                "-P", "1", "-h", settings.Host!, "-p", Text(settings.Port), "-U", settings.Username!, settings.Database!,
            ])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var (rates, said, cpu) = (new List<double>(), "", Usage.SecondsOfTree(world.DatabasePid));
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            said += line + '\n';
            if (Second().Match(line) is not { Success: true } second)
                continue;
            if (Number(second.Groups[1]) < warmUp + 0.5)
                cpu = Usage.SecondsOfTree(world.DatabasePid);
            else
                rates.Add(Number(second.Groups[2]));
        }

        cpu = Usage.SecondsOfTree(world.DatabasePid) - cpu;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new BenchException($"pgbench failed: {said}{await output}");
        if (Connecting().Match(await output) is not { Success: true } connecting || Number(connecting.Groups[1]) > warmUp * 600
            || rates.Count == 0)
            return null;
        // When not one transaction was finished in the time, their rate is at most that of one.
        var rate = Math.Max(rates.Average(), 1.0 / seconds);
        return new LoadRun(rate, 0, 0, (long)Math.Ceiling(rate * rates.Count)) { DatabaseCpu = cpu };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static double Number(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^progress: ([\d.]+) s, ([\d.]+) tps,")]
    private static partial Regex Second();

    [GeneratedRegex(@"initial connection time = ([\d.]+) ms")]
    private static partial Regex Connecting();
}

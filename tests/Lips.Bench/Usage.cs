using System.Globalization;

namespace Lips.Bench;

/// <summary>What processes have used (Linux: <c>/proc</c>). CPU time is steadier than wall time on a shared machine.</summary>
internal static class Usage
{
    private const double TicksPerSecond = 100;

    /// <summary>Seconds that a process has used.</summary>
    public static double SecondsOf(int pid) => Stat(pid) is { } stat ? (stat[11] + stat[12]) / TicksPerSecond : 0;

    /// <summary>Seconds that a process and its running and ended children have used: a PostgreSQL server and its sessions.</summary>
    public static double SecondsOfTree(int pid)
    {
        for (var own = Stat(pid); own is not null;)
        {
            var sum = own[11] + own[12] + own[13] + own[14];
            foreach (var folder in Directory.GetDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var child) && Stat(child) is { } stat
                    && stat[1] == pid)
                    sum += stat[11] + stat[12];
            }

            // One that ended meanwhile may be in neither sum.
            var before = own;
            own = Stat(pid);
            if (own is null || (own[13] == before[13] && own[14] == before[14]))
                return sum / TicksPerSecond;
        }

        return 0;
    }

    /// <summary>
    /// Since the machine's start: the core seconds in which it had work, and those of them that the host gave to others (steal).
    /// </summary>
    public static (double Busy, double Stolen) OfMachine()
    {
        // cpu user nice system idle iowait irq softirq steal
        var ticks = Array.ConvertAll(File.ReadLines("/proc/stat").First()
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9], t => long.Parse(t, CultureInfo.InvariantCulture));
        return ((ticks.Sum() - ticks[3] - ticks[4]) / TicksPerSecond, ticks[7] / TicksPerSecond);
    }

    /// <summary>The most bytes of memory that a process has had (<c>VmHWM</c>).</summary>
    public static double PeakMemoryOf(int pid) => 1024 * double.Parse(
        File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal))[6..].Replace(
            "kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    /// <summary>
    /// The fields of <c>/proc/PID/stat</c> behind the name, of which the first (the state) is 0; null when the process is gone.
    /// </summary>
    private static long[]? Stat(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return Array.ConvertAll(
                text[(text.LastIndexOf(')') + 2)..].Split(' '), field =>
                    long.TryParse(field, CultureInfo.InvariantCulture, out var number) ? number : 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

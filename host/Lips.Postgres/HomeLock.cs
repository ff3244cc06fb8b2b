using System.Globalization;

namespace Lips.Postgres;

/// <summary>
/// One host per home. The kernel drops the lock (flock) with the process, however it ends, so there is nothing to clean up.
/// </summary>
internal sealed class HomeLock : IDisposable
{
    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockOnMac = 35;

    private readonly FileStream _file;

    private HomeLock(FileStream file) => _file = file;

    /// <exception cref="PrivatePostgresException">Another host uses this home.</exception>
    public static async Task<HomeLock> TakeAsync(string home, CancellationToken ct)
    {
        // A command that asks whether a host runs (IsHeld) holds the lock for a moment.
        for (var attempt = 0; attempt < 5; attempt++)
        {
            if (TryTake(home) is { } taken)
                return taken;
            await Task.Delay(TimeSpan.FromMilliseconds(50), ct);
        }

        throw new PrivatePostgresException(
            $"Another LIPS host{Holder(home)} is using the home {home}: stop it first, or give this one a home of its own (Lips:Home).");
    }

    public static bool IsHeld(string home)
    {
        using var file = TryOpen(home);
        return file is null;
    }

    public void Dispose() => _file.Dispose();

    private static HomeLock? TryTake(string home)
    {
        var file = TryOpen(home);
        if (file is null)
            return null;
        try
        {
            // Beside the lock, not in it: a locked file cannot be opened to be read.
            File.WriteAllText(HolderFile(home), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new HomeLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static FileStream? TryOpen(string home)
    {
        try
        {
            return new FileStream(Path.Combine(home, "host.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure) when (failure.HResult is WouldBlockOnLinux or WouldBlockOnMac)
        {
            return null;
        }
    }

    private static string HolderFile(string home) => Path.Combine(home, "host.pid");

    private static string Holder(string home)
    {
        try
        {
            return int.TryParse(File.ReadAllText(HolderFile(home)), CultureInfo.InvariantCulture, out var pid) ? $" (process {pid})" : "";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

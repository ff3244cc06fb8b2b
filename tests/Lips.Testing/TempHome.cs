using System.Globalization;

namespace Lips.Testing;

/// <summary>A home folder, not made yet; removed at the end, with the server that a killed host may have left in it.</summary>
public sealed class TempHome : IDisposable
{
    /// <summary>The folder.</summary>
    public string Folder { get; } = Path.Combine(Path.GetTempPath(), "lips-host-" + Guid.NewGuid().ToString("N")[..12]);

    /// <summary>Where a host keeps the admin token that it makes.</summary>
    public string AdminTokenFile => Path.Combine(Folder, "admin-token");

    /// <summary>The private PostgreSQL's process; null when it does not run.</summary>
    public int? Server
    {
        get
        {
            var file = Path.Combine(Folder, "postgres", "data", "postmaster.pid");
            if (!File.Exists(file))
                return null;
            var pid = int.Parse(File.ReadLines(file).First(), CultureInfo.InvariantCulture);
            return Signals.Exists(pid) ? pid : null;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (Server is { } server)
        {
            Signals.Send(server, Signals.Quit);
            while (Server is not null)
                Thread.Sleep(50);
        }

        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true);
    }
}

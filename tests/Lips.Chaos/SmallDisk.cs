using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Lips.Chaos;

/// <summary>
/// A file system in memory that the tables are on, and that can be full at any moment. WAL is not on it: a server that cannot write that
/// ends, which is another fault. Its bytes outlive everything that happens here; the server's commits are still those of its own disk.
/// </summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private const long Room = 4L << 30;
    private const long LeftWhenFull = 64 << 10;

    private readonly DirectoryInfo folder;

    private SmallDisk(DirectoryInfo folder) => this.folder = folder;

    /// <summary>Mounts it and moves the database there.</summary>
    /// <param name="database">Which nobody uses.</param>
    /// <param name="dataFolder">The server's, whose owner the file system gets.</param>
    /// <returns>Null where this user may not mount one.</returns>
    public static async Task<SmallDisk?> TryMountAsync(string database, string dataFolder)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return null;
        var disk = new SmallDisk(Directory.CreateTempSubdirectory("lips-disk-"));
        if (!await disk.MountAsync(Room, "mode=0700"))
        {
            disk.folder.Delete();
            return null;
        }

        if (!await RunAsync("chown", $"--reference={dataFolder}", disk.folder.FullName))
            throw new InvalidOperationException($"{disk.folder} cannot be given to the server's user.");
        NpgsqlConnection.ClearAllPools();
        var settings = new NpgsqlConnectionStringBuilder(database) { Pooling = false };
        var name = settings.Database;
        settings.Database = "postgres";
        await using var source = NpgsqlDataSource.Create(settings.ConnectionString);
        foreach (var sql in (string[])
            [$"CREATE TABLESPACE small LOCATION '{disk.folder}'", $"ALTER DATABASE {name} SET TABLESPACE small"])
        {
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }

        return disk;
    }

    /// <summary>Leaves no room.</summary>
    public async Task FillAsync()
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            var drive = new DriveInfo(folder.FullName);
            // It cannot be smaller than what is used, which grows meanwhile.
            if (await MountAsync(drive.TotalSize - drive.TotalFreeSpace + LeftWhenFull, "remount"))
                return;
        }

        throw new InvalidOperationException($"{folder} could not be made small.");
    }

    /// <summary>Gives room again.</summary>
    public async Task EmptyAsync()
    {
        if (!await MountAsync(Room, "remount"))
            throw new InvalidOperationException($"{folder} could not be made large.");
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        // Also where a server that another fault has just started still uses it: it is gone once that ends.
        if (await RunAsync("umount", "--lazy", folder.FullName))
            folder.Delete();
    }

    private Task<bool> MountAsync(long size, string option) => RunAsync(
        "mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"{option},size={size}"), "lips", folder.FullName);

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })
            ?? throw new InvalidOperationException($"{program} did not start.");
        await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }
}

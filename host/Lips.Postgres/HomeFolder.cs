namespace Lips.Postgres;

/// <summary>The home of a host: the folder that the setting <c>Lips:Home</c> names.</summary>
internal static class HomeFolder
{
    /// <summary>Others may pass through but not look around: root's server runs as another user.</summary>
    public const UnixFileMode PassableMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const UnixFileMode PrivateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes the folder when it is missing and answers its path, absolute and without links.</summary>
    public static async Task<string> PrepareAsync(string home, CancellationToken ct)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(home));
        if (File.Exists(path))
            throw new PrivatePostgresException($"The home {path} is a file: set Lips:Home to a folder.");
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path);
            File.SetUnixFileMode(path, Environment.IsPrivilegedProcess ? PassableMode : PrivateMode);
        }

        return await ResolveAsync(path, ct);
    }

    /// <summary>The path of a folder that is there, absolute and without links: two ways to write it are one home.</summary>
    public static async Task<string> ResolveAsync(string home, CancellationToken ct)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(home));
        var answer = await Command.RunAsync(path, "/bin/sh", ["-c", "pwd -P"], input: null, ct);
        return answer.Succeeded ? answer.Output.TrimEnd('\n') : path;
    }
}

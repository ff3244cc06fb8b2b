using Microsoft.Extensions.Logging;

namespace Lips.Postgres;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "PostgreSQL {Version} runs in {Folder} as {User}")]
    public static partial void Running(this ILogger logger, string version, string folder, string user);

    [LoggerMessage(2, LogLevel.Information, "Making a PostgreSQL {Version} cluster in {Folder}")]
    public static partial void Making(this ILogger logger, string version, string folder);

    [LoggerMessage(
        3, LogLevel.Warning, "The home {Home} is closed to the user {User} who runs PostgreSQL; its data is kept in {Folder} instead")]
    public static partial void KeptElsewhere(this ILogger logger, string home, string user, string folder);

    [LoggerMessage(
        4, LogLevel.Information, "PostgreSQL still runs in {Folder} (process {Pid}), left by a host that did not stop it; using it")]
    public static partial void Adopted(this ILogger logger, string folder, int pid);

    [LoggerMessage(5, LogLevel.Warning, "{File} names process {Pid}, which is not PostgreSQL any more; removing the file")]
    public static partial void StalePidFile(this ILogger logger, string file, int pid);

    [LoggerMessage(6, LogLevel.Information, "PostgreSQL in {Folder} is not ready yet (it may be recovering); waiting, see {LogFile}")]
    public static partial void StillStarting(this ILogger logger, string folder, string logFile);

    [LoggerMessage(7, LogLevel.Information, "PostgreSQL in {Folder} has stopped")]
    public static partial void Stopped(this ILogger logger, string folder);

    [LoggerMessage(8, LogLevel.Warning, "PostgreSQL in {Folder} did not stop in {Seconds} s; stopping it at once, the next start recovers")]
    public static partial void StoppingAtOnce(this ILogger logger, string folder, int seconds);

    [LoggerMessage(9, LogLevel.Error, "PostgreSQL in {Folder} could not be stopped: {Reason}")]
    public static partial void NotStopped(this ILogger logger, string folder, string reason);

    [LoggerMessage(10, LogLevel.Warning, "PostgreSQL in {Folder} runs (process {Pid}) but its socket does not answer; restarting it")]
    public static partial void Unreachable(this ILogger logger, string folder, int pid);

    [LoggerMessage(11, LogLevel.Information, "The path of {Folder} does not suit a unix socket; the socket is in {SocketFolder}")]
    public static partial void ShortSocketFolder(this ILogger logger, string folder, string socketFolder);

    [LoggerMessage(12, LogLevel.Information, "A host runs in {Home}; using its PostgreSQL")]
    public static partial void Attached(this ILogger logger, string home);
}

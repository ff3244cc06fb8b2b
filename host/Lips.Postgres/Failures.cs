using Npgsql;

namespace Lips.Postgres;

/// <summary>Turns what the operating system and PostgreSQL say into the one line an operator needs.</summary>
internal static class Failures
{
    private const string NoSpace = "No space left on device";

    // A start writes at least one WAL segment (16 MB); with less than that free, the disk is what failed.
    private const long WalSegment = 16 * 1024 * 1024;

    public static bool IsAboutSpace(string text) => text.Contains(NoSpace, StringComparison.Ordinal);

    public static bool IsFull(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace < WalSegment;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    public static PrivatePostgresException DiskFull(string folder, Exception? inner = null) =>
        new($"The disk of {folder} is full: free some space there and start again. Nothing was deleted.", inner);

    /// <summary>The exception to show for a failure in this folder; null when the failure is not one of these.</summary>
    public static PrivatePostgresException? Explain(string folder, Exception failure) => failure switch
    {
        PrivatePostgresException => null,
        _ when IsAboutSpace(failure.Message) || failure is PostgresException { SqlState: PostgresErrorCodes.DiskFull } =>
            DiskFull(folder, failure),
        UnauthorizedAccessException =>
            new($"{failure.Message.TrimEnd('.')}: the folder {folder} must be writable by {Environment.UserName}, "
                + "or set Lips:Home to one that is.", failure),
        IOException => new($"The folder {folder} cannot be used: {failure.Message}", failure),
        NpgsqlException => new($"The PostgreSQL of {folder} cannot be used: {failure.Message}", failure),
        _ => null,
    };

    /// <summary>The line of a log or of an error output that says most: the last fatal one, else the last one.</summary>
    public static string LastUsefulLine(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string[] marks = ["PANIC:", "FATAL:", "error:", "ERROR:"];
        foreach (var line in lines.Reverse())
        {
            var mark = marks.FirstOrDefault(word => line.Contains(word, StringComparison.Ordinal));
            if (mark is not null)
                return line[line.IndexOf(mark, StringComparison.Ordinal)..];
        }

        return lines.LastOrDefault() ?? "it said nothing";
    }
}

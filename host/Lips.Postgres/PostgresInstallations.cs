using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Lips.Postgres;

/// <summary>Finds the PostgreSQL servers that are installed on this machine.</summary>
public static partial class PostgresInstallations
{
    /// <summary>The oldest major version that LIPS runs on.</summary>
    public const int OldestMajor = 14;

    private static readonly string[] Binaries = ["postgres", "initdb", "pg_ctl"];

    /// <summary>
    /// The servers of version 14 or newer, the preferred one first: those on PATH in its order, then those in the usual places
    /// (Debian, RPM, Homebrew, source), newest first. With a setting, that one alone. Asks every candidate for its version,
    /// which takes some milliseconds each.
    /// </summary>
    /// <param name="setting">The setting <c>Lips:PostgresBin</c>; null or empty to search.</param>
    /// <exception cref="PrivatePostgresException">The setting names a folder that cannot be used.</exception>
    public static IReadOnlyList<PostgresInstallation> Find(string? setting)
    {
        if (!string.IsNullOrWhiteSpace(setting))
            return [FromSetting(setting)];

        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var onPath = Usable(path.Select(BehindLinks));
        var usual = Usable(UsualFolders()).OrderByDescending(installation => installation.Major)
            .ThenByDescending(installation => installation.Version, NumericOrder);
        return [.. onPath.Concat(usual).DistinctBy(installation => installation.BinFolder)];
    }

    private static readonly StringComparer NumericOrder = StringComparer.Create(
        CultureInfo.InvariantCulture, CompareOptions.NumericOrdering);

    private static PostgresInstallation FromSetting(string setting)
    {
        var folder = Path.GetFullPath(setting);
        var missing = Binaries.Where(name => !IsExecutable(Path.Combine(folder, name))).ToArray();
        if (missing.Length > 0)
        {
            throw new PrivatePostgresException(
                $"Lips:PostgresBin names {folder}, which has no executable {string.Join(", ", missing)}: set it to the folder of a "
                    + "PostgreSQL server's binaries, or leave it out to have one found.");
        }

        if (AskVersion(folder) is not { } installation)
            throw new PrivatePostgresException(
                $"Lips:PostgresBin names {folder}, whose postgres does not tell its version: "
                    + "set it to the folder of a working PostgreSQL server.");

        return installation.Major >= OldestMajor
            ? installation
            : throw new PrivatePostgresException(
                $"Lips:PostgresBin names {folder}, which is PostgreSQL {installation.Version}: {OldestMajor} or newer is needed.");
    }

    private static IEnumerable<PostgresInstallation> Usable(IEnumerable<string> folders) =>
        folders.Where(folder => Binaries.All(name => IsExecutable(Path.Combine(folder, name))))
            .Distinct()
            .Select(AskVersion)
            .OfType<PostgresInstallation>()
            .Where(installation => installation.Major >= OldestMajor);

    // Links such as /usr/local/bin/pg_ctl often stand without the rest of the server beside them.
    private static string BehindLinks(string folder)
    {
        try
        {
            var server = new FileInfo(Path.Combine(folder, "pg_ctl"));
            return Path.GetDirectoryName(server.ResolveLinkTarget(returnFinalTarget: true)?.FullName) ?? folder;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return folder;
        }
    }

    private static IEnumerable<string> UsualFolders() =>
    [
        .. Below("/usr/lib/postgresql", "*"),
        .. Below("/usr", "pgsql-*"),
        .. Below("/opt/homebrew/opt", "postgresql@*"),
        .. Below("/usr/local/opt", "postgresql@*"),
        "/usr/local/pgsql/bin",
    ];

    private static IEnumerable<string> Below(string parent, string pattern)
    {
        try
        {
            return Directory.GetDirectories(parent, pattern).Select(folder => Path.Combine(folder, "bin"));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool IsExecutable(string file)
    {
        const UnixFileMode anyone = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return File.Exists(file) && (File.GetUnixFileMode(file) & anyone) != 0;
    }

    private static PostgresInstallation? AskVersion(string folder)
    {
        try
        {
            using var server = Process.Start(new ProcessStartInfo(Path.Combine(folder, "postgres"), "--version")
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var answer = VersionPattern().Match(server.StandardOutput.ReadToEnd());
            server.WaitForExit();
            return answer.Success
                ? new PostgresInstallation(
                    folder, int.Parse(answer.Groups["major"].Value, CultureInfo.InvariantCulture), answer.Groups["version"].Value)
                : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\(PostgreSQL\) (?<version>(?<major>\d{1,4})\S*)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex VersionPattern();
}

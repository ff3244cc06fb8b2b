using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Lips.Postgres;

/// <summary>
/// The folder of the server's socket. It is the whole of the access control: it belongs to the server's user and nobody else
/// may enter, so whoever reaches the socket could read the data files as well, and a password would protect nothing more.
/// </summary>
internal static class SocketFolder
{
    public const int Port = 5432;

    // sun_path ends with a NUL and has 108 bytes on Linux, 104 on macOS.
    private const int LongestSocketPath = 103;

    // Called when no server runs, so a socket that is there is left over. Its lock file would stop the server if the process
    // that it names lives, or is dead but unclaimed by its parent, as happens in containers.
    private const string MakeOrVerify = """
        if ! mkdir -m 700 -- "$1"; then
            [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] || exit 1
            case $(ls -ld -- "$1") in
                drwx------+*) exit 1 ;;
                drwx------*) ;;
                *) exit 1 ;;
            esac
        fi
        rm -f -- "$2" "$2.lock"
        """;

    /// <summary>True when this folder's path can be a server's socket folder and a client's host.</summary>
    // A comma separates hosts (and folders, for the server), a colon the port; the letters below need no quoting anywhere.
    public static bool Suits(string folder) =>
        Encoding.UTF8.GetByteCount(SocketFile(folder)) <= LongestSocketPath
        && folder.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '/' or '.' or '_' or '-');

    public static async Task<string> PrepareAsync(StateFolder state, ILogger logger, CancellationToken ct)
    {
        var beside = Beside(state);
        // Not XDG_RUNTIME_DIR: it goes away when the user logs out, with the server still running.
        var folder = Suits(beside) ? beside : Path.Combine("/tmp", "lips-" + StateFolder.ShortName(state.Path));
        var result = await state.Account.ScriptAsync("/", MakeOrVerify, ct, parameters: [folder, SocketFile(folder)]);
        if (result.Succeeded)
        {
            if (folder != beside)
                logger.ShortSocketFolder(state.Path, folder);
            return folder;
        }

        if (Failures.IsAboutSpace(result.Error))
            throw Failures.DiskFull(folder);
        throw new PrivatePostgresException(
            $"The folder {folder}, meant for PostgreSQL's socket, is not private to the user {state.Account.Name}: somebody else made or "
                + "opened it; remove it and start again.");
    }

    /// <summary>Removes the folder, once its server has stopped, if it is not among the home's own.</summary>
    public static async Task RemoveAsync(StateFolder state, string folder)
    {
        if (folder != Beside(state))
            await state.Account.ScriptAsync("/", """rmdir -- "$1" """, CancellationToken.None, parameters: folder);
    }

    private static string Beside(StateFolder state) => Path.Combine(state.Path, "run");

    private static string SocketFile(string folder) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $".s.PGSQL.{Port}"));
}

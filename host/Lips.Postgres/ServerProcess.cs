using System.Globalization;

namespace Lips.Postgres;

/// <summary>What has become of the process that <c>postmaster.pid</c> names.</summary>
internal enum ServerProcessState
{
    /// <summary>There is no such process, or one of another user. PostgreSQL sees through that file by itself.</summary>
    Gone,

    /// <summary>It is the server of this data folder.</summary>
    Ours,

    /// <summary>The server is gone but some of its children still work in this data folder.</summary>
    Orphans,

    /// <summary>It is an unrelated process that got the number later; no process of PostgreSQL works in this data folder.</summary>
    Foreign,

    /// <summary>It may be the server of this data folder, and this machine does not tell.</summary>
    Unknown,
}

internal static class ServerProcess
{
    // A server works in its data folder, which is how it is known: the number alone may have been given away since.
    // Asked as the server's user, because root in a container may not look at other users' processes.
    private const string Inspect = """
        pid=$1
        if [ -n "$pid" ] && ! kill -0 "$pid" 2>/dev/null; then echo Gone; exit; fi
        if [ ! -d /proc/self/fd ]; then
            case $(ps -o comm= -p "$pid" 2>/dev/null) in
                *postgres* | *postmaster*) echo Ours ;;
                *) if ps -axo comm= | grep -Eq 'postgres|postmaster'; then echo Unknown; else echo Foreign; fi ;;
            esac
            exit
        fi
        named() { read -r name 2>/dev/null < "/proc/$1/comm" && case $name in postgres* | postmaster*) ;; *) false ;; esac; }
        ours() { [ "/proc/$1/cwd" -ef . ] && named "$1"; }
        if [ -n "$pid" ]; then
            if ours "$pid"; then echo Ours; exit; fi
            if named "$pid" && ! readlink "/proc/$pid/cwd" > /dev/null && ! grep -q '^State:.Z' "/proc/$pid/status"; then
                echo Unknown; exit
            fi
        fi
        for other in /proc/[0-9]*; do
            if ours "${other#/proc/}"; then echo Orphans; exit; fi
        done
        echo Foreign
        """;

    public static async Task<ServerProcessState> InspectAsync(ServerAccount account, string dataFolder, int pid, CancellationToken ct)
    {
        var number = pid > 0 ? pid.ToString(CultureInfo.InvariantCulture) : "";
        var answer = await account.ScriptAsync(dataFolder, Inspect, ct, parameters: number);
        return Enum.TryParse<ServerProcessState>(answer.Output.Trim(), out var state) ? state : ServerProcessState.Unknown;
    }
}

using System.Diagnostics.CodeAnalysis;

namespace Lips.Postgres;

/// <summary>
/// The user that the server runs as: our own, or an unprivileged one when we are root, whom PostgreSQL refuses. Whatever is
/// done inside the server's folders is done as this user, so root never follows a link that the server's user has laid.
/// </summary>
internal sealed class ServerAccount
{
    private static readonly string[] SystemFolders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

    private readonly Func<string, IEnumerable<string>, (string File, IEnumerable<string> Arguments)> _launch;

    private ServerAccount(string name, bool isOwn, Func<string, IEnumerable<string>, (string File, IEnumerable<string> Arguments)> launch)
    {
        Name = name;
        IsOwn = isOwn;
        _launch = launch;
    }

    public string Name { get; }

    /// <summary>True when the server runs as the user who started us.</summary>
    public bool IsOwn { get; }

    /// <param name="owner">The owner of a data folder that is already there; null for a new one.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="PrivatePostgresException">We are root and there is no user or no program to switch with.</exception>
    public static async Task<ServerAccount> ChooseAsync(string? owner, CancellationToken ct)
    {
        if (!Environment.IsPrivilegedProcess)
            return new ServerAccount(Environment.UserName, isOwn: true, (file, arguments) => (file, arguments));

        string[] candidates = owner is null or "root" ? ["postgres", "nobody"] : [owner];
        foreach (var name in candidates)
        {
            if (await IdAsync("-u", name, ct) is { } user && await IdAsync("-g", name, ct) is { } group)
                return new ServerAccount(name, isOwn: false, await SwitchAsync(name, user, group, ct));
        }

        throw new PrivatePostgresException(
            $"PostgreSQL does not run as root, and there is no user {string.Join(" or ", candidates)} to run it as: "
                + "start as an ordinary user.");
    }

    public Task<CommandResult> RunAsync(
        string workingFolder, string file, IEnumerable<string> arguments, CancellationToken ct, string? input = null)
    {
        var (program, all) = _launch(file, arguments);
        return Command.RunAsync(workingFolder, program, all, input, ct);
    }

    /// <summary>Runs a shell script; its parameters are <c>$1</c>, <c>$2</c> and so on.</summary>
    public Task<CommandResult> ScriptAsync(
        string workingFolder, string script, CancellationToken ct, string? input = null, params string[] parameters) =>
        RunAsync(workingFolder, "/bin/sh", ["-c", script, "sh", .. parameters], ct, input);

    private static async Task<string?> IdAsync(string option, string name, CancellationToken ct)
    {
        var answer = await Command.RunAsync("/", "id", [option, "--", name], input: null, ct);
        return answer.Succeeded ? answer.Output.Trim() : null;
    }

    private static async Task<Func<string, IEnumerable<string>, (string, IEnumerable<string>)>> SwitchAsync(
        string name, string user, string group, CancellationToken ct)
    {
        if (TryLocate("setpriv", out var setpriv))
        {
            string[] options = [$"--reuid={user}", $"--regid={group}", "--clear-groups", "--"];
            // The setpriv of BusyBox has none of these options.
            if ((await Command.RunAsync("/", setpriv, [.. options, "/bin/sh", "-c", ":"], input: null, ct)).Succeeded)
                return (file, arguments) => (setpriv, [.. options, file, .. arguments]);
        }

        if (TryLocate("runuser", out var runuser))
            return (file, arguments) => (runuser, ["-u", name, "--", file, .. arguments]);

        if (TryLocate("su", out var su))
        {
            // One quoted line: the implementations of su disagree on where further arguments go.
            return (file, arguments) => (su,
                ["-s", "/bin/sh", "-c", "exec " + string.Join(' ', arguments.Prepend(file).Select(Quote)), name]);
        }

        throw new PrivatePostgresException(
            $"PostgreSQL does not run as root, and neither setpriv, runuser nor su is here to run it as {name}: install util-linux, "
                + "or start as an ordinary user.");
    }

    private static bool TryLocate(string program, [NotNullWhen(true)] out string? path)
    {
        path = SystemFolders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        return path is not null;
    }

    private static string Quote(string word) => $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}

using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Lips.Postgres;

/// <summary>One cluster: its data folder, and the server that runs in it.</summary>
/// <remarks>
/// Programs run in the state folder and get relative names: pg_ctl hands its arguments to a shell in double quotes, where a
/// <c>$</c> in the path of a home would be taken for a variable.
/// </remarks>
internal sealed class Cluster(StateFolder state, ILogger logger)
{
    public const string DataFolderName = "data";

    private const string LogName = "log";
    private const long LargestLog = 10 * 1024 * 1024;
    private const int StopSeconds = 30;

    // A day: recovery takes as long as it takes. pg_ctl stops waiting when the server ends, and we when we are cancelled.
    private const int StartSeconds = 86_400;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan QuietPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SilentPatience = TimeSpan.FromSeconds(5);

    // Children notice within moments that their server has died; one that is writing out much takes longer.
    private static readonly TimeSpan OrphanPatience = TimeSpan.FromSeconds(20);

    public string DataFolder { get; } = DataFolderOf(state.Path);

    public string LogFile { get; } = Path.Combine(state.Path, LogName);

    public static string DataFolderOf(string stateFolder) => Path.Combine(stateFolder, DataFolderName);

    /// <summary>The installation to use: the first for a new cluster, the first of its major version for one that is there.</summary>
    public PostgresInstallation Choose(IReadOnlyList<PostgresInstallation> installations)
    {
        if (installations.Count == 0)
        {
            throw new PrivatePostgresException(
                $"No PostgreSQL server of version {PostgresInstallations.OldestMajor} or newer was found on PATH or in the usual places: "
                    + "install one (Debian, Ubuntu: apt-get install postgresql; Fedora, RHEL: dnf install postgresql-server; macOS: brew "
                    + "install postgresql@17), name its folder in Lips:PostgresBin, "
                    + "or set ConnectionStrings:Lips to a server that runs already.");
        }

        if (ReadMajor() is not { } major)
            return installations[0];

        return installations.FirstOrDefault(installation => installation.Major.ToString(CultureInfo.InvariantCulture) == major)
            ?? throw new PrivatePostgresException(
                $"{DataFolder} was made by PostgreSQL {major} and only PostgreSQL "
                    + $"{string.Join(", ", installations.Select(installation => $"{installation.Version} ({installation.BinFolder})"))} is "
                    + $"here: install PostgreSQL {major} beside it, or bring the data over with pg_upgrade or pg_dump. "
                    + "Nothing was changed.");
    }

    public bool Exists => ReadMajor() is not null;

    /// <summary>Makes the cluster, wholly or not at all.</summary>
    public async Task MakeAsync(PostgresInstallation installation, bool durable, CancellationToken ct)
    {
        logger.Making(installation.Version, DataFolder);
        var unfinished = $"{DataFolderName}.new-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        await state.Account.ScriptAsync(state.Path, $"rm -rf -- {DataFolderName}.new-*", ct);
        string[] arguments =
        [
            "--pgdata=" + unfinished, "--username=" + Endpoint.Superuser, "--encoding=UTF8", "--no-locale", "--data-checksums",
            "--auth-local=trust", "--auth-host=reject", "--no-instructions", .. durable ? Array.Empty<string>() : ["--no-sync"],
        ];
        var made = await state.Account.RunAsync(state.Path, installation.Binary("initdb"), arguments, ct);
        if (made.Succeeded)
        {
            // The new name must survive a power cut: else the next start would take the finished cluster for an unfinished
            // one and remove it.
            made = await state.Account.ScriptAsync(
                state.Path,
                $"""rmdir {DataFolderName} 2>/dev/null; mv -- "$1" {DataFolderName} && sync . 2>/dev/null || [ -d {DataFolderName} ]""",
                ct, parameters: unfinished);
        }

        if (made.Succeeded)
            return;

        var full = Failures.IsAboutSpace(made.Error + made.Output) || Failures.IsFull(state.Path);
        await state.Account.ScriptAsync(state.Path, """rm -rf -- "$1" """, CancellationToken.None, parameters: unfinished);
        throw full
            ? Failures.DiskFull(state.Path)
            : new PrivatePostgresException(
                $"PostgreSQL {installation.Version} could not make a cluster in {DataFolder}: "
                    + $"{Failures.LastUsefulLine(made.Output + made.Error)}");
    }

    /// <summary>The server that runs in this cluster already, once it answers; null when none does. Removes a stale pid file.</summary>
    public async Task<Endpoint?> AdoptAsync(PostgresInstallation installation, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        var lastAnswer = TimeSpan.Zero;
        var told = false;
        while (PidFile.Read(DataFolder) is { } file)
        {
            switch (await ServerProcess.InspectAsync(state.Account, DataFolder, file.Pid, ct))
            {
                case ServerProcessState.Gone:
                    return null;
                case ServerProcessState.Foreign:
                    logger.StalePidFile(Path.Combine(DataFolder, PidFile.Name), file.Pid);
                    await state.Account.ScriptAsync(DataFolder, "rm -f -- " + PidFile.Name, ct);
                    return null;
                case ServerProcessState.Orphans when clock.Elapsed > OrphanPatience:
                    throw new PrivatePostgresException(
                        $"Processes of a PostgreSQL that has died still work in {DataFolder}: end them and start again. "
                            + "Nothing was changed.");
                case ServerProcessState.Unknown:
                    throw new PrivatePostgresException(
                        $"{Path.Combine(DataFolder, PidFile.Name)} names process {file.Pid}, which may be this data folder's PostgreSQL: "
                            + "stop it; if it is something else, remove that file. Nothing was changed.");
                case ServerProcessState.Ours:
                    var endpoint = new Endpoint(file.SocketFolder, file.Port);
                    var answer = await endpoint.ProbeAsync(Endpoint.Maintenance, ct);
                    if (answer == EndpointState.Ready)
                    {
                        logger.Adopted(DataFolder, file.Pid);
                        return endpoint;
                    }

                    if (answer == EndpointState.Busy)
                        lastAnswer = clock.Elapsed;
                    else if (clock.Elapsed - lastAnswer > SilentPatience)
                    {
                        // Its socket was removed (a cleaner of /tmp, say), or it was started by hand without one.
                        logger.Unreachable(DataFolder, file.Pid);
                        await StopAsync(installation);
                        return null;
                    }

                    break;
            }

            if (!told && clock.Elapsed > QuietPatience)
            {
                told = true;
                logger.StillStarting(DataFolder, LogFile);
            }

            await Task.Delay(Poll, ct);
        }

        return null;
    }

    /// <summary>Starts the server and waits until it takes connections, recovery included.</summary>
    public async Task<Endpoint> StartAsync(
        PostgresInstallation installation, string socketFolder, IReadOnlyDictionary<string, string> settings, CancellationToken ct)
    {
        await PrepareFilesAsync(settings, ct);
        // pg_ctl makes the server leader of a session of its own: Ctrl-C in the host's terminal does not reach it.
        var options = string.Create(
            CultureInfo.InvariantCulture,
            $"-c config_file={ServerSettings.FileName} -c listen_addresses= -c port={SocketFolder.Port} -c "
                + $"unix_socket_directories={socketFolder} -c unix_socket_permissions=0700");
        string[] arguments =
        [
            "start", "--silent", "--wait", string.Create(CultureInfo.InvariantCulture, $"--timeout={StartSeconds}"), "--log=" + LogName,
            "--options=" + options,
        ];

        var clock = Stopwatch.StartNew();
        while (true)
        {
            var logged = LogLength();
            var starting = state.Account.RunAsync(state.Path, installation.Binary("pg_ctl"), arguments, CancellationToken.None);
            if (await Task.WhenAny(starting, Task.Delay(QuietPatience, ct)) != starting && !ct.IsCancellationRequested)
                logger.StillStarting(DataFolder, LogFile);
            var result = await OutcomeAsync(starting, ct);
            if (result.Succeeded)
                return new Endpoint(socketFolder, SocketFolder.Port);

            var said = ReadLog(logged);
            if (said.Contains("pre-existing shared memory block", StringComparison.Ordinal) && clock.Elapsed < OrphanPatience)
            {
                await Task.Delay(Poll, ct);
                continue;
            }

            if (Failures.IsAboutSpace(said + result.Error) || Failures.IsFull(DataFolder))
                throw Failures.DiskFull(DataFolder);
            var reason = Failures.LastUsefulLine(said.Length > 0 ? said : result.Error + result.Output);
            throw new PrivatePostgresException(
                $"PostgreSQL {installation.Version} did not start in {DataFolder}: {reason} (its log is {LogFile})");
        }
    }

    /// <summary>Stops the server if it runs, open transactions rolled back, and waits until it has ended. Throws nothing.</summary>
    public async Task StopAsync(PostgresInstallation installation)
    {
        var error = "";
        // Twice, because a second Ctrl-C ends pg_ctl (not the server) while it waits.
        string[] modes = ["fast", "fast", "immediate"];
        foreach (var mode in modes)
        {
            try
            {
                // Asked first: pg_ctl would signal whatever process the pid file names.
                if (PidFile.Read(DataFolder) is not { Pid: var pid } || await InspectAsync(pid) != ServerProcessState.Ours)
                    return;
                if (mode == "immediate")
                    logger.StoppingAtOnce(DataFolder, 2 * StopSeconds);
                var timeout = string.Create(CultureInfo.InvariantCulture, $"--timeout={StopSeconds}");
                var result = await state.Account.RunAsync(
                    state.Path, installation.Binary("pg_ctl"), ["stop", "--silent", "--wait", "--mode=" + mode, timeout],
                    CancellationToken.None);
                if (result.Succeeded || !await IsRunningAsync())
                {
                    await WaitForEndAsync(pid);
                    logger.Stopped(DataFolder);
                    return;
                }

                error = Failures.LastUsefulLine(result.Error);
            }
            catch (Exception failure) when (failure is PrivatePostgresException or IOException or UnauthorizedAccessException)
            {
                error = failure.Message;
            }
        }

        logger.NotStopped(DataFolder, error);
    }

    // A start that is cancelled ends once there is a server that StopAsync can see, or none is coming.
    private async Task<CommandResult> OutcomeAsync(Task<CommandResult> starting, CancellationToken ct)
    {
        try
        {
            return await starting.WaitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            while (!starting.IsCompleted && !await IsRunningAsync())
                await Task.Delay(Poll, CancellationToken.None);
            throw;
        }
    }

    // The server removes its pid file, for which pg_ctl waits, a moment before it ends.
    private async Task WaitForEndAsync(int pid)
    {
        var clock = Stopwatch.StartNew();
        while (await InspectAsync(pid) is ServerProcessState.Ours or ServerProcessState.Orphans && clock.Elapsed < OrphanPatience)
            await Task.Delay(Poll);
    }

    private async Task<bool> IsRunningAsync() =>
        PidFile.Read(DataFolder) is { } file && await InspectAsync(file.Pid) == ServerProcessState.Ours;

    private Task<ServerProcessState> InspectAsync(int pid) =>
        ServerProcess.InspectAsync(state.Account, DataFolder, pid, CancellationToken.None);

    private string? ReadMajor()
    {
        var file = Path.Combine(DataFolder, "PG_VERSION");
        if (File.Exists(file))
            return File.ReadAllText(file).Trim();
        if (!Directory.Exists(DataFolder) || !Directory.EnumerateFileSystemEntries(DataFolder).Any())
            return null;
        throw new PrivatePostgresException(
            $"{DataFolder} holds files but no PostgreSQL cluster: move them away and start again. Nothing was changed.");
    }

    // The log only grows while the server runs, by little (see ServerSettings), so looking after it at the start is enough.
    private async Task PrepareFilesAsync(IReadOnlyDictionary<string, string> settings, CancellationToken ct)
    {
        const string script = """
            if [ -f log ] && [ "$(wc -c < log)" -gt "$2" ]; then mv -f log log.1; fi
            cat > "$1.new" && mv -f -- "$1.new" "$1"
            """;
        var limit = LargestLog.ToString(CultureInfo.InvariantCulture);
        var result = await state.Account
            .ScriptAsync(state.Path, script, ct, ServerSettings.Compose(settings), ServerSettings.FileName, limit);
        if (!result.Succeeded)
        {
            throw Failures.IsAboutSpace(result.Error) || Failures.IsFull(state.Path)
                ? Failures.DiskFull(state.Path)
                : new PrivatePostgresException(
                    $"{state.Path} cannot be written to by the user {state.Account.Name}: {Failures.LastUsefulLine(result.Error)}");
        }
    }

    private long LogLength() => File.Exists(LogFile) ? new FileInfo(LogFile).Length : 0;

    private string ReadLog(long from)
    {
        try
        {
            using var log = new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            log.Seek(from, SeekOrigin.Begin);
            using var reader = new StreamReader(log);
            return reader.ReadToEnd();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

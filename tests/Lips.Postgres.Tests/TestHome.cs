using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lips.Postgres.Tests;

/// <summary>A home in a temporary folder, what was logged for it, and the servers to stop at the end.</summary>
internal sealed class TestHome : IAsyncDisposable, ILogger
{
    public static readonly IReadOnlyDictionary<string, string> FastSettings =
        new Dictionary<string, string>(StringComparer.Ordinal) { ["fsync"] = "off", ["shared_buffers"] = "16MB" };

    private const UnixFileMode Everybody = HomeFolder.PassableMode | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentBag<PrivatePostgres> _started = [];
    private bool _mounted;

    public TestHome(string name = "home")
    {
        Root = Path.Combine(Path.GetTempPath(), "lips-postgres-" + Guid.NewGuid().ToString("N")[..12]);
        Directory.CreateDirectory(Root);
        File.SetUnixFileMode(Root, Everybody);
        Folder = Path.Combine(Root, name);
    }

    /// <summary>A folder that everybody may enter, removed at the end.</summary>
    public string Root { get; }

    /// <summary>The home itself; not made yet.</summary>
    public string Folder { get; }

    public string StateFolder => Path.Combine(Folder, "postgres");

    public string DataFolder => Path.Combine(StateFolder, "data");

    public string Logged => string.Join('\n', _lines);

    public PrivatePostgresOptions Options => new()
    {
        Home = Folder,
        Settings = FastSettings,
        ClosedHomesFolder = Path.Combine(Root, "closed-homes"),
    };

    public Task<PrivatePostgres> StartAsync() => StartAsync(Options);

    public async Task<PrivatePostgres> StartAsync(PrivatePostgresOptions options)
    {
        var postgres = await PrivatePostgres.StartAsync(options, this, CancellationToken.None);
        _started.Add(postgres);
        return postgres;
    }

    /// <summary>Starts, expecting a failure that an operator can act on, and answers its message.</summary>
    public async Task<string> RefusedAsync(PrivatePostgresOptions? options = null)
    {
        var refusal = await Assert.ThrowsAsync<PrivatePostgresException>(() => StartAsync(options ?? Options));
        Assert.DoesNotContain('\n', refusal.Message);
        return refusal.Message;
    }

    /// <summary>A folder of binaries that are the real ones, but for those replaced by a script.</summary>
    public string FakeBinaries(params (string Name, string Script)[] replaced)
    {
        var folder = Path.Combine(Root, "bin");
        Directory.CreateDirectory(folder);
        foreach (var name in new[] { "postgres", "initdb", "pg_ctl" })
        {
            var real = PostgresInstallations.Find(null)[0].Binary(name);
            var script = replaced.FirstOrDefault(one => one.Name == name).Script ?? $"exec '{real}' \"$@\"";
            var file = Path.Combine(folder, name);
            File.WriteAllText(file, "#!/bin/sh\n" + script + "\n");
            File.SetUnixFileMode(file, Everybody);
        }

        return folder;
    }

    /// <summary>Gives the home a small disk of its own; false where mounting is not allowed.</summary>
    public async Task<bool> MountAsync(string size)
    {
        Directory.CreateDirectory(Folder);
        return _mounted = Environment.IsPrivilegedProcess
            && await RunAsync("mount", "-t", "tmpfs", "-o", $"size={size},mode=755", "tmpfs", Folder);
    }

    public static async Task<string> QueryAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        return Convert.ToString(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture) ?? "";
    }

    /// <summary>The processes that work in the data folder, the server first.</summary>
    public IReadOnlyList<int> ServerProcesses() =>
        [.. Directory.GetDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0 && WorksHere(pid))
            .Order()];

    public async Task KillServerAsync()
    {
        while (ServerProcesses() is [_, ..] pids)
        {
            foreach (var pid in pids)
                await RunAsync("kill", "-KILL", pid.ToString(CultureInfo.InvariantCulture));
            await Task.Delay(20);
        }
    }

    public static async Task<bool> RunAsync(string program, params string[] arguments) =>
        (await Command.RunAsync("/", program, arguments, input: null, CancellationToken.None)).Succeeded;

    public async ValueTask DisposeAsync()
    {
        foreach (var postgres in _started)
            await postgres.DisposeAsync();
        if (Directory.Exists(StateFolder))
            await KillServerAsync();
        if (_mounted)
            await RunAsync("umount", Folder);
        Directory.Delete(Root, recursive: true);
    }

    void ILogger.Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue(formatter(state, exception));

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    private bool WorksHere(int pid)
    {
        try
        {
            return new DirectoryInfo($"/proc/{pid}/cwd").LinkTarget == DataFolder;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

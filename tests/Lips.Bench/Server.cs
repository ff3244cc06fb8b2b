using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Lips.Bench.Load;

namespace Lips.Bench;

/// <summary>A .NET web server in a process of its own, on a free port of the loopback address.</summary>
internal sealed class Server : IAsyncDisposable
{
    // The longest failure that there is, with its causes and their stacks.
    private const int LinesOfLog = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private static readonly ConcurrentDictionary<int, Server> Running = [];

    private readonly Process process;
    private readonly string log;

    private Server(Process process, Uri address, string log)
    {
        this.process = process;
        this.log = log;
        Address = address;
        Client = new HttpClient(new OwnHeaders.Handler()) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public int Pid => process.Id;

    /// <summary>CPU seconds that it had used when it was ready.</summary>
    public double CpuAtStart { get; private set; }

    /// <summary>Starts a program and waits until an address of it answers 200.</summary>
    /// <param name="folder">Takes its log.</param>
    /// <param name="name">Of the log.</param>
    /// <param name="program">The assembly.</param>
    /// <param name="arguments">The program's.</param>
    /// <param name="settings">Environment variables.</param>
    /// <param name="ready">The path that answers 200 once it is ready; null when it is as soon as anything is answered.</param>
    public static async Task<Server> StartAsync(
        string folder, string name, string program, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> settings,
            string? ready = null)
    {
        var address = FreeAddress();
        // In a session of its own, as a service is. Linux shares CPU time out to sessions first (sched_autogroup), and each backend of
        // PostgreSQL is one: in that of the bench, a server and its load would together have what a single backend has.
        var start = new ProcessStartInfo(
            "setsid", ["dotnet", program, .. arguments])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ASPNETCORE_URLS"] = address.ToString();
        foreach (var (key, value) in settings)
            start.Environment[key] = value;
        var process = Process.Start(start)!;
        var log = Path.Combine(folder, name + ".log");
        _ = CopyAsync(process.StandardOutput, log);
        _ = CopyAsync(process.StandardError, log + ".errors");
        var server = new Server(process, address, log);
        Running[process.Id] = server;
        try
        {
            await server.ReadyAsync(ready);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        server.CpuAtStart = Usage.SecondsOf(process.Id);
        return server;
    }

    /// <summary>Tells all servers to stop: whoever is waiting for one of them fails.</summary>
    public static void StopAll()
    {
        foreach (var server in Running.Values)
            server.Stop();
    }

    /// <summary>What it said last, to say why it failed.</summary>
    public async Task<string> EndOfLogAsync()
    {
        string[] lines = [.. await File.ReadAllLinesAsync(log), .. await File.ReadAllLinesAsync(log + ".errors")];
        return $"{Path.GetFileName(log)}:\n{string.Join('\n', lines.TakeLast(LinesOfLog))}";
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Stop();
        await process.WaitForExitAsync();
        Running.TryRemove(process.Id, out _);
        process.Dispose();
    }

    private void Stop()
    {
        if (process.HasExited)
            return;
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private async Task ReadyAsync(string? path)
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(Poll))
        {
            if (process.HasExited || clock.Elapsed > Patience)
                throw new BenchException($"The server did not come up.\n{await EndOfLogAsync()}");
            try
            {
                using var answer = await Client.GetAsync(new Uri(path ?? "/", UriKind.Relative));
                if (path is null || answer.StatusCode == HttpStatusCode.OK)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }
        }
    }

    private static async Task CopyAsync(StreamReader output, string file)
    {
        await using var log = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        await output.BaseStream.CopyToAsync(log);
    }

    private static Uri FreeAddress()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return new Uri($"http://{probe.LocalEndpoint}");
    }
}

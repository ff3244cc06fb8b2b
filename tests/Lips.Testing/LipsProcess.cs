using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Lips.Host;
using Lips.Testing.Reference;
using Xunit;

namespace Lips.Testing;

/// <summary>The real program in a process of its own, with a home and no settings but those given.</summary>
public sealed partial class LipsProcess : IAsyncDisposable
{
    /// <summary>An admin token that is long enough.</summary>
    public const string Token = "the-admin-token-of-processes";

    // For a machine that builds other things meanwhile; each of these waits takes a few seconds on one that does not.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process process;
    private readonly ConcurrentQueue<string> output = new();
    private readonly ConcurrentQueue<string> errors = new();

    private LipsProcess(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) => Add(output, line.Data);
        process.ErrorDataReceived += (_, line) => Add(errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Its number.</summary>
    public int Id => process.Id;

    /// <summary>Its exit code; null while it runs.</summary>
    public int? ExitCode => process.HasExited ? process.ExitCode : null;

    /// <summary>What it printed and logged so far.</summary>
    public string Output => string.Join('\n', output);

    /// <summary>What it printed to the error output so far.</summary>
    public string Errors => string.Join('\n', errors);

    /// <summary>Where it listens; set by the waits.</summary>
    public Uri? Address { get; private set; }

    /// <summary>A client without a token.</summary>
    public HttpClient Anonymous => NewClient(null);

    /// <summary>Starts <c>lips</c> with these arguments: the one built with the tests, or the file in <c>LIPS_TEST_HOST</c>.</summary>
    public static LipsProcess Run(TempHome home, string[] arguments, params (string Name, string Value)[] settings) =>
        RunAnother(
            Environment.GetEnvironmentVariable("LIPS_TEST_HOST") ?? typeof(LipsApplication).Assembly.Location, home, arguments, settings);

    /// <summary>Starts the <c>lips</c> of another version.</summary>
    /// <param name="file">Its <c>Lips.Host.dll</c>.</param>
    /// <param name="home">Its home.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="settings">Its settings.</param>
    public static LipsProcess RunAnother(
        string file, TempHome home, string[] arguments, params (string Name, string Value)[] settings)
    {
        string[] program = ["dotnet", file, .. arguments];
        // A shell that starts the tests in the background has them ignore Ctrl-C, and a process inherits that.
        if (OperatingSystem.IsLinux())
            program = ["env", "--default-signal=INT,QUIT,HUP", .. program];
        var start = new ProcessStartInfo(program[0], program[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var name in Environment.GetEnvironmentVariables().Keys.Cast<string>())
        {
            if (SettingName().IsMatch(name) && name != "Lips__PostgresBin")
                start.Environment.Remove(name);
        }

        start.Environment["Lips__Home"] = home.Folder;
        // Nobody sends them more but tests that set it.
        start.Environment["Lips__Limits__DrainSeconds"] = "0";
        // They come from one address.
        start.Environment["Lips__Limits__ConnectionsPerAddress"] = "100000";
        // These processes live for seconds and are many: what the runtime would learn for later costs them a fifth of their time.
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        return new LipsProcess(Process.Start(start)!);
    }

    /// <summary>Starts <c>lips serve</c> on a free port.</summary>
    public static LipsProcess Serve(TempHome home, params (string Name, string Value)[] settings) =>
        Run(home, ["serve", "--urls", "http://127.0.0.1:0"], settings);

    /// <summary>Starts <c>lips serve</c> and waits until it is ready.</summary>
    public static async Task<LipsProcess> ServeReadyAsync(TempHome home, params (string Name, string Value)[] settings)
    {
        var host = Serve(home, settings);
        await host.ReadyAsync();
        return host;
    }

    /// <summary>Waits until it listens.</summary>
    public async Task ListeningAsync() => Address ??= new Uri((await PrintedAsync(ListeningLine())).Groups[1].Value);

    /// <summary>Waits until it says that it is ready.</summary>
    public async Task ReadyAsync()
    {
        await ListeningAsync();
        using var client = Anonymous;
        await UntilAsync("it is ready", async () => (await client.GetAnswerAsync("/health/ready")).Status == 200);
    }

    /// <summary>Waits for something to be printed.</summary>
    public async Task<Match> PrintedAsync(Regex wanted)
    {
        var match = Match.Empty;
        await UntilAsync($"it prints {wanted}", () => Task.FromResult((match = wanted.Match(Output)).Success));
        return match;
    }

    /// <summary>Waits, and fails with all that was printed when it takes too long or the process ends.</summary>
    public async Task UntilAsync(string what, Func<Task<bool>> isSo)
    {
        for (var clock = Stopwatch.StartNew(); !await isSo(); await Task.Delay(50))
        {
            if (process.HasExited || clock.Elapsed > Patience)
                Assert.Fail($"Waited in vain until {what}; the process {(process.HasExited ? "ended" : "runs")}.\n{Output}\n{Errors}");
        }
    }

    /// <summary>A client with a token, or without one.</summary>
    public HttpClient NewClient(string? token)
    {
        var client = new HttpClient(new DocumentedAnswers.Handler(new SocketsHttpHandler())) { BaseAddress = Address, Timeout = Patience };
        if (token is not null)
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "token " + token);
        return client;
    }

    /// <summary>Sends it a signal.</summary>
    public void Send(int signal) => Signals.Send(Id, signal);

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"It does not end.\n{Output}\n{Errors}");
        }

        return process.ExitCode;
    }

    /// <summary>Asks for an end, which must be a clean one.</summary>
    public async Task StopAsync(int signal = Signals.Terminate)
    {
        Send(signal);
        Assert.True(await EndAsync() == 0, $"Exit code {process.ExitCode}.\n{Output}\n{Errors}");
    }

    /// <summary>Waits for an end with this exit code and one line that says why.</summary>
    public async Task<string> RefusedAsync(int exitCode = 1)
    {
        Assert.True(await EndAsync() == exitCode, $"Exit code {process.ExitCode}.\n{Output}\n{Errors}");
        Assert.DoesNotContain("   at ", Output);
        var line = Assert.Single(errors);
        Assert.StartsWith("lips: ", line);
        return line;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            // A test has failed.
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private static void Add(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
            lines.Enqueue(line);
    }

    [GeneratedRegex("Now listening on: (http://[^\\s\"]+)")]
    private static partial Regex ListeningLine();

    [GeneratedRegex("^(Lips__|ConnectionStrings__|ASPNETCORE_|DOTNET_ENVIRONMENT|Logging__|OTEL_|Urls)", RegexOptions.IgnoreCase)]
    private static partial Regex SettingName();
}

using System.Net;
using System.Net.Sockets;
using Lips.Access;
using Lips.Demo;
using Lips.Host.Cluster;
using Lips.Host.Http;
using Lips.Host.Telemetry;
using Lips.Kernel;
using Spectre.Console;

namespace Lips.Host.Commands;

/// <summary><c>lips serve</c>: the service itself.</summary>
internal static partial class ServeCommand
{
    // Many requests become answerable at the same moment, when a group of them has been read. With only as many threads as the machine has
    // cores, .NET adds others one by one, when work has waited for long (build/decisions/0013-speed.md).
    private const int Threads = 16;

    // Of a node that its supervisor starts again. 1 is for what a person must change first.
    private const int SiloFailed = 3;

    public static async Task<int> RunAsync(string[] settings, bool demo, CancellationToken cancellation, CancellationToken hurry)
    {
        ThreadPool.GetMinThreads(out var threads, out var completionThreads);
        ThreadPool.SetMinThreads(Math.Max(threads, Threads), completionThreads);
        var builder = LipsApplication.CreateBuilder(settings);
        // Before anything is made.
        SettingsCheck.Require(builder.Configuration);
        using var loggers = LogLines.Factory(builder.Configuration);
        await using var database = await HomeDatabase.OpenAsync(builder.Configuration, loggers.CreateLogger("Lips.Postgres"), cancellation);
        // A start that fails is told in one line, by what is thrown; the host would log it as well, with its stack.
        var listens = false;
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => listens && level >= LogLevel.Warning);
        builder.Services.AddSingleton<IHostLifetime, SignalsLater>();
        RequireFreeAddresses(builder.Configuration);
        await using var app = LipsApplication.Build(builder, database.ConnectionString, database.OwnerConnectionString);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellation, app.Lifetime.ApplicationStopping);
        try
        {
            await app.Services.GetRequiredService<Startup>().PrepareAsync(database.Home, Console.WriteLine, stopping.Token);
            await ListenAsync(app, stopping.Token);
            listens = true;
            if (demo)
                await LoadDemoAsync(app, database.Home, stopping.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Told to stop before it was ready: it stops like any other time.
        }

        await Task.Delay(Timeout.Infinite, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (listens)
            await DrainAsync(app, hurry);
        await app.StopAsync(CancellationToken.None);
        if (app.Services.GetRequiredService<NodeSilo>().Failure is not { } failure)
            return 0;
        await Console.Error.WriteLineAsync("lips: " + failure.ReplaceLineEndings(" "));
        return SiloFailed;
    }

    /// <summary>
    /// Goes on serving for a while, not ready: load balancers send no more, and connections that are kept alive close with their next
    /// answer. Then it takes no more connections, and what is in flight is all that is left.
    /// </summary>
    private static async Task DrainAsync(WebApplication app, CancellationToken hurry)
    {
        app.Services.GetRequiredService<Readiness>().Leave();
        var time = HttpSettings.Read(app.Configuration).Drain;
        Stopping(app.Services.GetRequiredService<ILogger<NodeSilo>>(), time.TotalSeconds);
        // A node that the others gave up is of no use any more.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(hurry, app.Lifetime.ApplicationStopping);
        await Task.Delay(time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await app.Services.GetRequiredService<Listeners>().TakeNoMoreAsync(ending.Token);
    }

    private static async Task ListenAsync(WebApplication app, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (Exception e) when (e is IOException or SocketException or FormatException or InvalidOperationException)
        {
            throw CannotListen(app.Configuration, e);
        }
    }

    /// <summary>Before the node joins the others, which it would only have to leave again.</summary>
    private static void RequireFreeAddresses(IConfiguration settings)
    {
        // Kestrel does not listen at Urls then.
        if (settings.GetSection("Kestrel:Endpoints").GetChildren().Any())
            return;
        try
        {
            foreach (var address in SettingsCheck.Addresses(settings))
            {
                var host = address.Host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(address.Host, out var ip) ? ip : null;
                if (host is null || address.IsUnixPipe || address.IsNamedPipe)
                    continue;
                using var probe = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                probe.Bind(new IPEndPoint(host, address.Port));
            }
        }
        catch (SocketException e)
        {
            throw CannotListen(settings, e);
        }
    }

    private static SettingException CannotListen(IConfiguration settings, Exception reason) => new(
        $"Cannot listen on {settings["Urls"]}: {reason.Message.TrimEnd('.')}. Choose another address with --urls or ASPNETCORE_URLS.");

    private static async Task LoadDemoAsync(WebApplication app, string home, CancellationToken cancellation)
    {
        var token = await AdminTokenAsync(app.Configuration, home, cancellation);
        var address = app.Urls.First();
        using var http = new HttpClient { BaseAddress = new Uri(address), Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "token " + token);
        var result = await DemoLoader.LoadAsync(http, AnsiConsole.Console, cancellation);
        var file = Path.Combine(home, AdminToken.FileName);
        var (place, shown) = app.Configuration["Lips:AdminToken"] is { Length: > 0 }
            ? ("Lips__AdminToken", "$Lips__AdminToken") : (file, $"$(cat {Quoted(file)})");
        Console.WriteLine($"Demo data: {result.Created} interactions added, {result.Duplicates} were there already.");
        Console.WriteLine($"The inbox is at {address}/app/; sign in with the token in {place}. Or try:");
        Console.WriteLine(
            $"  curl -g -H \"Authorization: token {shown}\" '{address}/contact_interactions?global_master_advertiser_id=USA_1&per_page=2'");
        Console.WriteLine(
            $"  curl -g -H \"Authorization: token {shown}\" "
            + $"'{address}/contact_interactions/totals?global_master_advertiser_id=USA_1&event_type[]=call'");
    }

    private static async Task<string> AdminTokenAsync(IConfiguration settings, string home, CancellationToken cancellation)
    {
        if (settings["Lips:AdminToken"] is { Length: > 0 } given)
            return given;
        var file = Path.Combine(home, AdminToken.FileName);
        return File.Exists(file)
            ? (await File.ReadAllTextAsync(file, cancellation)).Trim()
            : throw new SettingException(
                $"Loading demo data needs the admin token, and neither Lips__AdminToken nor {file} has it. "
                + "Set Lips__AdminToken to a new one.");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping: serves for {Seconds} s more, and then what is in flight.")]
    private static partial void Stopping(ILogger log, double seconds);

    /// <summary>The host stops when this command says so, not with the signal itself.</summary>
    private sealed class SignalsLater : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private static string Quoted(string path) => path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_') ? path
        : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

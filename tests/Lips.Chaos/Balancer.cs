using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Lips.Testing;

namespace Lips.Chaos;

/// <summary>nginx in front of the nodes, with the file that docker-compose.yml uses; only addresses are other ones.</summary>
internal sealed partial class Balancer : IAsyncDisposable
{
    private const string ErrorLog = "error.log";

    private readonly DirectoryInfo folder;
    private readonly Process process;

    private Balancer(DirectoryInfo folder, Process process, Uri address) =>
        (this.folder, this.process, Address) = (folder, process, address);

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>What it said of requests that it could not pass on, a line each.</summary>
    public string Errors => File.ReadAllText(Path.Combine(folder.FullName, ErrorLog));

    /// <summary>Starts it; it listens.</summary>
    /// <param name="nodes">The nodes, in the order of the file.</param>
    /// <param name="port">Where to listen on loopback.</param>
    public static async Task<Balancer> StartAsync(IReadOnlyList<Member> nodes, int port)
    {
        var folder = Directory.CreateTempSubdirectory("lips-nginx-");
        var file = Path.Combine(folder.FullName, "nginx.conf");
        await File.WriteAllTextAsync(
            file, Adapt(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "nginx.conf")), folder.FullName, nodes, port));
        // Debian keeps it where only root's path looks.
        var program = File.Exists("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx";
        var process = Process.Start(new ProcessStartInfo(program, ["-e", "stderr", "-p", folder.FullName, "-c", file, "-g", "daemon off;"]))
            ?? throw new InvalidOperationException("nginx did not start.");
        var balancer = new Balancer(folder, process, new UriBuilder("http", IPAddress.Loopback.ToString(), port).Uri);
        using var client = new HttpClient { BaseAddress = balancer.Address };
        while (true)
        {
            if (process.HasExited)
                throw new InvalidOperationException($"nginx ended with exit code {process.ExitCode}.");
            try
            {
                await client.GetAnswerAsync("/health/live");
                return balancer;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50);
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            Signals.Send(process.Id, Signals.Terminate);
            await process.WaitForExitAsync();
        }

        process.Dispose();
        folder.Delete(recursive: true);
    }

    private static string Adapt(string file, string folder, IReadOnlyList<Member> nodes, int port)
    {
        var next = 0;
        file = Server().Replace(file, _ => next < nodes.Count ? $"server {nodes[next++].Address.Authority}" : "#");
        if (next < nodes.Count)
            throw new InvalidOperationException($"build/nginx.conf has {next} nodes.");
        // The log of failures is, and that of each request not; and there are no containers whose addresses change.
        return Listen().Replace(file, string.Create(CultureInfo.InvariantCulture, $"listen 127.0.0.1:{port}"), 1)
            .Replace("pid /run/nginx.pid;", $"pid {folder}/nginx.pid;", StringComparison.Ordinal)
            .Replace("error_log /dev/stderr crit;", $"error_log {folder}/{ErrorLog} error;", StringComparison.Ordinal)
            .Replace("access_log /dev/stdout lips;", "access_log off;", StringComparison.Ordinal)
            .Replace("resolver 127.0.0.11 valid=5s ipv6=off;", "", StringComparison.Ordinal);
    }

    [GeneratedRegex("server lips-\\d:8080 resolve")]
    private static partial Regex Server();

    [GeneratedRegex("listen 8080")]
    private static partial Regex Listen();
}

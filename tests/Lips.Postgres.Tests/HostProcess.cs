using System.Diagnostics;
using System.Globalization;

namespace Lips.Postgres.Tests;

/// <summary>A host in a process of its own, in a process group of its own as a terminal would give it (see Program.cs).</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly Process _process;

    private HostProcess(Process process, string connectionString)
    {
        _process = process;
        ConnectionString = connectionString;
    }

    public int Id => _process.Id;

    public string ConnectionString { get; }

    public static async Task<HostProcess> StartAsync(string home)
    {
        var process = Process.Start(new ProcessStartInfo("setsid", ["dotnet", typeof(HostProcess).Assembly.Location, home])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        return new HostProcess(
            process, await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The host ended at once."));
    }

    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: false);
        await _process.WaitForExitAsync();
    }

    public async Task InterruptGroupAsync()
    {
        Assert.True(await TestHome.RunAsync("kill", "-INT", "--", string.Create(CultureInfo.InvariantCulture, $"-{Id}")));
        Assert.Equal("interrupted", await _process.StandardOutput.ReadLineAsync());
    }

    public async Task<int> EndAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await EndAsync();
        _process.Dispose();
    }
}

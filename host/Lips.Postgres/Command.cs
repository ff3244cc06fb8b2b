using System.ComponentModel;
using System.Diagnostics;

namespace Lips.Postgres;

internal sealed record CommandResult(int ExitCode, string Output, string Error)
{
    public bool Succeeded => ExitCode == 0;
}

/// <summary>Runs a program to its end without blocking a thread.</summary>
internal static class Command
{
    // The server outlives the command that starts it and must not carry the host's secrets (ConnectionStrings__…,
    // Lips__AdminToken) in its environment, nor obey a PGPORT or PGOPTIONS that was meant for another server.
    private static readonly string[] Inherited = ["PATH", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

    public static async Task<CommandResult> RunAsync(
        string workingFolder, string file, IEnumerable<string> arguments, string? input, CancellationToken ct)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = workingFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var name in Inherited)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
                start.Environment[name] = value;
        }

        // Messages are read by this program: untranslated.
        start.Environment["LC_ALL"] = "C";
        start.Environment["PGDATA"] = Cluster.DataFolderName;

        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception failure)
        {
            throw new PrivatePostgresException($"{file} could not be run: {failure.Message}.", failure);
        }

        try
        {
            var output = process.StandardOutput.ReadToEndAsync(ct);
            var error = process.StandardError.ReadToEndAsync(ct);
            await FeedAsync(process, input, ct);
            await process.WaitForExitAsync(ct);
            return new CommandResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            // Not the tree: a server that pg_ctl has just started is stopped in order, by its owner.
            process.Kill(entireProcessTree: false);
            throw;
        }
    }

    private static async Task FeedAsync(Process process, string? input, CancellationToken ct)
    {
        try
        {
            if (input is not null)
                await process.StandardInput.WriteAsync(input.AsMemory(), ct);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all of its input; its exit code tells why.
        }
    }
}

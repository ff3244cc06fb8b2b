using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Lips.Client;

namespace Lips.Host.Commands.Api;

/// <summary><c>lips import</c>: brings the interactions of a file in.</summary>
internal static class ImportCommand
{
    // One name for all: the same lines from the beginning on add nothing, also where they have no external ids.
    private const string Name = "lips import";

    public static Command New()
    {
        var path = new Argument<string>("file") { Description = "NDJSON, or with --map CSV; - for the standard input." };
        var map = new Option<string[]>("--map")
        {
            Description = "The file is CSV with a header; the column becomes the attribute, such as Mail=contact.email. Attributes are "
                + "those of POST /contact_interactions: see /docs.",
            HelpName = "column=attribute",
            AllowMultipleArgumentsPerToken = true,
        };
        var from = new Option<string?>("--from") { Description = "Goes on where an import stopped, as it said.", HelpName = "place" };
        var rejects = new Option<string?>("--rejects")
        {
            Description = "Where the rejected lines go, with what is wrong with each, as NDJSON.",
            HelpName = "file",
        };
        return ApiCommand.New(
            "import", "Bring interactions in. A line that is there already is not added again; exits 1 when lines were rejected.",
            [path, map, from, rejects],
            async (parsed, client, output, cancellation) =>
            {
                var (name, columns) = (parsed.GetRequiredValue(path), CsvLines.Columns(parsed.GetValue(map) ?? []));
                if (columns.Count == 0 && Path.GetExtension(name).Equals(".csv", StringComparison.OrdinalIgnoreCase))
                {
                    throw new WrongUseException(
                        $"{name} is CSV: say what its columns are, such as --map Advertiser=global_master_advertiser_id "
                            + "Mail=contact.email.");
                }

                await using var file = Open(name);
                await using var input = await TextInput.Utf8Async(file, cancellation);
                return await RunAsync(
                    options => columns.Count > 0
                        ? client.UploadAsync(CsvLines.ReadAsync(input, columns, cancellation), options, cancellation)
                        : client.UploadAsync(input, options, cancellation),
                    parsed.GetValue(from), parsed.GetValue(rejects), output, cancellation);
            });
    }

    private static async Task<int> RunAsync(
        Func<UploadOptions, Task<UploadProgress>> uploadAsync, string? from, string? rejects, Output output, CancellationToken cancellation)
    {
        await using var progress = new ImportProgress(rejects);
        try
        {
            var done = await uploadAsync(new UploadOptions { Name = Name, ResumeFrom = from, Progress = progress });
            await Output.SayAsync(string.Create(CultureInfo.InvariantCulture, $"{done.Line} lines: {ImportProgress.Counts(done)}"));
            output.Write(new JsonObject
            {
                ["received"] = done.Received,
                ["created"] = done.Created,
                ["duplicates"] = done.Duplicates,
                ["rejected"] = done.Rejected,
                ["ignored"] = done.Ignored,
            });
            return done.Rejected > 0 ? ExitCodes.Differs : ExitCodes.Done;
        }
        catch (ArgumentException e) when (from is not null)
        {
            throw new WrongUseException($"--from is no place in this file. {e.Message}");
        }
        catch (Exception e) when (e is LipsException or WrongUseException)
        {
            await SayPlaceAsync(progress.Checkpoint ?? from);
            throw;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await SayPlaceAsync(progress.Checkpoint ?? from);
            return ExitCodes.Away;
        }
    }

    private static async Task SayPlaceAsync(string? place)
    {
        if (place is not null)
            await Output.SayAsync($"stopped; go on with --from {place}");
    }

    private static Stream Open(string file)
    {
        try
        {
            return file == "-"
                ? Console.OpenStandardInput()
                : new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WrongUseException(e.Message);
        }
    }
}

/// <summary>Tells how far an import is, and keeps the lines that were rejected.</summary>
/// <param name="rejects">The file that they go to; null for none.</param>
internal sealed class ImportProgress(string? rejects) : IProgress<UploadProgress>, IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly StreamWriter? file = rejects is null ? null : new StreamWriter(rejects);
    private readonly Stopwatch clock = Stopwatch.StartNew();

    /// <summary>Where the import goes on; null before anything is committed.</summary>
    public string? Checkpoint { get; private set; }

    public static string Counts(UploadProgress done) => string.Create(
        CultureInfo.InvariantCulture, $"{done.Created} new, {done.Duplicates} there already, {done.Rejected} rejected");

    public void Report(UploadProgress value)
    {
        foreach (var line in value.Errors.GroupBy(error => error.Line))
            Reject([.. line]);
        file?.Flush();
        Checkpoint = value.Checkpoint;
        if (clock.Elapsed < Pause)
            return;
        clock.Restart();
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"lips: line {value.Line}: {Counts(value)}"));
    }

    public ValueTask DisposeAsync() => file?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>A line that was rejected, for all that is wrong with it.</summary>
    private void Reject(IReadOnlyList<UploadError> line)
    {
        if (file is null)
        {
            foreach (var (number, _, error) in line)
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"lips: line {number}: {error}"));
            return;
        }

        var rejected = new JsonObject
        {
            ["line"] = line[0].Line,
            ["errors"] = new JsonArray([.. line.Select(error => new JsonObject
            {
                ["attribute"] = error.Error.Attribute,
                ["message"] = error.Error.Message,
            })]),
            ["text"] = line[0].Text,
        };
        file.WriteLine(rejected.ToJsonString(Output.Readable));
    }
}

using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lips.Client;

namespace Lips.Host.Commands.Api;

/// <summary><c>lips export</c>: all interactions of a filter, as CSV or NDJSON.</summary>
internal static class ExportCommand
{
    public static Command New()
    {
        var filter = new FilterOptions();
        var file = new Option<string?>("--output", "-o") { Description = "The file; without it the standard output.", HelpName = "file" };
        var format = new Option<string>("--format")
        {
            Description = "csv or ndjson. Where nothing is said as the file is called, else csv.",
        };
        format.AcceptOnlyFromAmong("csv", "ndjson");
        var bom = new Option<bool>("--bom") { Description = "CSV begins with a byte order mark, which some spreadsheets need." };
        return ApiCommand.New(
            "export", "Write all interactions of a filter. With --json and without a file they are NDJSON.",
            [.. filter.All, file, format, bom],
            async (parsed, client, output, cancellation) =>
            {
                var (path, selected) = (parsed.GetValue(file), filter.Of(parsed));
                var isCsv = (parsed.GetValue(format) ?? Usual(path, output)) == "csv";
                Task Write(Stream destination) => isCsv
                    ? client.ExportCsvAsync(selected, destination, bom: parsed.GetValue(bom), cancellation: cancellation)
                    : WriteLinesAsync(client, selected, destination, cancellation);
                if (path is null)
                {
                    await using var standard = Console.OpenStandardOutput();
                    await Write(standard);
                    return ExitCodes.Done;
                }

                var bytes = await WriteAsync(path, Write);
                output.Write(
                    new JsonObject { ["file"] = path, ["bytes"] = bytes },
                    string.Create(CultureInfo.InvariantCulture, $"{path}: {bytes} bytes"));
                return ExitCodes.Done;
            });
    }

    private static string Usual(string? path, Output output) =>
        path is null ? output.IsJson ? "ndjson" : "csv" : Path.GetExtension(path) is ".ndjson" or ".jsonl" ? "ndjson" : "csv";

    /// <summary>Nobody takes a part of it for the whole: it gets its name when it is complete.</summary>
    private static async Task<long> WriteAsync(string path, Func<Stream, Task> write)
    {
        var part = path + ".part";
        try
        {
            await using (var stream = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16, useAsync: true))
                await write(stream);
            var bytes = new FileInfo(part).Length;
            File.Move(part, path, overwrite: true);
            return bytes;
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    private static async Task WriteLinesAsync(
        LipsClient client, InteractionFilter filter, Stream destination, CancellationToken cancellation)
    {
        await foreach (var interaction in client.ListAsync(filter, cancellation: cancellation))
        {
            await destination.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(interaction, LipsClient.JsonOptions), cancellation);
            await destination.WriteAsync("\n"u8.ToArray(), cancellation);
        }
    }
}

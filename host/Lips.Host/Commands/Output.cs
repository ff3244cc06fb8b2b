using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lips.Host.Commands;

/// <summary>What a command says of its result: lines for people, or JSON with <c>--json</c>.</summary>
/// <param name="isJson">Whether JSON was asked for.</param>
internal sealed class Output(bool isJson)
{
    public static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public bool IsJson => isJson;

    /// <summary>The result, one line each way.</summary>
    public void Write(JsonNode json, params IEnumerable<string> lines)
    {
        if (isJson)
        {
            Console.WriteLine(json.ToJsonString(Readable));
            return;
        }

        foreach (var line in lines)
            Console.WriteLine(Printable(line));
    }

    /// <summary>A line on the error output, where it is in nobody's way.</summary>
    public static Task SayAsync(string line) => Console.Error.WriteLineAsync("lips: " + Printable(line));

    /// <summary>A table, each column as wide as its widest cell.</summary>
    public static IEnumerable<string> Table(params IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        return rows.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    // Texts of strangers shall not steer the terminal.
    private static string Printable(string line) => string.Concat(line.Select(c => char.IsControl(c) ? ' ' : c));
}

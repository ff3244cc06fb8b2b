using System.Globalization;
using System.Text.Json;
using Lips.Kernel;

namespace Lips.Interactions.Ingest;

/// <summary>What became of a bulk body so far.</summary>
internal sealed class BulkReport
{
    private const int MaxRejectedLines = 1_000;

    // So many that a file that is a client's mistake is reported line by line, and so few that it takes a second to read them.
    private const long MaxUselessSurplus = 100_000;

    private readonly List<(long Line, AttributeError Error)> errors = [];
    private long useless;
    private long? endedAt;

    /// <summary>Whether a line with a name that nobody knows is rejected.</summary>
    public bool IsStrict { get; init; }

    public long Received { get; set; }

    public long Created { get; private set; }

    public long Duplicates { get; private set; }

    public long Rejected { get; private set; }

    /// <summary>Names that nobody knows, in all lines.</summary>
    public long Ignored { get; set; }

    /// <summary>Lines that were neither blank nor rejected when they were read.</summary>
    public long Useful { get; set; }

    /// <summary>Why reading ended before the end of the body, said so that it reads on from an attribute; null when it did not.</summary>
    public string? Refusal => endedAt is not { } line ? null : string.Create(
        CultureInfo.InvariantCulture,
        $"is blank or rejected in too many lines: at line {line} these outnumber the others by more than {MaxUselessSurplus}, "
            + $"and reading ended ({this}){FirstRejected}");

    private string FirstRejected => errors.Count == 0 ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $"; first rejected: line {errors[0].Line}, {errors[0].Error.Attribute} {errors[0].Error.Message}");

    /// <summary>Counts a line that was blank, or rejected when it was read.</summary>
    /// <returns>Whether there were too many of them for the body to be read on.</returns>
    public bool EndsAtUselessLine(long line)
    {
        if (++useless - Useful <= MaxUselessSurplus)
            return false;
        endedAt = line;
        return true;
    }

    public void Reject(long line, IReadOnlyList<AttributeError> why)
    {
        if (++Rejected <= MaxRejectedLines)
            errors.AddRange(why.Select(error => (line, error)));
    }

    public void Add(long line, IngestOutcome outcome)
    {
        LipsMeter.Ingested(outcome.Word);
        if (outcome.Result == IngestResult.Created)
            Created++;
        else if (outcome.Result == IngestResult.Duplicate)
            Duplicates++;
        else
            Reject(line, [new AttributeError(IdempotencyHeader.Name, "came with another body before")]);
    }

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture, $"{Received} lines received, {Created} created, {Duplicates} duplicates, {Rejected} rejected");

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("received"u8, Received);
        json.WriteNumber("created"u8, Created);
        json.WriteNumber("duplicates"u8, Duplicates);
        json.WriteNumber("rejected"u8, Rejected);
        json.WriteNumber("ignored"u8, Ignored);
        json.WriteStartArray("errors"u8);
        foreach (var (line, error) in errors.OrderBy(e => e.Line))
        {
            json.WriteStartObject();
            json.WriteNumber("line"u8, line);
            json.WriteString("attribute"u8, error.Attribute);
            json.WriteString("message"u8, error.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}

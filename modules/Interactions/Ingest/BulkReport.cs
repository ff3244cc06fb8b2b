using System.Globalization;
using System.Text.Json;
using Lips.Kernel;

namespace Lips.Interactions.Ingest;

/// <summary>What became of a bulk body so far.</summary>
internal sealed class BulkReport
{
    private const int MaxRejectedLines = 1_000;

    private readonly List<(long Line, AttributeError Error)> errors = [];

    /// <summary>Whether a line with a name that nobody knows is rejected.</summary>
    public bool IsStrict { get; init; }

    public long Received { get; set; }

    public long Created { get; private set; }

    public long Duplicates { get; private set; }

    public long Rejected { get; private set; }

    /// <summary>Names that nobody knows, in all lines.</summary>
    public long Ignored { get; set; }

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

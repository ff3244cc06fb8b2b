namespace Lips.Client;

/// <summary>What became of the lines.</summary>
public sealed record BulkReport
{
    /// <summary>Lines that were not blank.</summary>
    public required long Received { get; init; }

    /// <summary>New interactions.</summary>
    public required long Created { get; init; }

    /// <summary>Lines whose interaction was there already.</summary>
    public required long Duplicates { get; init; }

    /// <summary>Lines that were not taken.</summary>
    public required long Rejected { get; init; }

    /// <summary>Names that are not known, in all lines.</summary>
    public required long Ignored { get; init; }

    /// <summary>What is wrong with the first 1,000 rejected lines.</summary>
    public required IReadOnlyList<BulkError> Errors { get; init; }
}

/// <summary>What is wrong with a line.</summary>
public sealed record BulkError
{
    /// <summary>Its number in the body, from 1.</summary>
    public required long Line { get; init; }

    /// <summary>The attribute, as the line spells it.</summary>
    public required string Attribute { get; init; }

    /// <summary>What is wrong with it.</summary>
    public required string Message { get; init; }
}

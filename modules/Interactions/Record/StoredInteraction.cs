namespace Lips.Interactions.Record;

/// <summary>What is stored of an interaction that an answer tells, as it lies in the buffer that it was read into.</summary>
internal readonly ref struct StoredInteraction
{
    /// <summary>What never changes: a JSON object, without white space behind its end.</summary>
    public required ReadOnlySpan<byte> Body { get; init; }

    /// <summary>The contact: a JSON object.</summary>
    public required ReadOnlySpan<byte> Contact { get; init; }

    /// <summary>Notes; null when there are none.</summary>
    public string? Notes { get; init; }

    /// <summary>Whether it was marked as important.</summary>
    public bool Important { get; init; }

    /// <summary>Whether it was read.</summary>
    public bool Read { get; init; }

    /// <summary>Since when it is archived; null when it is not.</summary>
    public DateTime? ArchivedAt { get; init; }

    /// <summary>When it last became read; null when it is not, or that is not known.</summary>
    public DateTime? ReadAt { get; init; }

    /// <summary>When it last became important; null when it is not, or that is not known.</summary>
    public DateTime? ImportantAt { get; init; }

    /// <summary>Where the contact came from, by this interaction; null when it was not said.</summary>
    public string? ContactSource { get; init; }
}

namespace Lips.Client;

/// <summary>How lines are uploaded.</summary>
public sealed record UploadOptions
{
    /// <summary>
    /// The upload's name. Lines that were sent under this name by this token, at the same place behind the same lines, are not brought in
    /// twice, even without external ids. Null: a name of its own, so only external ids keep lines apart from those of other uploads.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// Where an upload of the same name was: <see cref="UploadProgress.Checkpoint"/>. The lines before are read and not sent.
    /// </summary>
    public string? ResumeFrom { get; init; }

    /// <summary>
    /// Told after each part that is committed, before the next one is sent. <see cref="Progress{T}"/> tells later, on another thread.
    /// </summary>
    public IProgress<UploadProgress>? Progress { get; init; }
}

/// <summary>
/// What became of the lines that were sent so far. A part that had to be sent again counts as duplicates what the first attempt created.
/// </summary>
public sealed record UploadProgress
{
    /// <summary>The last line that is dealt with, from 1; blank ones count.</summary>
    public required long Line { get; init; }

    /// <summary>Lines that were sent and not blank.</summary>
    public required long Received { get; init; }

    /// <summary>New interactions.</summary>
    public required long Created { get; init; }

    /// <summary>Lines whose interaction was there already.</summary>
    public required long Duplicates { get; init; }

    /// <summary>Lines that were not taken.</summary>
    public required long Rejected { get; init; }

    /// <summary>Names that the service does not know, in all lines.</summary>
    public required long Ignored { get; init; }

    /// <summary>What is wrong with the rejected lines of the part that was sent last.</summary>
    public required IReadOnlyList<UploadError> Errors { get; init; }

    /// <summary>For <see cref="UploadOptions.ResumeFrom"/>.</summary>
    public required string Checkpoint { get; init; }
}

/// <summary>What is wrong with a line that was not taken.</summary>
/// <param name="Line">Its number in the whole, from 1.</param>
/// <param name="Text">The line; null when the service names one that was not sent.</param>
/// <param name="Error">The attribute, and what is wrong with it.</param>
public sealed record UploadError(long Line, string? Text, LipsError Error);

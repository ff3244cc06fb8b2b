namespace Lips.Interactions.Serving;

/// <summary>
/// What is stored of an interaction that an answer tells. It comes from the database as one text, and a page of them too: that costs both
/// sides less than columns, and a row for each interaction (build/decisions/0014-answers.md).
/// </summary>
internal readonly ref struct StoredInteraction
{
    /// <summary>The columns of <c>interactions.interactions i</c> that <see cref="Text"/> is made of.</summary>
    public const string Columns = "i.body, i.contact, i.notes, i.important, i.read, i.archived_at, i.read_at, i.important_at, "
        + "i.contact_external_source";

    /// <summary>
    /// An expression for the text of an interaction <c>i</c>: fields in the order of the properties below, each ended by a control
    /// character, which JSON does not contain.
    /// </summary>
    public const string Text =
        """
        concat(i.body, E'\x01', i.contact, E'\x01', to_json(i.notes), E'\x01', i.important, i.read, E'\x01', i.archived_at, E'\x01',
            i.read_at, E'\x01', i.important_at, E'\x01', to_json(i.contact_external_source), E'\x01')
        """;

    /// <summary>An aggregate for the texts of several, one behind the other; NULL of none.</summary>
    public const string Texts = $"string_agg({Text}, '')";

    private const byte End = 0x01;

    private StoredInteraction(ref ReadOnlySpan<byte> text)
    {
        Body = Take(ref text);
        Contact = Take(ref text);
        Notes = Take(ref text);
        var marks = Take(ref text);
        (IsImportant, IsRead) = (marks[0] == 't', marks[1] == 't');
        ArchivedAt = Take(ref text);
        ReadAt = Take(ref text);
        ImportantAt = Take(ref text);
        ContactSource = Take(ref text);
    }

    /// <summary>What never changes: a JSON object, without white space behind its end.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>The contact: a JSON object.</summary>
    public ReadOnlySpan<byte> Contact { get; }

    /// <summary>Notes as a JSON string; empty when there are none.</summary>
    public ReadOnlySpan<byte> Notes { get; }

    /// <summary>Whether it was marked as important.</summary>
    public bool IsImportant { get; }

    /// <summary>Whether it was read.</summary>
    public bool IsRead { get; }

    /// <summary>
    /// Since when it is archived, as the database writes times: <c>2026-02-03 10:00:00.12+00</c>, with as many digits as it has. Empty when
    /// it is not.
    /// </summary>
    public ReadOnlySpan<byte> ArchivedAt { get; }

    /// <summary>When it last became read, in the same way; empty when it is not, or that is not known.</summary>
    public ReadOnlySpan<byte> ReadAt { get; }

    /// <summary>When it last became important, in the same way; empty when it is not, or that is not known.</summary>
    public ReadOnlySpan<byte> ImportantAt { get; }

    /// <summary>Where the contact came from, by this interaction, as a JSON string; empty when it was not said.</summary>
    public ReadOnlySpan<byte> ContactSource { get; }

    /// <summary>Takes the first interaction off a text that is not empty.</summary>
    public static StoredInteraction TakeFrom(ref ReadOnlySpan<byte> texts) => new(ref texts);

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf(End);
        var field = text[..end];
        text = text[(end + 1)..];
        return field;
    }
}

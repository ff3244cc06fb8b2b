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
    /// An expression for the text of an interaction <c>i</c>: body and contact, and of the other fields those that it has, each behind a
    /// control character that says which it is. JSON and times contain none of these.
    /// </summary>
    public const string Text =
        """
        i.body || concat(E'\x01', i.contact, CASE WHEN i.important THEN E'\x02' END, CASE WHEN i.read THEN E'\x03' END,
            E'\x04' || to_json(i.notes)::text, E'\x05' || i.archived_at, E'\x06' || i.read_at, E'\x07' || i.important_at,
            E'\x08' || to_json(i.contact_external_source)::text)
        """;

    /// <summary>What stands between the texts of two.</summary>
    public const string Between = @"E'\x01'";

    /// <summary>An aggregate for the texts of several; NULL of none.</summary>
    public const string Texts = $"string_agg({Text}, {Between})";

    private const byte First = 0x01;
    private const byte Last = 0x08;

    private StoredInteraction(ref ReadOnlySpan<byte> texts)
    {
        Body = Take(ref texts);
        Contact = Take(ref texts);
        // Until the next interaction.
        while (!texts.IsEmpty && texts[0] != First)
        {
            var field = texts[0];
            var value = Take(ref texts);
            switch (field)
            {
                case 0x02:
                    IsImportant = true;
                    break;
                case 0x03:
                    IsRead = true;
                    break;
                case 0x04:
                    Notes = value;
                    break;
                case 0x05:
                    ArchivedAt = value;
                    break;
                case 0x06:
                    ReadAt = value;
                    break;
                case 0x07:
                    ImportantAt = value;
                    break;
                case Last:
                    ContactSource = value;
                    break;
            }
        }
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

    // A field is at the beginning, or behind its character.
    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> texts)
    {
        var from = texts[0] <= Last ? 1 : 0;
        var length = texts[from..].IndexOfAnyInRange(First, Last);
        var field = length < 0 ? texts[from..] : texts.Slice(from, length);
        texts = texts[(from + field.Length)..];
        return field;
    }
}

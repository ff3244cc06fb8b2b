using System.Buffers.Text;
using System.Text;
using Lips.Interactions.Record;

namespace Lips.Interactions.ListInteractions;

/// <summary>
/// The interactions of a page as one text, which costs the database and the driver less than a row with columns for each. An interaction is its body, its marks,
/// its notes and its contact's source if it has them, and its contact. None are archived. Between them stand control characters, which neither JSON nor numbers contain.
/// </summary>
/// <param name="text">The text, in UTF-8.</param>
internal ref struct PageText(ReadOnlySpan<byte> text)
{
    /// <summary>An aggregate of <c>interactions.interactions i</c>, in the order of its rows; NULL where there are none.</summary>
    // A text of anybody's is told by its length in bytes, because it may contain whatever it likes.
    public const string Aggregate =
        """
        string_agg(i.body || (CASE
            WHEN i.notes IS NULL AND i.contact_external_source IS NULL THEN
                CASE WHEN i.read THEN CASE WHEN i.important THEN E'\x13' ELSE E'\x11' END ELSE CASE WHEN i.important THEN E'\x12' ELSE E'\x10' END END
            ELSE concat(
                chr(16 + i.read::int + 2 * i.important::int + 4 * (i.notes IS NOT NULL)::int + 8 * (i.contact_external_source IS NOT NULL)::int),
                octet_length(i.notes) || ':' || i.notes, octet_length(i.contact_external_source) || ':' || i.contact_external_source)
        END || i.contact), E'\x01')
        """;

    /// <summary>The columns that <see cref="Aggregate"/> is made of.</summary>
    public const string Columns = "i.body, i.contact, i.notes, i.important, i.read, i.contact_external_source";

    // One of sixteen characters ends the body. What it says, by bits:
    private const byte Marks = 0x10;
    private const byte LastMarks = 0x1f;
    private const byte IsRead = 1;
    private const byte IsImportant = 2;
    private const byte HasNotes = 4;
    private const byte HasContactSource = 8;

    private const byte End = 0x01;

    private ReadOnlySpan<byte> rest = text;

    /// <summary>Takes the next interaction.</summary>
    /// <param name="interaction">The interaction; its spans are parts of the text.</param>
    /// <returns>False behind the last.</returns>
    /// <exception cref="InvalidDataException">The text is not one of <see cref="Aggregate"/>.</exception>
    public bool TryTake(out StoredInteraction interaction)
    {
        interaction = default;
        if (rest.IsEmpty)
            return false;
        var body = Take(rest.IndexOfAnyInRange(Marks, LastMarks));
        var marks = Take(1)[0];
        var notes = (marks & HasNotes) != 0 ? TakeText() : null;
        var source = (marks & HasContactSource) != 0 ? TakeText() : null;
        var end = rest.IndexOf(End);
        interaction = new StoredInteraction
        {
            Body = body,
            Contact = Take(end < 0 ? rest.Length : end),
            Notes = notes,
            Important = (marks & IsImportant) != 0,
            Read = (marks & IsRead) != 0,
            ContactSource = source,
        };
        if (end >= 0)
            Take(1);
        return true;
    }

    private string TakeText()
    {
        if (!Utf8Parser.TryParse(rest, out int length, out var digits))
            throw Unlike();
        Take(digits + 1);
        return Encoding.UTF8.GetString(Take(length));
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if ((uint)length > (uint)rest.Length)
            throw Unlike();
        var taken = rest[..length];
        rest = rest[length..];
        return taken;
    }

    private static InvalidDataException Unlike() => new("The text of a page is not as the statement makes it.");
}

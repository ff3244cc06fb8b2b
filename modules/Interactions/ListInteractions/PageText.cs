using System.Buffers.Text;
using System.Text;
using Lips.Interactions.Record;

namespace Lips.Interactions.ListInteractions;

/// <summary>
/// The interactions of a page as two texts, which cost the database and the driver less than a row with columns for each. The first has their bodies. The second has of each its marks,
/// its notes and its contact's source if it has them, and its contact. None are archived. Between two stands a control character, which JSON does not contain.
/// </summary>
/// <param name="bodies">The first text, in UTF-8.</param>
/// <param name="rests">The second.</param>
internal ref struct PageText(ReadOnlySpan<byte> bodies, ReadOnlySpan<byte> rests)
{
    /// <summary>Both texts, aggregates of <c>interactions.interactions i</c> in the order of its rows; NULL where there are none.</summary>
    // A text of anybody's is told by its length in bytes, because it may contain whatever it likes: in UTF-8, which is what comes, whatever the database keeps.
    public const string Aggregates =
        """
        string_agg(i.body, E'\x01') AS bodies,
        string_agg((CASE
            WHEN i.notes IS NULL AND i.contact_external_source IS NULL AND NOT i.read AND NOT i.important THEN E'\x10'
            ELSE concat(
                chr(16 + i.read::int + 2 * i.important::int + 4 * (i.notes IS NOT NULL)::int + 8 * (i.contact_external_source IS NOT NULL)::int),
                octet_length(convert_to(i.notes, 'UTF8')) || ':' || i.notes, octet_length(convert_to(i.contact_external_source, 'UTF8')) || ':' || i.contact_external_source,
                CASE WHEN i.read THEN concat((extract(epoch FROM i.read_at) * 1000)::bigint, ':') END,
                CASE WHEN i.important THEN concat((extract(epoch FROM i.important_at) * 1000)::bigint, ':') END)
        END || i.contact), E'\x01') AS rests
        """;

    /// <summary>The columns that <see cref="Aggregates"/> are made of.</summary>
    public const string Columns = "i.body, i.contact, i.notes, i.important, i.read, i.contact_external_source, i.read_at, i.important_at";

    // The marks are one of sixteen characters, from 0x10 on. What it says, by bits:
    private const byte IsRead = 1;
    private const byte IsImportant = 2;
    private const byte HasNotes = 4;
    private const byte HasContactSource = 8;

    private const byte End = 0x01;

    private ReadOnlySpan<byte> bodies = bodies;
    private ReadOnlySpan<byte> rests = rests;

    /// <summary>Takes the next interaction.</summary>
    /// <param name="interaction">The interaction; its spans are parts of the text.</param>
    /// <returns>False behind the last.</returns>
    /// <exception cref="InvalidDataException">The texts are not those of <see cref="Aggregates"/>.</exception>
    public bool TryTake(out StoredInteraction interaction)
    {
        interaction = default;
        if (bodies.IsEmpty)
            return false;
        // In the order of the texts.
        var marks = Take(ref rests, 1)[0];
        interaction = new StoredInteraction
        {
            Body = TakeToEnd(ref bodies),
            Notes = (marks & HasNotes) != 0 ? TakeText(ref rests) : null,
            Important = (marks & IsImportant) != 0,
            Read = (marks & IsRead) != 0,
            ContactSource = (marks & HasContactSource) != 0 ? TakeText(ref rests) : null,
            ReadAt = (marks & IsRead) != 0 ? TakeTime(ref rests) : null,
            ImportantAt = (marks & IsImportant) != 0 ? TakeTime(ref rests) : null,
            Contact = TakeToEnd(ref rests),
        };
        return true;
    }

    // Milliseconds and a colon, or the colon alone where the time is not known.
    private static DateTime? TakeTime(scoped ref ReadOnlySpan<byte> text)
    {
        var isKnown = Utf8Parser.TryParse(text, out long milliseconds, out var digits);
        Take(ref text, digits + 1);
        return isKnown ? DateTime.UnixEpoch.AddMilliseconds(milliseconds) : null;
    }

    private static string TakeText(scoped ref ReadOnlySpan<byte> text)
    {
        if (!Utf8Parser.TryParse(text, out int length, out var digits))
            throw Unlike();
        Take(ref text, digits + 1);
        return Encoding.UTF8.GetString(Take(ref text, length));
    }

    private static ReadOnlySpan<byte> TakeToEnd(scoped ref ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf(End);
        var taken = Take(ref text, end < 0 ? text.Length : end);
        if (end >= 0)
            Take(ref text, 1);
        return taken;
    }

    private static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> text, int length)
    {
        if ((uint)length > (uint)text.Length)
            throw Unlike();
        var taken = text[..length];
        text = text[length..];
        return taken;
    }

    private static InvalidDataException Unlike() => new("The texts of a page are not as the statement makes them.");
}

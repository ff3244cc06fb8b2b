using System.Buffers;
using System.Runtime.InteropServices;
using Lips.Kernel;
using Npgsql;

namespace Lips.Interactions.Record;

/// <summary>
/// Writes interactions as they are served (contract section 4), in the caller's profile and without what its token may not see. What never changes of an interaction, and
/// its contact, are JSON already in the database (build/decisions/0014-answers.md): in the full profile they are copied, else the fields are picked from them.
/// </summary>
/// <param name="to">Takes the objects.</param>
/// <param name="caller">Who will read them.</param>
internal sealed class InteractionJson(IBufferWriter<byte> to, Caller caller)
{
    /// <summary>The columns that <see cref="Write"/> reads, of <c>interactions.interactions i</c>, in its order.</summary>
    public const string Columns = "i.body, i.contact, i.notes, i.important, i.read, i.archived_at, i.contact_external_source";

    /// <summary>How many columns those are: where a statement's own begin, behind them.</summary>
    public const int ColumnCount = 7;

    private const int UsualLength = 4096;

    private const int Body = 0;
    private const int Contact = 1;
    private const int Notes = 2;
    private const int Important = 3;
    private const int Read = 4;
    private const int ArchivedAt = 5;
    private const int ContactSource = 6;

    private byte[] bodyScratch = [];
    private byte[] contactScratch = [];

    /// <summary>Whether the interaction of a row is archived.</summary>
    public static bool IsArchived(NpgsqlDataReader row) => !row.IsDBNull(ArchivedAt);

    /// <summary>Writes the row that the reader stands on.</summary>
    /// <param name="row">A row that begins with <see cref="Columns"/>.</param>
    public void Write(NpgsqlDataReader row)
    {
        if (caller.Profile == Profile.Partner)
        {
            PartnerJson.Write(to, Text(row, Body, ref bodyScratch), Text(row, Contact, ref contactScratch), row.TextOrNull(ContactSource), caller.Pii);
            return;
        }

        // What may change and the contact stand before the closing brace of the body.
        if (caller.Pii)
        {
            Copy(row, Body, less: 1);
            WriteState(row);
            Copy(row, Contact);
        }
        else
        {
            WithoutPerson.WriteOpenBody(to, Text(row, Body, ref bodyScratch));
            WriteState(row);
            WithoutPerson.WriteContact(to, Text(row, Contact, ref contactScratch));
        }

        to.Write("}"u8);
    }

    private void WriteState(NpgsqlDataReader row)
    {
        to.Write(",\"notes\":"u8);
        if (!caller.Pii || row.IsDBNull(Notes))
            to.Write("null"u8);
        else
            to.WriteJsonText(row.GetString(Notes));
        to.Write(row.GetBoolean(Important) ? ",\"important\":true"u8 : ",\"important\":false"u8);
        to.Write(row.GetBoolean(Read) ? ",\"read\":true"u8 : ",\"read\":false"u8);
        if (row.IsDBNull(ArchivedAt))
        {
            to.Write(",\"archived_at\":null"u8);
        }
        else
        {
            to.Write(",\"archived_at\":\""u8);
            UtcTime.Format(row.GetDateTime(ArchivedAt), to.GetSpan(UtcTime.FormattedLength));
            to.Advance(UtcTime.FormattedLength);
            to.Write("\""u8);
        }

        to.Write(",\"contact\":"u8);
    }

    // From the connection's buffer to the answer, without a string between.
    private void Copy(NpgsqlDataReader row, int column, int less = 0)
    {
        var target = Room(UsualLength);
        var length = (int)row.GetBytes(column, 0, target.Array, target.Offset, target.Count);
        // When it is full there may be more.
        if (length == target.Count)
        {
            length = (int)row.GetBytes(column, 0, null, 0, 0);
            target = Room(length);
            row.GetBytes(column, 0, target.Array, target.Offset, length);
        }

        to.Advance(length - less);
    }

    private ArraySegment<byte> Room(int length) =>
        MemoryMarshal.TryGetArray<byte>(to.GetMemory(length), out var room) ? room : throw new InvalidOperationException("Answers are written to arrays.");

    private static ReadOnlySpan<byte> Text(NpgsqlDataReader row, int column, ref byte[] scratch)
    {
        var length = (int)row.GetBytes(column, 0, null, 0, 0);
        if (scratch.Length < length)
            scratch = new byte[2 * length];
        row.GetBytes(column, 0, scratch, 0, length);
        return scratch.AsSpan(0, length);
    }
}

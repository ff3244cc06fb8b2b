using System.Buffers;
using Lips.Kernel;
using Npgsql;

namespace Lips.Interactions.Record;

/// <summary>
/// Writes interactions as they are served (contract section 4), in the caller's profile and without what its token may not see. What never
/// changes of an interaction, and its contact, are JSON already in the database (build/decisions/0014-answers.md): in the full profile they
/// are copied, else the fields are picked from them.
/// </summary>
/// <param name="to">Takes the objects.</param>
/// <param name="caller">Who will read them.</param>
internal sealed class InteractionJson(IBufferWriter<byte> to, Caller caller)
{
    /// <summary>
    /// The columns that <see cref="Write(NpgsqlDataReader)"/> reads, of <c>interactions.interactions i</c>, in its order.
    /// </summary>
    public const string Columns = "i.body, i.contact, i.notes, i.important, i.read, i.archived_at, i.contact_external_source, i.read_at, "
        + "i.important_at";

    /// <summary>How many columns those are: where a statement's own begin, behind them.</summary>
    public const int ColumnCount = 9;

    private const int Body = 0;
    private const int Contact = 1;
    private const int Notes = 2;
    private const int Important = 3;
    private const int Read = 4;
    private const int ArchivedAt = 5;
    private const int ContactSource = 6;
    private const int ReadAt = 7;
    private const int ImportantAt = 8;

    private byte[] bodyScratch = [];
    private byte[] contactScratch = [];

    /// <summary>Whether the interaction of a row is archived.</summary>
    public static bool IsArchived(NpgsqlDataReader row) => !row.IsDBNull(ArchivedAt);

    /// <summary>Writes the row that the reader stands on.</summary>
    /// <param name="row">A row that begins with <see cref="Columns"/>.</param>
    public void Write(NpgsqlDataReader row) => Write(new StoredInteraction
    {
        Body = Text(row, Body, ref bodyScratch),
        Contact = Text(row, Contact, ref contactScratch),
        Notes = row.TextOrNull(Notes),
        Important = row.GetBoolean(Important),
        Read = row.GetBoolean(Read),
        ArchivedAt = row.TimeOrNull(ArchivedAt),
        ContactSource = row.TextOrNull(ContactSource),
        ReadAt = row.TimeOrNull(ReadAt),
        ImportantAt = row.TimeOrNull(ImportantAt),
    });

    /// <summary>Writes an interaction.</summary>
    public void Write(in StoredInteraction interaction)
    {
        if (caller.Profile == Profile.Partner)
        {
            PartnerJson.Write(to, interaction.Body, interaction.Contact, interaction.ContactSource, caller.Pii);
            return;
        }

        // What may change and the contact stand before the closing brace of the body.
        if (caller.Pii)
        {
            to.Write(interaction.Body[..^1]);
            WriteState(interaction);
            to.Write(interaction.Contact);
        }
        else
        {
            WithoutPerson.WriteOpenBody(to, interaction.Body);
            WriteState(interaction);
            WithoutPerson.WriteContact(to, interaction.Contact);
        }

        to.Write("}"u8);
    }

    private void WriteState(in StoredInteraction interaction)
    {
        to.Write(",\"notes\":"u8);
        if (!caller.Pii || interaction.Notes is null)
            to.Write("null"u8);
        else
            to.WriteJsonText(interaction.Notes);
        to.Write(interaction.Important ? ",\"important\":true"u8 : ",\"important\":false"u8);
        to.Write(interaction.Read ? ",\"read\":true"u8 : ",\"read\":false"u8);
        to.Write(",\"archived_at\":"u8);
        WriteTime(interaction.ArchivedAt);
        to.Write(",\"read_at\":"u8);
        WriteTime(interaction.ReadAt);
        to.Write(",\"important_at\":"u8);
        WriteTime(interaction.ImportantAt);
        to.Write(",\"contact\":"u8);
    }

    private void WriteTime(DateTime? time)
    {
        if (time is not { } value)
        {
            to.Write("null"u8);
            return;
        }

        var text = to.GetSpan(UtcTime.FormattedLength + 2);
        text[0] = text[UtcTime.FormattedLength + 1] = (byte)'"';
        UtcTime.Format(value, text[1..]);
        to.Advance(UtcTime.FormattedLength + 2);
    }

    private static ReadOnlySpan<byte> Text(NpgsqlDataReader row, int column, ref byte[] scratch)
    {
        var length = (int)row.GetBytes(column, 0, null, 0, 0);
        if (scratch.Length < length)
            scratch = new byte[2 * length];
        row.GetBytes(column, 0, scratch, 0, length);
        return scratch.AsSpan(0, length);
    }
}

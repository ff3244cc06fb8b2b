using System.Buffers;
using Lips.Kernel;
using Npgsql;

namespace Lips.Interactions.Serving;

/// <summary>
/// Writes interactions as they are served (contract section 4), in the caller's profile and without what its token may not see. What never
/// changes of an interaction, and its contact, are JSON already in the database (build/decisions/0014-answers.md): in the full profile they
/// are copied, else the fields are picked from them.
/// </summary>
/// <param name="to">Takes the objects.</param>
/// <param name="caller">Who will read them.</param>
/// <param name="isSummary">Whether transcripts, extra fields and notes are left out.</param>
internal sealed class InteractionJson(IBufferWriter<byte> to, Caller caller, bool isSummary = false)
{
    /// <summary>Writes the interactions of the row that the reader stands on, with commas between them.</summary>
    /// <param name="row">A row whose first column is <see cref="StoredInteraction.Text"/> or <see cref="StoredInteraction.Texts"/>.</param>
    public void Write(NpgsqlDataReader row)
    {
        if (row.IsDBNull(0))
            return;
        var length = (int)row.GetBytes(0, 0, null, 0, 0);
        var texts = ArrayPool<byte>.Shared.Rent(length);
        row.GetBytes(0, 0, texts, 0, length);
        Write(texts.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(texts);
    }

    private void Write(ReadOnlySpan<byte> texts)
    {
        for (var isFirst = true; !texts.IsEmpty; isFirst = false)
        {
            if (!isFirst)
                to.Write(","u8);
            Write(StoredInteraction.TakeFrom(ref texts));
        }
    }

    private void Write(in StoredInteraction interaction)
    {
        if (caller.Profile == Profile.Partner)
        {
            PartnerJson.Write(to, interaction, caller.Pii);
            return;
        }

        // What may change and the contact stand before the closing brace of the body.
        if (caller.Pii)
        {
            if (isSummary)
                Summary.WriteOpenBody(to, interaction.Body);
            else
                to.Write(interaction.Body[..^1]);
            WriteState(interaction);
            to.Write(interaction.Contact);
        }
        else
        {
            WithoutPerson.WriteOpenBody(to, interaction.Body, isSummary);
            WriteState(interaction);
            WithoutPerson.WriteContact(to, interaction.Contact);
        }

        to.Write("}"u8);
    }

    private void WriteState(in StoredInteraction interaction)
    {
        if (!isSummary)
        {
            to.Write(",\"notes\":"u8);
            to.Write(caller.Pii && !interaction.Notes.IsEmpty ? interaction.Notes : "null"u8);
        }

        to.Write(interaction.IsImportant ? ",\"important\":true"u8 : ",\"important\":false"u8);
        to.Write(interaction.IsRead ? ",\"read\":true"u8 : ",\"read\":false"u8);
        to.Write(",\"archived_at\":"u8);
        WriteTime(interaction.ArchivedAt);
        to.Write(",\"read_at\":"u8);
        WriteTime(interaction.ReadAt);
        to.Write(",\"important_at\":"u8);
        WriteTime(interaction.ImportantAt);
        to.Write(",\"contact\":"u8);
    }

    private void WriteTime(ReadOnlySpan<byte> time)
    {
        if (time.IsEmpty)
        {
            to.Write("null"u8);
            return;
        }

        // Finer than milliseconds is cut; what the database leaves off is zeros.
        var served = to.GetSpan(UtcTime.FormattedLength + 2);
        "\"0000-00-00T00:00:00.000Z\""u8.CopyTo(served);
        time[.."0000-00-00".Length].CopyTo(served[1..]);
        time = time["0000-00-00 ".Length..];
        time[..Math.Min(time.LastIndexOf((byte)'+'), "00:00:00.000".Length)].CopyTo(served["\"0000-00-00T".Length..]);
        to.Advance(UtcTime.FormattedLength + 2);
    }
}

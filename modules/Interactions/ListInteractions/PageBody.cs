using System.Buffers;
using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Interactions.Record;
using Lips.Kernel;
using Npgsql;

namespace Lips.Interactions.ListInteractions;

/// <summary>
/// The body of a page while it is made: the interactions first, then what is told of the whole list. Its memory is lent by the pool, and
/// given back once the page was sent.
/// </summary>
internal sealed class PageBody : IBufferWriter<byte>, IDisposable
{
    private const int UsualLength = 64 * 1024;

    private readonly InteractionJson interactions;
    private readonly bool tellsCounts;
    private byte[] bytes = ArrayPool<byte>.Shared.Rent(UsualLength);
    private int length;
    private bool isEmpty = true;

    /// <param name="caller">Who will read it.</param>
    public PageBody(Caller caller)
    {
        (interactions, tellsCounts) = (new InteractionJson(this, caller), caller.Profile == Profile.Full);
        this.Write("{\"contact_interactions\":["u8);
    }

    /// <summary>Adds the interaction of the row that the reader stands on.</summary>
    /// <param name="row">A row that begins with <see cref="InteractionJson.Columns"/>.</param>
    public void Add(NpgsqlDataReader row)
    {
        Separate();
        interactions.Write(row);
    }

    /// <summary>Ends it.</summary>
    /// <param name="paging">Which page this is.</param>
    /// <param name="counts">Of the whole list; partners are told its pages alone.</param>
    public ReadOnlyMemory<byte> End(Paging paging, Counts counts)
    {
        // The writer of what follows does not know that an object is open.
        this.Write("],"u8);
        JsonAnswer.WriteTo(this, json =>
        {
            json.WriteNumber("page"u8, paging.Page);
            json.WriteNumber("total_pages"u8, paging.TotalPages(counts.Events));
            json.WriteNumber("per_page"u8, paging.PerPage);
            if (tellsCounts)
                CountsJson.Write(json, counts);
        });
        this.Write("}"u8);
        return bytes.AsMemory(0, length);
    }

    public void Advance(int count) => length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return bytes.AsMemory(length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return bytes.AsSpan(length);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(bytes);

    private void Separate()
    {
        if (!isEmpty)
            this.Write(","u8);
        isEmpty = false;
    }

    private void Reserve(int more)
    {
        if (bytes.Length - length >= Math.Max(1, more))
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * bytes.Length, length + more));
        bytes.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = larger;
    }
}

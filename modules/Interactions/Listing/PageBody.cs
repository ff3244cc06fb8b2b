using System.Buffers;
using System.Text.Json;
using Lips.Counters.Contracts;
using Lips.Interactions.Serving;
using Lips.Kernel;
using Npgsql;

namespace Lips.Interactions.Listing;

/// <summary>The body of a page while it is made: the interactions first, then what is told of the whole list.</summary>
/// <param name="caller">Who will read it.</param>
/// <param name="isSummary">Whether transcripts, extra fields and notes are left out.</param>
internal sealed class PageBody(Caller caller, bool isSummary) : IDisposable
{
    private readonly LentBuffer body = Begun();

    private static ReadOnlySpan<byte> Beginning => "{\"contact_interactions\":["u8;

    /// <summary>The advertisers' versions in the snapshot of the page, in their order; none of a page that was not read.</summary>
    public long[] Versions { get; private set; } = [];

    /// <summary>The rows' keys in the list's order, where they were asked for.</summary>
    public PageKeys Keys { get; private set; } = PageKeys.None;

    /// <summary>Reads the rows that the statement has found.</summary>
    public async Task ReadAsync(NpgsqlDataReader row, ListSlice slice)
    {
        await row.ReadAsync(CancellationToken.None);
        new InteractionJson(body, caller, isSummary).Write(row);
        Versions = await row.GetFieldValueAsync<long[]>(1, CancellationToken.None);
        if (slice.HasKeys)
            Keys = PageKeys.Read(row, slice);
    }

    /// <summary>The rows alone, as a JSON array: a copy.</summary>
    public ReadOnlyMemory<byte> Rows() => (byte[])[.. body.Written.Span[(Beginning.Length - 1)..], (byte)']'];

    /// <summary>Ends a page.</summary>
    /// <param name="paging">Which page this is.</param>
    /// <param name="counts">Of the whole list; partners are told its pages alone.</param>
    public ReadOnlyMemory<byte> End(Paging paging, Counts counts) => End(json =>
    {
        json.WriteNumber("page"u8, paging.Page);
        json.WriteNumber("total_pages"u8, paging.TotalPages(counts.Events));
        json.WriteNumber("per_page"u8, paging.PerPage);
        if (caller.Profile == Profile.Full)
            CountsJson.Write(json, counts);
    });

    /// <summary>Ends rows beside a cursor.</summary>
    /// <param name="next">The cursor behind them.</param>
    /// <param name="previous">The cursor before them.</param>
    /// <param name="hasMore">Whether there are more in the direction in which they were read.</param>
    /// <param name="counts">Of the whole list.</param>
    public ReadOnlyMemory<byte> End(ListCursor? next, ListCursor? previous, bool hasMore, Counts counts) => End(json =>
    {
        json.WriteString("next"u8, next?.ToString());
        json.WriteString("previous"u8, previous?.ToString());
        json.WriteBoolean("has_more"u8, hasMore);
        CountsJson.Write(json, counts);
    });

    public void Dispose() => body.Dispose();

    private ReadOnlyMemory<byte> End(Action<Utf8JsonWriter> write)
    {
        // The writer of what follows does not know that an object is open.
        body.Write("],"u8);
        JsonAnswer.WriteTo(body, write);
        body.Write("}"u8);
        return body.Written;
    }

    private static LentBuffer Begun()
    {
        var body = new LentBuffer();
        body.Write(Beginning);
        return body;
    }
}

/// <summary>The keys of rows in the list's order.</summary>
/// <param name="Rows">When each occurred, its id, and whether it was important.</param>
/// <param name="HasMore">Whether another row stands behind them, in the direction in which they were read.</param>
/// <param name="Newest">The greatest id that had been given out.</param>
internal sealed record PageKeys(IReadOnlyList<(DateTime Time, long Id, bool Important)> Rows, bool HasMore, long Newest)
{
    /// <summary>Of no rows.</summary>
    public static PageKeys None { get; } = new([], HasMore: false, 0);

    /// <summary>Reads them off the row of a statement.</summary>
    public static PageKeys Read(NpgsqlDataReader row, ListSlice slice)
    {
        var (ids, times, important) = (
            row.GetFieldValue<long[]>(2), row.GetFieldValue<DateTime[]>(3), row.GetFieldValue<bool[]>(4));
        var rows = ids.Select((id, i) => (times[i], id, important[i])).Take(slice.Rows);
        return new PageKeys(
            slice.Order.Backward ? [.. rows.Reverse()] : [.. rows], ids.Length > slice.Rows, row.GetInt64(5));
    }

    /// <summary>A row as a place of its list.</summary>
    public ListCursor CursorAt(Index row, string list) => new(list, Rows[row].Time, Rows[row].Id, Rows[row].Important, Newest);
}

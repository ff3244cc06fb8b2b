using System.Buffers;
using System.Data;
using System.Text.Json;
using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Interactions.Serving;
using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Interactions.Listing;

/// <summary>
/// Reads pages. Pages that are asked for at the same time go to the database together: a batch costs both sides one round trip, and each
/// page in it little more than its rows (build/decisions/0013-speed.md).
/// </summary>
internal sealed class PageReader : IWaitingLine
{
    // A batch is answered in its order, so there is an end to it: in pages, and in interactions. Several batches at a time let the node
    // write the pages of one while the database reads those of others.
    private const int MostPages = 32;
    private const int MostInteractions = 32 * 25;
    private const int MostAtOnce = 4;

    private readonly Connections database;
    private readonly Batcher<Waiter> waiters;

    public PageReader(Connections database) =>
        (this.database, waiters) = (database, new Batcher<Waiter>(MostPages, MostAtOnce, database.MostWaiting, ReadAsync));

    public bool IsFull => waiters.IsFull;

    /// <summary>Reads a page, of a snapshot that is taken after this call.</summary>
    /// <param name="slice">The rows; the filter is one of cells, so that an index gives the rows in the list's order.</param>
    /// <param name="makeBody">Makes what takes them.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="BusyException">Too many wait already.</exception>
    /// <exception cref="NpgsqlException">The database did not answer.</exception>
    public Task<PageBody> ReadAsync(ListSlice slice, Func<PageBody> makeBody, CancellationToken cancellation)
    {
        var waiter = new Waiter(slice, makeBody, cancellation);
        waiters.Add(waiter);
        return waiter.Task.WaitAsync(cancellation);
    }

    /// <summary>
    /// Counts and reads a page by SQL, in one snapshot: for filters that the counters do not know, or when changes came in between time and
    /// again.
    /// </summary>
    /// <exception cref="NpgsqlException">The database did not answer.</exception>
    public Task<(PageBody Page, Counts Counts)> ScanAsync(IndexRequest request, Caller caller, CancellationToken cancellation) =>
        database.RunAsync(async connection =>
        {
            await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
            var counts = await CountInteractions.ScanAsync(connection, request.Filter, cancellation);
            var (page, slice) = (new PageBody(caller, request.IsSummary), request.Slice());
            if (slice.Skip < counts.Events)
                await ReadAsync(connection, slice, page, cancellation);

            await snapshot.CommitAsync(cancellation);
            return (page, counts);
        }, cancellation);

    /// <summary>Reads rows by themselves, on a connection.</summary>
    public static async Task ReadAsync(NpgsqlConnection connection, ListSlice slice, PageBody body, CancellationToken cancellation)
    {
        await using var command = ListSql.Command(slice);
        command.Connection = connection;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        body.Read(row, slice);
    }

    private async Task<IReadOnlyList<Waiter>> ReadAsync(List<Waiter> group)
    {
        var (some, interactions) = (new List<Waiter>(), 0);
        foreach (var waiter in group.Where(w => !w.IsGone))
        {
            if (some.Count > 0 && interactions + waiter.Slice.Rows > MostInteractions)
            {
                await ReadBatchAsync(some);
                (some, interactions) = ([], 0);
            }

            some.Add(waiter);
            interactions += waiter.Slice.Rows;
        }

        if (some.Count > 0)
            await ReadBatchAsync(some);
        return [];
    }

    private async Task ReadBatchAsync(List<Waiter> some)
    {
        try
        {
            await database.RunAsync(async connection =>
            {
                await using var batch = new NpgsqlBatch(connection);
                // Of each result the waiters, in the order of its rows.
                var results = new List<Waiter[]>();
                foreach (var waiter in some.Where(w => !w.Slice.KeepsPlan))
                {
                    batch.BatchCommands.Add(ListSql.Statement(waiter.Slice));
                    results.Add([waiter]);
                }

                var alike = some.FindAll(w => w.Slice.KeepsPlan);
                foreach (var (statement, slices) in ListSql.Statements(alike.Select(w => w.Slice)))
                {
                    batch.BatchCommands.Add(statement);
                    results.Add(Array.ConvertAll(slices, i => alike[i]));
                }

                await using var row = await batch.ExecuteReaderAsync();
                foreach (var waiters in results)
                {
                    while (await row.ReadAsync(CancellationToken.None))
                    {
                        var waiter = waiters.Length == 1 ? waiters[0] : waiters[row.GetInt64(row.FieldCount - 1) - 1];
                        // Each is answered as soon as it is here.
                        var page = waiter.MakeBody();
                        page.Read(row, waiter.Slice);
                        waiter.SetResult(page);
                    }

                    await row.NextResultAsync(CancellationToken.None);
                }
            }, CancellationToken.None);
        }
        catch (Exception e) when (some.Count == 1 || LipsDatabase.IsAway(e))
        {
            some.ForEach(w => w.TrySetException(e));
        }
        catch (Exception)
        {
            // A page that cannot be read fails alone.
            foreach (var waiter in some.Where(w => !w.Task.IsCompleted))
                await ReadBatchAsync([waiter]);
        }
    }

    // Requests go on elsewhere, so that the next batch does not wait for answers to be written.
    private sealed class Waiter(ListSlice slice, Func<PageBody> makeBody, CancellationToken cancellation)
        : TaskCompletionSource<PageBody>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public ListSlice Slice => slice;

        public PageBody MakeBody() => makeBody();

        public bool IsGone => cancellation.IsCancellationRequested;
    }
}

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

    /// <summary>Takes what the statement has found: the row that the reader stands on.</summary>
    public void Read(NpgsqlDataReader row, ListSlice slice)
    {
        new InteractionJson(body, caller, isSummary).Write(row);
        Versions = row.GetFieldValue<long[]>(1);
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

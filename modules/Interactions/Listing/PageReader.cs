using System.Data;
using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Interactions.Listing;

/// <summary>
/// Reads pages. Pages that are asked for at the same time go to the database together: a batch costs both sides one round trip, and each
/// page in it little more than its rows (build/decisions/0013-speed.md).
/// </summary>
internal sealed class PageReader
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
    public async Task<(PageBody Page, Counts Counts)> ScanAsync(IndexRequest request, Caller caller, CancellationToken cancellation)
    {
        await using var lent = await database.LendAsync(cancellation);
        await using var snapshot = await lent.Connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var counts = await CountInteractions.ScanAsync(lent.Connection, request.Filter, cancellation);
        var (page, slice) = (new PageBody(caller, request.IsSummary), request.Slice());
        if (slice.Skip < counts.Events)
            await ReadAsync(lent.Connection, slice, page, cancellation);

        await snapshot.CommitAsync(cancellation);
        return (page, counts);
    }

    /// <summary>Reads rows by themselves, on a connection.</summary>
    public static async Task ReadAsync(NpgsqlConnection connection, ListSlice slice, PageBody body, CancellationToken cancellation)
    {
        await using var command = ListSql.Command(slice);
        command.Connection = connection;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await body.ReadAsync(row, slice);
    }

    private async Task ReadAsync(List<Waiter> group)
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
    }

    private async Task ReadBatchAsync(List<Waiter> some)
    {
        try
        {
            await using var lent = await database.LendAsync(CancellationToken.None);
            await using var batch = new NpgsqlBatch(lent.Connection);
            some.ForEach(w => batch.BatchCommands.Add(ListSql.Statement(w.Slice)));
            await using var row = await batch.ExecuteReaderAsync();
            foreach (var waiter in some)
            {
                // Each is answered as soon as it is here.
                var page = waiter.MakeBody();
                await page.ReadAsync(row, waiter.Slice);
                waiter.SetResult(page);
                await row.NextResultAsync(CancellationToken.None);
            }
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

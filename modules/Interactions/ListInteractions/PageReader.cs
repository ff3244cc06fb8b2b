using System.Buffers;
using System.Data;
using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Interactions.Serving;
using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Interactions.ListInteractions;

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

    private readonly NpgsqlDataSource database;
    private readonly Batcher<Waiter> waiters;

    public PageReader(NpgsqlDataSource database) =>
        (this.database, waiters) = (database, new Batcher<Waiter>(MostPages, MostAtOnce, ReadAsync));

    /// <summary>Reads a page, of a snapshot that is taken after this call.</summary>
    /// <param name="request">The page; its filter is one of cells, so that an index gives the rows in the list's order.</param>
    /// <param name="start">Where to begin; null for the beginning of the list.</param>
    /// <param name="caller">The reader of the page.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="NpgsqlException">The database did not answer.</exception>
    public Task<PageBody> ReadAsync(IndexRequest request, ListStart? start, Caller caller, CancellationToken cancellation)
    {
        var waiter = new Waiter(request, start, caller, cancellation);
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
        var page = new PageBody(caller);
        if (request.Paging.Skip < counts.Events)
        {
            await using var command = ListSql.Command(request.Filter, request.Paging);
            command.Connection = lent.Connection;
            await using var row = await command.ExecuteReaderAsync(cancellation);
            await page.ReadAsync(row);
        }

        await snapshot.CommitAsync(cancellation);
        return (page, counts);
    }

    private async Task ReadAsync(List<Waiter> group)
    {
        var (some, interactions) = (new List<Waiter>(), 0);
        foreach (var waiter in group.Where(w => !w.IsGone))
        {
            if (some.Count > 0 && interactions + waiter.PerPage > MostInteractions)
            {
                await ReadBatchAsync(some);
                (some, interactions) = ([], 0);
            }

            some.Add(waiter);
            interactions += waiter.PerPage;
        }

        if (some.Count > 0)
            await ReadBatchAsync(some);
    }

    private async Task ReadBatchAsync(List<Waiter> some)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync();
            await using var batch = new NpgsqlBatch(connection);
            some.ForEach(w => batch.BatchCommands.Add(w.Statement()));
            await using var row = await batch.ExecuteReaderAsync();
            foreach (var waiter in some)
            {
                // Each is answered as soon as it is here.
                var page = new PageBody(waiter.Caller);
                await page.ReadAsync(row);
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
    private sealed class Waiter(IndexRequest request, ListStart? start, Caller caller, CancellationToken cancellation)
        : TaskCompletionSource<PageBody>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public int PerPage => request.Paging.PerPage;

        public Caller Caller => caller;

        public bool IsGone => cancellation.IsCancellationRequested;

        public NpgsqlBatchCommand Statement() => ListSql.Statement(request.Filter, request.Paging, start);
    }
}

/// <summary>The body of a page while it is made: the interactions first, then what is told of the whole list.</summary>
/// <param name="caller">Who will read it.</param>
internal sealed class PageBody(Caller caller) : IDisposable
{
    private readonly LentBuffer body = Begun();

    /// <summary>The advertisers' versions in the snapshot of the page, in their order; none of a page that was not read.</summary>
    public long[] Versions { get; private set; } = [];

    /// <summary>Reads the page that the statement has found.</summary>
    public async Task ReadAsync(NpgsqlDataReader row)
    {
        await row.ReadAsync(CancellationToken.None);
        new InteractionJson(body, caller).Write(row);
        Versions = await row.GetFieldValueAsync<long[]>(1, CancellationToken.None);
    }

    /// <summary>Ends it.</summary>
    /// <param name="paging">Which page this is.</param>
    /// <param name="counts">Of the whole list; partners are told its pages alone.</param>
    public ReadOnlyMemory<byte> End(Paging paging, Counts counts)
    {
        // The writer of what follows does not know that an object is open.
        body.Write("],"u8);
        JsonAnswer.WriteTo(body, json =>
        {
            json.WriteNumber("page"u8, paging.Page);
            json.WriteNumber("total_pages"u8, paging.TotalPages(counts.Events));
            json.WriteNumber("per_page"u8, paging.PerPage);
            if (caller.Profile == Profile.Full)
                CountsJson.Write(json, counts);
        });
        body.Write("}"u8);
        return body.Written;
    }

    public void Dispose() => body.Dispose();

    private static LentBuffer Begun()
    {
        var body = new LentBuffer();
        body.Write("{\"contact_interactions\":["u8);
        return body;
    }
}

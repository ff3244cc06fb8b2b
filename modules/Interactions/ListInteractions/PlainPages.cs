using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using Lips.Counters.Contracts;
using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Interactions.ListInteractions;

/// <summary>
/// Reads the list that is asked for most: all that one advertiser has, newest first. Those who ask at the same time are served by one statement: it costs little more than each page's rows,
/// and its plan is kept. The advertiser's version comes with them, out of the same snapshot, so a node whose counters are of that version need not ask for it first.
/// </summary>
internal sealed class PlainPages
{
    // A page waits for the others of its group, so there is an end to them: of pages, and of interactions, which the database has in memory before it sends the first. Several groups at a time
    // let the node write the pages of one while the database reads those of others.
    private const int MostTogether = 32;
    private const int MostInteractions = 32 * 25;
    private const int MostAtOnce = 4;

    private const int Bodies = 0;
    private const int Rests = 1;
    private const int Place = 2;

    private static readonly ConcurrentDictionary<(int PerPage, bool First), string> Statements = new();

    private readonly NpgsqlDataSource database;
    private readonly Together<Waiter> waiters;

    public PlainPages(NpgsqlDataSource database) => (this.database, waiters) = (database, new Together<Waiter>(MostTogether, MostAtOnce, ReadAsync));

    /// <summary>Where the whole list begins.</summary>
    public static ListStart Beginning { get; } = new(DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc), long.MaxValue, 0, null);

    /// <summary>Reads a page, of a snapshot that is taken after this call.</summary>
    /// <param name="advertiser">Whose.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="perPage">How many interactions at most.</param>
    /// <param name="caller">Who will read it.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="NpgsqlException">The database did not answer.</exception>
    public Task<PlainPage> ReadAsync(GlobalId advertiser, ListStart start, int perPage, Caller caller, CancellationToken cancellation)
    {
        var waiter = new Waiter(new PlainQuestion(advertiser.Value, start), perPage, caller, cancellation);
        waiters.Add(waiter);
        return waiter.Task.WaitAsync(cancellation);
    }

    private async Task ReadAsync(List<Waiter> group)
    {
        foreach (var alike in group.Where(w => !w.IsGone).GroupBy(w => (w.PerPage, w.Question.IsFirst)))
        {
            foreach (var some in alike.Chunk(MostInteractions / alike.Key.PerPage))
                await ReadAlikeAsync(some, alike.Key.PerPage);
        }
    }

    private async Task ReadAlikeAsync(Waiter[] group, int perPage)
    {
        try
        {
            await using var command = Command(Array.ConvertAll(group, w => w.Question), perPage);
            await using var connection = await database.OpenConnectionAsync();
            command.Connection = connection;
            await using var row = await command.ExecuteReaderAsync();
            await row.ReadAsync();
            var (epoch, versions) = (row.GetString(0), row.GetString(1).Split(','));
            while (await row.ReadAsync())
            {
                // Each is answered as soon as it is here.
                var place = (int)row.GetInt64(Place) - 1;
                group[place].TrySetResult(new PlainPage(BodyOf(row, group[place].Caller), epoch, long.Parse(versions[place], CultureInfo.InvariantCulture)));
            }
        }
        catch (Exception e) when (group.Length == 1 || LipsDatabase.IsAway(e))
        {
            Array.ForEach(group, w => w.TrySetException(e));
        }
        catch (Exception)
        {
            // What cannot be read of one is that one's alone.
            foreach (var waiter in group.Where(w => !w.Task.IsCompleted))
                await ReadAlikeAsync([waiter], perPage);
        }
    }

    /// <summary>
    /// The statement for some pages: a row with the history of the database and the versions, in the first two columns, then a row for each page with its texts and its place. Each page is a
    /// seek that stops behind it. They are sorted, though they come in order, so that all are read before the first is sent: what comes at once wakes the node once, and not for each piece
    /// of 8 kB. Indexes: interactions_by_time, advertisers_pkey.
    /// </summary>
    internal static NpgsqlCommand Command(IReadOnlyList<PlainQuestion> questions, int perPage)
    {
        var areFirst = questions.All(q => q.IsFirst);
        var command = new NpgsqlCommand(Sql(perPage, areFirst)) { Parameters = { new NpgsqlParameter<long[]> { TypedValue = [.. questions.Select(q => q.Advertiser)] } } };
        if (areFirst)
            return command;
        command.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. questions.Select(q => q.Start.Time)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. questions.Select(q => q.Start.Id)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. questions.Select(q => q.Start.Skip)] });
        return command;
    }

    // The arrays are subqueries, so that the planner does not see how many they are: for fewer than it assumes it would find a plan of their own cheaper, and make one each time.
    private static string Sql(int perPage, bool areFirst) => Statements.GetOrAdd((perPage, areFirst), static kind => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        SELECT {AdvertiserVersions.ReadingEpoch}, array_to_string(({AdvertiserVersions.Select("(SELECT $1)")}), ','), NULL::bigint
        UNION ALL
        SELECT l.bodies, l.rests, p.place
        FROM {(kind.First ? "unnest((SELECT $1)) WITH ORDINALITY AS p(advertiser, place)" : "unnest((SELECT $1), (SELECT $2), (SELECT $3), (SELECT $4)) WITH ORDINALITY AS p(advertiser, time, id, skip, place)")}
        CROSS JOIN LATERAL (
            SELECT {PageText.Aggregates}
            FROM (
                SELECT {PageText.Columns}
                FROM interactions.interactions i
                WHERE i.advertiser = p.advertiser AND i.archived_at IS NULL{(kind.First ? "" : " AND (i.occurred_at, i.id) <= (p.time, p.id)")}
                ORDER BY i.occurred_at DESC, i.id DESC LIMIT {kind.PerPage}{(kind.First ? "" : " OFFSET p.skip")}
            ) i
        ) l
        ORDER BY 3 NULLS FIRST
        """));

    private static PageBody BodyOf(NpgsqlDataReader row, Caller caller)
    {
        var page = new PageBody(caller);
        if (row.IsDBNull(Bodies))
            return page;
        var (bodies, rests) = (LengthOf(Bodies), LengthOf(Rests));
        var text = ArrayPool<byte>.Shared.Rent(bodies + rests);
        row.GetBytes(Bodies, 0, text, 0, bodies);
        row.GetBytes(Rests, 0, text, bodies, rests);
        page.Add(new PageText(text.AsSpan(0, bodies), text.AsSpan(bodies, rests)));
        ArrayPool<byte>.Shared.Return(text);
        return page;

        int LengthOf(int column) => (int)row.GetBytes(column, 0, null, 0, 0);
    }

    // Whoever waited goes on elsewhere, so that the next group does not wait for answers to be written.
    private sealed class Waiter(PlainQuestion question, int perPage, Caller caller, CancellationToken cancellation)
        : TaskCompletionSource<PlainPage>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public PlainQuestion Question => question;

        public int PerPage => perPage;

        public Caller Caller => caller;

        public bool IsGone => cancellation.IsCancellationRequested;
    }
}

/// <summary>Whose page, and where it begins.</summary>
internal readonly record struct PlainQuestion(long Advertiser, ListStart Start)
{
    /// <summary>Whether it is the first page, which begins where the list does.</summary>
    public bool IsFirst => Start == PlainPages.Beginning;
}

/// <summary>A page as it was read.</summary>
/// <param name="Body">Its interactions.</param>
/// <param name="Epoch">The history of the database that the version is of.</param>
/// <param name="Version">The advertiser's version in the snapshot of the page.</param>
internal sealed record PlainPage(PageBody Body, string Epoch, long Version)
{
    /// <summary>Whether counters are of the same moment.</summary>
    public bool IsOf(LiveReading reading) => reading.Epoch == Epoch && reading.Versions[0] == Version;
}

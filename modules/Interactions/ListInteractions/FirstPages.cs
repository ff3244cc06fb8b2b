using System.Collections.Concurrent;
using System.Globalization;
using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Lips.Interactions.Record;
using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Interactions.ListInteractions;

/// <summary>
/// Reads the list that is asked for most: the first page, newest first, of all that one advertiser has. Those who ask at the same time are served by one statement:
/// it costs little more than each page's rows. The advertiser's version comes with them, out of the same snapshot, so a node
/// whose counters are of that version need not ask for it first.
/// </summary>
internal sealed class FirstPages
{
    // A page waits for the others of its group, so there is an end to them; two groups at a time let the node write the pages of one while the database reads those of the other.
    private const int MostTogether = 32;
    private const int MostAtOnce = 2;

    // As a subquery, so that the planner does not see how many they are: for fewer than it assumes it would find a plan of their own cheaper, and make one each time.
    private const string Advertisers = "(SELECT $1)";

    private const int Place = InteractionJson.ColumnCount;

    private static readonly ConcurrentDictionary<int, string> Statements = new();

    private readonly NpgsqlDataSource database;
    private readonly Together<Waiter> waiters;

    public FirstPages(NpgsqlDataSource database) => (this.database, waiters) = (database, new Together<Waiter>(MostTogether, MostAtOnce, ReadAsync));

    /// <summary>Whether a question is of this kind.</summary>
    public static bool Has(InteractionFilter filter, Paging paging) =>
        paging is { Page: 1, SortBy: SortBy.OccurredAt, Descending: true, PerPage: 10 or 25 or 50 or 100 }
        && filter is { IsOfCells: true, Archived: false, Advertisers.Count: 1, Campaigns.Count: 0, Kinds.Count: 0, Channels.Count: 0, From: null, Until: null };

    /// <summary>Reads a first page, of a snapshot that is taken after this call.</summary>
    /// <exception cref="NpgsqlException">The database did not answer.</exception>
    public Task<FirstPage> ReadAsync(GlobalId advertiser, int perPage, Caller caller, CancellationToken cancellation)
    {
        var waiter = new Waiter(advertiser, perPage, caller, cancellation);
        waiters.Add(waiter);
        return waiter.Task.WaitAsync(cancellation);
    }

    private async Task ReadAsync(List<Waiter> group)
    {
        foreach (var alike in group.Where(w => !w.IsGone).GroupBy(w => w.PerPage))
            await ReadAlikeAsync([.. alike], alike.Key);
    }

    private async Task ReadAlikeAsync(List<Waiter> group, int perPage)
    {
        try
        {
            await using var command = Command(group.ConvertAll(w => w.Advertiser.Value).ToArray(), perPage);
            await using var connection = await database.OpenConnectionAsync();
            command.Connection = connection;
            await using var row = await command.ExecuteReaderAsync();
            await row.ReadAsync();
            var (epoch, versions) = (row.GetString(0), row.GetString(1).Split(',').Select(v => long.Parse(v, CultureInfo.InvariantCulture)).ToArray());
            var pages = group.ConvertAll(w => new PageBody(w.Caller));
            while (await row.ReadAsync())
                pages[(int)row.GetInt64(Place) - 1].Add(row);
            for (var i = 0; i < group.Count; i++)
                group[i].TrySetResult(new FirstPage(pages[i], epoch, versions[i]));
        }
        catch (Exception e) when (group.Count == 1 || LipsDatabase.IsAway(e))
        {
            group.ForEach(w => w.TrySetException(e));
        }
        catch (Exception)
        {
            // What cannot be read of one is that one's alone.
            foreach (var waiter in group)
                await ReadAlikeAsync([waiter], perPage);
        }
    }

    /// <summary>
    /// The statement for some advertisers: a row with the history of the database and the versions, in the first two columns, then the rows of the pages. Each page is a
    /// seek that stops behind it, in a nested loop: that alone can join what depends on the row before it, and it keeps the order of both. Indexes: interactions_by_time,
    /// advertisers_pkey.
    /// </summary>
    internal static NpgsqlCommand Command(long[] advertisers, int perPage) =>
        new(Sql(perPage)) { Parameters = { new NpgsqlParameter<long[]> { TypedValue = advertisers } } };

    private static string Sql(int perPage) => Statements.GetOrAdd(perPage, static size => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        SELECT {AdvertiserVersions.ReadingEpoch}, array_to_string(({AdvertiserVersions.Select(Advertisers)}), ','), NULL, NULL::boolean, NULL::boolean, NULL::timestamptz, NULL, NULL::bigint
        UNION ALL
        SELECT i.*
        FROM unnest({Advertisers}) WITH ORDINALITY AS a(advertiser, place)
        CROSS JOIN LATERAL (
            SELECT {InteractionJson.Columns}, a.place
            FROM interactions.interactions i
            WHERE i.advertiser = a.advertiser AND i.archived_at IS NULL
            ORDER BY i.occurred_at DESC, i.id DESC LIMIT {size}
        ) i
        """));

    // Whoever waited goes on elsewhere, so that the next group does not wait for answers to be written.
    private sealed class Waiter(GlobalId advertiser, int perPage, Caller caller, CancellationToken cancellation)
        : TaskCompletionSource<FirstPage>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public GlobalId Advertiser => advertiser;

        public int PerPage => perPage;

        public Caller Caller => caller;

        public bool IsGone => cancellation.IsCancellationRequested;
    }
}

/// <summary>A first page as it was read.</summary>
/// <param name="Body">Its interactions.</param>
/// <param name="Epoch">The history of the database that the version is of.</param>
/// <param name="Version">The advertiser's version in the snapshot of the page.</param>
internal sealed record FirstPage(PageBody Body, string Epoch, long Version)
{
    /// <summary>Whether counters are of the same moment.</summary>
    public bool IsOf(LiveReading reading) => reading.Epoch == Epoch && reading.Versions[0] == Version;
}

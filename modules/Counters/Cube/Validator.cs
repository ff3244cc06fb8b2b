using Lips.Counters.Cells;
using Lips.Counters.Contracts;
using Npgsql;

namespace Lips.Counters.Cube;

/// <summary>
/// Brings cubes up to date for readers. A reader waits for a query that starts after it arrived, and one query serves all who
/// wait at that moment: what was acknowledged before a read began is in its answer, whichever node took it, without a broadcast
/// and without a query a read (the read-index idea of Raft implementations).
/// </summary>
internal sealed class Validator(NpgsqlDataSource database, CubeStore cubes)
{
    // One on its way while another's answer is read; a third would only make smaller groups.
    private const int MaxInFlight = 2;

    // A different server, timeline, server start or table: versions of another history cannot be compared with ours.
    public const string Epoch = $"concat_ws('/', ({AdvertiserVersions.Epoch}), pg_postmaster_start_time(), 'counters.advertisers'::regclass::oid)";

    // Version and cells come from one statement, so from one snapshot. Indexes: advertisers_pkey, cells_by_version. OFFSET 0 keeps the planner from
    // merging the subquery into a join whose filter, and not whose index, would find the newer cells among all of the advertiser's.
    private const string Query =
        $"""
        SELECT {Epoch} AS epoch,
            h.advertiser, coalesce((SELECT a.version FROM counters.advertisers a WHERE a.advertiser = h.advertiser), 0),
            c.day, c.campaign, c.kind, c.channel, c.has_wpc,
            c.total, c.unread, c.important, c.archived_total, c.archived_unread, c.archived_important
        FROM unnest($1, $2) AS h(advertiser, version)
        LEFT JOIN LATERAL (
            SELECT * FROM counters.cells c WHERE c.advertiser = h.advertiser AND c.version > h.version OFFSET 0
        ) c ON true
        """;

    private readonly Lock guard = new();
    private List<Waiter> waiting = [];
    private int inFlight;
    private string? epoch;

    /// <summary>Waits until the cubes of these advertisers reflect all that was committed before this call.</summary>
    /// <returns>The cubes in the order of the advertisers; null for one of which nothing was ever written.</returns>
    /// <exception cref="NpgsqlException">The database did not answer; nothing is known then.</exception>
    public Task<IReadOnlyList<AdvertiserCube?>> ValidateAsync(IReadOnlyList<long> advertisers, CancellationToken cancellation)
    {
        var waiter = new Waiter(advertisers);
        lock (guard)
        {
            waiting.Add(waiter);
            if (inFlight < MaxInFlight)
            {
                inFlight++;
                _ = RunAsync();
            }
        }

        // A reader that goes away leaves the others' query alone.
        return waiter.Done.Task.WaitAsync(cancellation);
    }

    private async Task RunAsync()
    {
        // Whoever calls goes on to queue; the query is made by nobody's thread in particular.
        await Task.Yield();
        while (true)
        {
            List<Waiter> group;
            lock (guard)
            {
                if (waiting.Count == 0)
                {
                    inFlight--;
                    return;
                }

                (group, waiting) = (waiting, []);
            }

            try
            {
                var found = await CatchUpAsync(group.SelectMany(w => w.Advertisers).Distinct().ToArray());
                foreach (var waiter in group)
                    waiter.Done.TrySetResult([.. waiter.Advertisers.Select(found.GetValueOrDefault)]);
            }
            catch (Exception e)
            {
                foreach (var waiter in group)
                    waiter.Done.TrySetException(e);
            }
        }
    }

    private async Task<Dictionary<long, AdvertiserCube?>> CatchUpAsync(long[] advertisers)
    {
        var found = new Dictionary<long, AdvertiserCube?>(advertisers.Length);
        while (advertisers.Length > 0)
        {
            // The very objects whose versions are asked about take the differences: the store may drop one and make another meanwhile.
            var held = Array.ConvertAll(advertisers, cubes.FindOrAdd);
            var versions = Array.ConvertAll(held, cube => cube.Version);
            var (readEpoch, read) = await ReadAsync(advertisers, versions);
            if (IsOfAnotherEpoch(readEpoch))
                continue;
            var again = new List<long>();
            for (var i = 0; i < advertisers.Length; i++)
            {
                var (version, cells) = read[advertisers[i]];
                if (version <= 0 || version < versions[i])
                    cubes.Drop(advertisers[i]);
                if (version < versions[i])
                    again.Add(advertisers[i]);
                if (version <= 0)
                    continue;
                held[i].Apply(version, cells);
                found[advertisers[i]] = held[i];
                if (cells.Count > 0)
                    cubes.Resized(advertisers[i]);
            }

            advertisers = [.. again];
        }

        return found;
    }

    private bool IsOfAnotherEpoch(string readEpoch)
    {
        lock (guard)
        {
            var isAnother = epoch is not null && epoch != readEpoch;
            if (isAnother)
                cubes.Clear();
            epoch = readEpoch;
            return isAnother;
        }
    }

    private async Task<(string Epoch, Dictionary<long, (long Version, List<(CellKey Key, Tally Value)> Cells)> Read)> ReadAsync(long[] advertisers, long[] held)
    {
        var read = new Dictionary<long, (long Version, List<(CellKey, Tally)> Cells)>(advertisers.Length);
        var readEpoch = "";
        await using var command = database.CreateCommand(Query);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = advertisers });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = held });
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
        {
            readEpoch = row.GetString(0);
            if (!read.TryGetValue(row.GetInt64(1), out var entry))
                read.Add(row.GetInt64(1), entry = (row.GetInt64(2), []));
            AddCell(entry.Cells, row);
        }

        return (readEpoch, read);
    }

    private static void AddCell(List<(CellKey, Tally)> cells, NpgsqlDataReader row)
    {
        // An advertiser without any newer cell has one row, without a cell.
        if (row.IsDBNull(3))
            return;
        var key = new CellKey(row.GetFieldValue<DateOnly>(3).DayNumber, row.GetInt64(4), (EventKind)row.GetInt16(5), (Channel)row.GetInt16(6), row.GetBoolean(7));
        cells.Add((key, new Tally(row.GetInt32(8), row.GetInt32(9), row.GetInt32(10), row.GetInt32(11), row.GetInt32(12), row.GetInt32(13))));
    }

    private sealed record Waiter(IReadOnlyList<long> Advertisers)
    {
        public TaskCompletionSource<IReadOnlyList<AdvertiserCube?>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

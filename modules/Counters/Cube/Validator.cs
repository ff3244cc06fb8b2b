using System.Runtime.InteropServices;
using Lips.Counters.Cells;
using Lips.Counters.Contracts;
using Npgsql;

namespace Lips.Counters.Cube;

/// <summary>
/// Brings cubes up to date for readers. A reader waits for a query that starts after it arrived, and one query serves all who
/// wait at that moment: what was acknowledged before a read began is in its answer, whichever node took it, without a broadcast
/// and without a query a read (the read-index idea of Raft implementations).
/// </summary>
internal sealed class Validator : IDisposable
{
    private static readonly TimeSpan UsualPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private const int LeastShare = 4;

    // Where the database stands: its history, since versions of another cannot be compared with ours, and the snapshot. What is visible depends on nothing
    // else, so while the snapshot stays the same nobody has committed anything, and what was valid still is.
    private const string Moment = $"{AdvertiserVersions.RunText}, pg_current_snapshot()::text";

    private const string OnlyMoment = $"SELECT {Moment}";

    // Moment, versions and newer cells come from one statement, so from one snapshot. Indexes: advertisers_pkey, cells_by_version. OFFSET 0 keeps the
    // planner from merging the subquery into a join whose filter, and not whose index, would find the newer cells among all of the advertiser's.
    private const string Query =
        $"""
        SELECT {Moment}, NULL::bigint AS advertiser, NULL::bigint AS version, NULL::date AS day, NULL::bigint AS campaign,
            NULL::smallint AS kind, NULL::smallint AS channel, NULL::boolean AS has_wpc, NULL::integer AS total, NULL::integer AS unread,
            NULL::integer AS important, NULL::integer AS archived_total, NULL::integer AS archived_unread, NULL::integer AS archived_important
        UNION ALL
        SELECT NULL, NULL, a.advertiser, a.version, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM counters.advertisers a WHERE a.advertiser = ANY($1)
        UNION ALL
        SELECT NULL, NULL, h.advertiser, NULL, c.day, c.campaign, c.kind, c.channel, c.has_wpc,
            c.total, c.unread, c.important, c.archived_total, c.archived_unread, c.archived_important
        FROM unnest($1, $2) AS h(advertiser, version)
        CROSS JOIN LATERAL (
            SELECT * FROM counters.cells c WHERE c.advertiser = h.advertiser AND c.version > h.version OFFSET 0
        ) c
        """;

    private readonly NpgsqlDataSource database;
    private readonly CubeStore cubes;
    private readonly TimeSpan patience;
    private readonly Timer clock;
    private readonly Lock guard = new();
    private List<Waiter> asking = [];
    private List<Waiter> waiting = [];
    // One query at a time: a second would make the groups smaller, twice the queries for the same readers.
    private bool isRunning;
    private (string Epoch, string Snapshot) moment = ("", "");
    private long momentNumber;
    private bool isChanging = true;

    /// <param name="database">The database.</param>
    /// <param name="cubes">The cubes.</param>
    /// <param name="patience">How long a reader waits at most; half a minute when it is not said.</param>
    public Validator(NpgsqlDataSource database, CubeStore cubes, TimeSpan? patience = null)
    {
        (this.database, this.cubes, this.patience) = (database, cubes, patience ?? UsualPatience);
        // One look a second at who waits for too long, instead of a timer for each reader.
        clock = new Timer(_ => GiveUp(), null, BetweenLooks, BetweenLooks);
    }

    /// <summary>Waits until the cubes of these advertisers reflect all that was committed before this call.</summary>
    /// <returns>The cubes in the order of the advertisers.</returns>
    /// <exception cref="NpgsqlException">The database did not answer, or not in time; nothing is known then.</exception>
    public Task<LiveReading> ValidateAsync(long[] advertisers, CancellationToken cancellation)
    {
        var waiter = new Waiter(advertisers);
        lock (guard)
        {
            waiting.Add(waiter);
            if (!isRunning)
            {
                isRunning = true;
                _ = RunAsync();
            }
        }

        // A reader that goes away leaves the others' query alone.
        return cancellation.CanBeCanceled ? waiter.Task.WaitAsync(cancellation) : waiter.Task;
    }

    /// <summary>The cube of an advertiser as it is held; null when none is.</summary>
    public LiveReading? Held(long advertiser)
    {
        // Under the lock, so that no cube of one history is taken for one of another.
        lock (guard)
            return cubes.Find(advertiser)?.Reading(moment.Epoch);
    }

    /// <summary>Ends the looks at who waits.</summary>
    public void Dispose() => clock.Dispose();

    private void GiveUp()
    {
        List<Waiter> late;
        lock (guard)
            late = [.. asking.Concat(waiting).Where(w => w.Waited > patience)];
        foreach (var waiter in late)
            waiter.TrySetException(new NpgsqlException("The database did not answer in time.", new TimeoutException()));
    }

    private async Task RunAsync()
    {
        while (true)
        {
            // Behind all that the node has to do at this moment: whoever is about to ask joins the group, and the busier the node the larger it is.
            await Task.Yield();
            List<Waiter> group;
            lock (guard)
            {
                if (waiting.Count == 0)
                {
                    asking = [];
                    isRunning = false;
                    return;
                }

                asking = group = waiting;
                waiting = [];
            }

            try
            {
                var (epoch, found) = await CatchUpAsync(AdvertisersOf(group));
                Release(group, epoch, found);
            }
            catch (Exception e)
            {
                foreach (var waiter in group)
                    waiter.TrySetException(e);
            }
        }
    }

    // Each core goes on with its share of the readers, one after the other: a work item for each reader would cost more than most of them have left to do.
    private static void Release(List<Waiter> group, string epoch, Dictionary<long, AdvertiserCube?> found)
    {
        var share = Math.Max(LeastShare, (group.Count + Environment.ProcessorCount - 1) / Environment.ProcessorCount);
        for (var start = 0; start < group.Count; start += share)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                part =>
                {
                    foreach (var waiter in part)
                        waiter.TrySetResult(ReadingOf(waiter.Advertisers, epoch, found));
                },
                group.GetRange(start, Math.Min(share, group.Count - start)),
                preferLocal: false);
        }
    }

    private static LiveReading ReadingOf(long[] advertisers, string epoch, Dictionary<long, AdvertiserCube?> found)
    {
        if (advertisers is [var only] && found.TryGetValue(only, out var cube) && cube is not null)
            return cube.Reading(epoch);
        var cubes = new AdvertiserCube?[advertisers.Length];
        for (var i = 0; i < cubes.Length; i++)
            cubes[i] = found.GetValueOrDefault(advertisers[i]);
        return new LiveReading(epoch, cubes);
    }

    private static long[] AdvertisersOf(List<Waiter> group)
    {
        var advertisers = new HashSet<long>(group.Count);
        foreach (var waiter in group)
            advertisers.UnionWith(waiter.Advertisers);
        return [.. advertisers];
    }

    private async Task<(string Epoch, Dictionary<long, AdvertiserCube?> Found)> CatchUpAsync(long[] all)
    {
        var found = new Dictionary<long, AdvertiserCube?>(all.Length);
        var answered = "";
        var advertisers = all;
        while (advertisers.Length > 0)
        {
            var (epoch, held, asked) = Hold(advertisers);
            var versions = Array.ConvertAll(asked, i => held[i].Version);
            var read = await ReadAsync(Array.ConvertAll(asked, i => advertisers[i]), versions);
            var number = Note(read);
            if (read.Epoch != epoch || (answered.Length > 0 && read.Epoch != answered))
            {
                // What was held is of another history, and all of an answer is of one.
                (advertisers, answered) = (all, "");
                found.Clear();
                continue;
            }

            answered = read.Epoch;
            for (var i = 0; i < asked.Length; i++)
                Take(advertisers[asked[i]], held[asked[i]], versions[i], read, number);
            var again = new List<long>();
            for (var i = 0; i < advertisers.Length; i++)
            {
                if (held[i].ValidAt != number)
                    again.Add(advertisers[i]);
                else if (held[i].Version > 0)
                    found[advertisers[i]] = held[i];
            }

            advertisers = [.. again];
        }

        return (answered, found);
    }

    /// <summary>
    /// The cubes of advertisers, and which of them to ask about: those not known to be valid at the moment last seen; all of them while others commit
    /// between any two looks. The very objects whose versions are asked about take the differences: the store may drop one and make another meanwhile.
    /// </summary>
    private (string Epoch, AdvertiserCube[] Held, int[] Asked) Hold(long[] advertisers)
    {
        // Under the lock, so that no cube of one history is taken for one of another.
        lock (guard)
        {
            var held = Array.ConvertAll(advertisers, cubes.FindOrAdd);
            var asked = new List<int>();
            for (var i = 0; i < held.Length; i++)
            {
                if (isChanging || held[i].ValidAt != momentNumber)
                    asked.Add(i);
            }

            return (moment.Epoch, held, [.. asked]);
        }
    }

    /// <summary>Takes note of the moment that an answer is of, and gives its number. With another history than the last one's all cubes go.</summary>
    private long Note(Answer read)
    {
        lock (guard)
        {
            isChanging = (read.Epoch, read.Snapshot) != moment;
            if (!isChanging)
                return momentNumber;
            if (read.Epoch != moment.Epoch)
                cubes.Clear();
            moment = (read.Epoch, read.Snapshot);
            return ++momentNumber;
        }
    }

    private void Take(long advertiser, AdvertiserCube cube, long asked, Answer read, long number)
    {
        var (version, cells) = read.Advertisers.GetValueOrDefault(advertiser, (0, []));
        // Behind what was held: rows were put back by hand. The cube goes, and is asked for anew.
        if (version < asked)
        {
            cubes.Drop(advertiser);
            return;
        }

        cube.Apply(version, cells);
        cube.ValidAt = number;
        if (version == 0)
            cubes.Drop(advertiser);
        else if (cells.Count > 0)
            cubes.Resized(advertiser);
    }

    private async Task<Answer> ReadAsync(long[] advertisers, long[] held)
    {
        var read = new Answer();
        await using var command = database.CreateCommand(advertisers.Length == 0 ? OnlyMoment : Query);
        if (advertisers.Length > 0)
        {
            command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = advertisers });
            command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = held });
        }

        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
            read.Add(row);
        return read;
    }

    /// <summary>What one statement told.</summary>
    private sealed class Answer
    {
        public string Epoch { get; private set; } = "";

        public string Snapshot { get; private set; } = "";

        /// <summary>The advertisers that there are, with their versions and the cells that are newer than the held ones.</summary>
        public Dictionary<long, (long Version, List<(CellKey Key, Tally Value)> Cells)> Advertisers { get; } = [];

        public void Add(NpgsqlDataReader row)
        {
            if (!row.IsDBNull(0))
            {
                (Epoch, Snapshot) = (row.GetString(0), row.GetString(1));
                return;
            }

            ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(Advertisers, row.GetInt64(2), out var isKnown);
            if (!isKnown)
                entry.Cells = [];
            if (!row.IsDBNull(3))
                entry.Version = row.GetInt64(3);
            else
                entry.Cells.Add((KeyOf(row), new Tally(row.GetInt32(9), row.GetInt32(10), row.GetInt32(11), row.GetInt32(12), row.GetInt32(13), row.GetInt32(14))));
        }

        private static CellKey KeyOf(NpgsqlDataReader row) =>
            new(row.GetFieldValue<DateOnly>(4).DayNumber, row.GetInt64(5), (EventKind)row.GetInt16(6), (Channel)row.GetInt16(7), row.GetBoolean(8));
    }

    private sealed class Waiter(long[] advertisers) : TaskCompletionSource<LiveReading>
    {
        private readonly long since = Environment.TickCount64;

        public long[] Advertisers { get; } = advertisers;

        public TimeSpan Waited => TimeSpan.FromMilliseconds(Environment.TickCount64 - since);
    }
}

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
    /// <summary>How long a reader waits at most where nothing else is said.</summary>
    public static readonly TimeSpan UsualPatience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private const int LeastShare = 4;

    private readonly NpgsqlDataSource database;
    private readonly CubeStore cubes;
    private readonly TimeSpan patience;
    private readonly Timer clock;
    private readonly Lock guard = new();
    private List<Reader> asking = [];
    private List<Reader> waiting = [];
    // One query at a time: a second would make the groups smaller, twice the queries for the same readers.
    private bool isRunning;
    private (string Epoch, string Snapshot) moment = ("", "");
    private long momentNumber;
    private long round;
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
        var reader = new Reader(advertisers);
        lock (guard)
        {
            waiting.Add(reader);
            if (!isRunning)
            {
                isRunning = true;
                _ = RunAsync();
            }
        }

        // A reader that goes away leaves the others' query alone.
        return cancellation.CanBeCanceled ? reader.Task.WaitAsync(cancellation) : reader.Task;
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
        List<Reader> late;
        lock (guard)
            late = [.. asking.Concat(waiting).Where(r => r.Waited > patience)];
        foreach (var reader in late)
            reader.Fail(new NpgsqlException("The database did not answer in time.", new TimeoutException()));
    }

    private async Task RunAsync()
    {
        // As long as somebody waits; then it is the pool's again, which knows how long a connection may lie idle.
        await using var session = new ValidatorSession(database);
        while (true)
        {
            // Behind all that the node has to do at this moment: whoever is about to ask joins the group, and the busier the node the
            // larger it is.
            await Task.Yield();
            List<Reader> group;
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
                Release(group, await CatchUpAsync(session, group));
            }
            catch (Exception e)
            {
                foreach (var reader in group)
                    reader.Fail(e);
                await session.CloseAsync();
            }
        }
    }

    // Each core goes on with its share of the readers, one after the other: a work item for each reader would cost more than most of them
    // have left to do.
    private static void Release(List<Reader> group, string epoch)
    {
        var share = Math.Max(LeastShare, (group.Count + Environment.ProcessorCount - 1) / Environment.ProcessorCount);
        for (var start = 0; start < group.Count; start += share)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                part =>
                {
                    foreach (var reader in part)
                        reader.Tell(ReadingOf(reader, epoch));
                },
                group.GetRange(start, Math.Min(share, group.Count - start)),
                preferLocal: false);
        }
    }

    private static LiveReading ReadingOf(Reader reader, string epoch)
    {
        if (reader.Cubes is [{ Version: > 0 } only])
            return only.Reading(epoch);
        // Of one that nothing was ever written of there is no cube.
        return new LiveReading(epoch, Array.ConvertAll(reader.Cubes, cube => cube is { Version: > 0 } ? cube : null));
    }

    /// <summary>Gives each reader cubes that are valid at a moment after this call.</summary>
    /// <returns>The history that they are of.</returns>
    private async Task<string> CatchUpAsync(ValidatorSession session, List<Reader> group)
    {
        var answered = "";
        var readers = group;
        while (readers.Count > 0)
        {
            var (epoch, asked) = Hold(readers);
            var versions = asked.ConvertAll(cube => cube.Version);
            var read = await session.ReadAsync([.. asked.Select(cube => cube.Advertiser)], [.. versions]);
            var number = Note(read);
            if (read.Epoch != epoch || (answered.Length > 0 && read.Epoch != answered))
            {
                // What was held is of another history, and all of an answer is of one.
                (readers, answered) = (group, "");
                continue;
            }

            answered = read.Epoch;
            for (var i = 0; i < asked.Count; i++)
                Take(asked[i], versions[i], read, number);
            readers = readers.FindAll(reader => !IsValid(reader, number));
        }

        return answered;
    }

    private static bool IsValid(Reader reader, long number)
    {
        foreach (var cube in reader.Cubes)
        {
            if (cube!.ValidAt != number)
                return false;
        }

        return true;
    }

    /// <summary>
    /// Gives the readers the cubes of their advertisers, and tells which of them to ask about: those not known to be valid at the moment
    /// last seen; all of them while others commit between any two looks. The very objects whose versions are asked about take the
    /// differences: the store may drop one and make another meanwhile.
    /// </summary>
    private (string Epoch, List<AdvertiserCube> Asked) Hold(List<Reader> readers)
    {
        // Under the lock, so that no cube of one history is taken for one of another.
        lock (guard)
        {
            round++;
            var asked = new List<AdvertiserCube>();
            foreach (var reader in readers)
            {
                for (var i = 0; i < reader.Cubes.Length; i++)
                {
                    var cube = cubes.FindOrAdd(reader.Advertisers[i]);
                    reader.Cubes[i] = cube;
                    if ((isChanging || cube.ValidAt != momentNumber) && cube.IsFirstOf(round))
                        asked.Add(cube);
                }
            }

            return (moment.Epoch, asked);
        }
    }

    /// <summary>
    /// Takes note of the moment that an answer is of, and gives its number. With another history than the last one's all cubes go.
    /// </summary>
    private long Note(ValidatorAnswer read)
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

    private void Take(AdvertiserCube cube, long asked, ValidatorAnswer read, long number)
    {
        var (version, cells) = read.Advertisers.GetValueOrDefault(cube.Advertiser, (0, []));
        // Behind what was held: rows were put back by hand. The cube goes, and is asked for anew.
        if (version < asked)
        {
            cubes.Drop(cube.Advertiser);
            return;
        }

        cube.Apply(version, cells);
        cube.ValidAt = number;
        if (version == 0)
            cubes.Drop(cube.Advertiser);
        else if (cells.Count > 0)
            cubes.Resized(cube.Advertiser);
    }

    /// <summary>
    /// Waits for one reading. Who waited goes on where it is told, so that must not block: others who wait for the same query are told
    /// after it.
    /// </summary>
    private sealed class Reader(long[] advertisers)
    {
        private readonly long since = Environment.TickCount64;
        private readonly TaskCompletionSource<LiveReading> told = new();

        public long[] Advertisers => advertisers;

        /// <summary>The counters of the advertisers, in their order, once they were looked for.</summary>
        public AdvertiserCube?[] Cubes { get; } = new AdvertiserCube?[advertisers.Length];

        public Task<LiveReading> Task => told.Task;

        public TimeSpan Waited => TimeSpan.FromMilliseconds(Environment.TickCount64 - since);

        public void Tell(LiveReading reading) => told.TrySetResult(reading);

        public void Fail(Exception failure) => told.TrySetException(failure);
    }
}

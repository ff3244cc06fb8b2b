using Lips.Counters.Cube;
using Lips.Kernel;

namespace Lips.Counters.Contracts;

/// <summary>The live counters: exact on every node, without a scan.</summary>
public sealed class LiveCounters
{
    private readonly Validator validator;
    private readonly VersionWatch watch;

    internal LiveCounters(Validator validator, VersionWatch watch)
    {
        this.validator = validator;
        this.watch = watch;
    }

    /// <summary>
    /// Reads the counters of advertisers. What is read reflects every change that was acknowledged, by any node, before this call.
    /// </summary>
    /// <exception cref="Npgsql.NpgsqlException">The database did not answer: there is no answer then, rather than an old one.</exception>
    public Task<LiveReading> ReadAsync(IReadOnlyList<GlobalId> advertisers, CancellationToken cancellation)
    {
        var ids = new long[advertisers.Count];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = advertisers[i].Value;
        return validator.ValidateAsync(ids, cancellation);
    }

    /// <summary>
    /// The counters of an advertiser as this node holds them: they may be old. For who has read the advertiser's version and <see
    /// cref="AdvertiserVersions.ReadingEpoch"/> in a snapshot that is new enough, and finds them equal here. No I/O.
    /// </summary>
    /// <returns>Null when none are held.</returns>
    public LiveReading? Held(GlobalId advertiser) => validator.Held(advertiser.Value);

    /// <summary>
    /// Begins to watch advertisers, for who wants to know of changes without asking again and again. Begin before the first reading: what
    /// changes after that is told. All watchers of a node share one query a quarter second.
    /// </summary>
    public LiveWatcher Watch(IReadOnlyList<GlobalId> advertisers) => watch.Add([.. advertisers.Select(a => a.Value)]);
}

/// <summary>The counters of some advertisers, up to date when they were read, or newer.</summary>
public sealed class LiveReading
{
    /// <param name="epoch">The history that the cubes' versions are of.</param>
    /// <param name="cubes">In the order of the advertisers; null for one of which nothing was ever written.</param>
    internal LiveReading(string epoch, AdvertiserCube?[] cubes)
    {
        Cubes = cubes;
        Epoch = epoch;
        var versions = new long[cubes.Length];
        for (var i = 0; i < versions.Length; i++)
            versions[i] = cubes[i]?.Version ?? 0;
        Versions = versions;
    }

    /// <summary>
    /// The history of the database that the versions are of. Versions of another say nothing: after a restore they are given out again.
    /// </summary>
    public string Epoch { get; }

    /// <summary>
    /// The advertisers' versions, in their order: any change that a client could see has raised one. 0 where nothing was ever written.
    /// </summary>
    public IReadOnlyList<long> Versions { get; }

    /// <summary>In the order of the advertisers; null for one of which nothing was ever written.</summary>
    internal AdvertiserCube?[] Cubes { get; }

    /// <summary>Counts what the filter selects, of all advertisers of this reading. A few microseconds, and no I/O.</summary>
    public LiveCounts Count(CellFilter filter)
    {
        var versions = new long[Cubes.Length];
        if (filter.SelectsAll)
        {
            var counts = new Counts();
            for (var i = 0; i < versions.Length; i++)
                versions[i] = Cubes[i]?.Sum(counts, filter.Archived) ?? 0;
            return new LiveCounts(counts, versions);
        }

        var question = new CellQuestion(filter);
        for (var i = 0; i < versions.Length; i++)
            versions[i] = Cubes[i]?.Sum(question) ?? 0;
        return new LiveCounts(question.ToCounts(), versions);
    }

    /// <summary>Finds the day on which a row of a list in the order of time stands: first its month, then the day in it. No I/O.</summary>
    /// <param name="filter">What the list selects.</param>
    /// <param name="important">Only the important, only the others, or null for all.</param>
    /// <param name="descending">Whether the newest come first.</param>
    /// <param name="skip">How many rows stand before the row; fewer than the filter selects.</param>
    /// <param name="versions">The versions that the list was counted at.</param>
    /// <returns>Null when the counters have other versions by now.</returns>
    public LiveDay? FindDay(CellFilter filter, bool? important, bool descending, long skip, IReadOnlyList<long> versions)
    {
        var question = new CellQuestion(filter, important);
        var sums = new Dictionary<int, long>();
        for (var i = 0; i < Cubes.Length; i++)
        {
            if ((Cubes[i]?.SumMonths(question, sums) ?? 0) != versions[i])
                return null;
        }

        var months = sums.Keys.ToArray();
        Array.Sort(months);
        var before = skip;
        var month = months[Walk(months.Length, descending, place => sums[months[place]], ref before)];

        var days = new long[31];
        for (var i = 0; i < Cubes.Length; i++)
        {
            if ((Cubes[i]?.SumDays(question, month, days) ?? 0) != versions[i])
                return null;
        }

        var day = Walk(days.Length, descending, place => days[place], ref before);
        return new LiveDay(DateOnly.FromDayNumber(month + day), before, days[day]);
    }

    /// <summary>Marks what was read of the interactions of a day, for <see cref="IsUnchanged"/>.</summary>
    /// <param name="versions">The advertisers' versions in the snapshot that it was read in.</param>
    public DayMark Mark(IReadOnlyList<long> versions) => new([.. Cubes.Select(SerialOf)], versions);

    /// <summary>
    /// Whether no interaction has entered, left or changed place in a day's lists since something was read of it. Changes that no counter
    /// counts, such as notes, do not matter; of what was forgotten the answer is no.
    /// </summary>
    public bool IsUnchanged(DateOnly day, DayMark mark)
    {
        for (var i = 0; i < Cubes.Length; i++)
        {
            // Versions of another cube may be of another history of the database.
            if (mark.Cubes[i] != SerialOf(Cubes[i]) || (Cubes[i]?.ChangedAt(day.DayNumber) ?? 0) > mark.Versions[i])
                return false;
        }

        return true;
    }

    private static long SerialOf(AdvertiserCube? cube) => cube?.Serial ?? 0;

    private static int Walk(int count, bool descending, Func<int, long> sumOf, ref long skip)
    {
        for (var step = 0; step < count; step++)
        {
            var place = descending ? count - 1 - step : step;
            var sum = sumOf(place);
            if (skip < sum)
                return place;
            skip -= sum;
        }

        throw new ArgumentOutOfRangeException(nameof(skip), "A row that the filter selects stands on one of the days.");
    }
}

/// <summary>Counts, and the version of each advertiser that they are of, in the order of the filter's.</summary>
/// <param name="Counts">The counts.</param>
/// <param name="Versions">The versions, at least those of the reading.</param>
public sealed record LiveCounts(Counts Counts, IReadOnlyList<long> Versions);

/// <summary>A day of a list.</summary>
/// <param name="Day">The UTC day.</param>
/// <param name="Before">How many of its rows stand before the row that was looked for.</param>
/// <param name="Count">How many rows it has.</param>
public sealed record LiveDay(DateOnly Day, long Before, long Count);

/// <summary>When something was read of a day's interactions: versions, and the counters that those are comparable with.</summary>
public sealed record DayMark
{
    internal DayMark(IReadOnlyList<long> cubes, IReadOnlyList<long> versions) => (Cubes, Versions) = (cubes, versions);

    /// <summary>How many advertisers it is of.</summary>
    public int Size => Versions.Count;

    internal IReadOnlyList<long> Cubes { get; }

    internal IReadOnlyList<long> Versions { get; }
}

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
    public async Task<LiveReading> ReadAsync(IReadOnlyList<GlobalId> advertisers, CancellationToken cancellation) =>
        new(await validator.ValidateAsync([.. advertisers.Select(a => a.Value)], cancellation));

    /// <summary>
    /// Begins to watch advertisers, for who wants to know of changes without asking again and again. Begin before the first reading: what changes after
    /// that is told. All watchers of a node share one query a quarter second.
    /// </summary>
    public LiveWatcher Watch(IReadOnlyList<GlobalId> advertisers) => watch.Add([.. advertisers.Select(a => a.Value)]);
}

/// <summary>The counters of some advertisers, up to date when they were read, or newer.</summary>
public sealed class LiveReading
{
    private readonly IReadOnlyList<AdvertiserCube?> cubes;

    internal LiveReading(IReadOnlyList<AdvertiserCube?> cubes)
    {
        this.cubes = cubes;
        Versions = [.. cubes.Select(cube => cube?.Version ?? 0)];
    }

    /// <summary>The advertisers' versions, in their order: any change that a client could see has raised one. 0 where nothing was ever written.</summary>
    public IReadOnlyList<long> Versions { get; }

    /// <summary>Counts what the filter selects, of all advertisers of this reading. A few microseconds, and no I/O.</summary>
    public LiveCounts Count(CellFilter filter) => Count(filter, null);

    /// <summary>Counts, and tells how many there are on each day: some hundred microseconds for an advertiser with 100,000 cells.</summary>
    public (LiveCounts Counts, IReadOnlyDictionary<DateOnly, long> Days) CountByDay(CellFilter filter)
    {
        var days = new SortedDictionary<int, long>();
        var counts = Count(filter, days);
        return (counts, days.ToDictionary(d => DateOnly.FromDayNumber(d.Key), d => d.Value));
    }

    private LiveCounts Count(CellFilter filter, SortedDictionary<int, long>? days)
    {
        var question = new CellQuestion(filter);
        var versions = new long[cubes.Count];
        for (var i = 0; i < versions.Length; i++)
            versions[i] = cubes[i]?.Sum(question, days) ?? 0;
        return new LiveCounts(question.ToCounts(), versions);
    }
}

/// <summary>Counts, and the version of each advertiser that they are of, in the order of the filter's.</summary>
/// <param name="Counts">The counts.</param>
/// <param name="Versions">The versions, at least those of the reading.</param>
public sealed record LiveCounts(Counts Counts, IReadOnlyList<long> Versions);

using Lips.Counters.Contracts;
using Lips.Kernel;
using Lips.Kernel.Database;
using Npgsql;

namespace Lips.Interactions.Filter;

/// <summary>
/// Counts what a filter selects: by the live counters where they know it, by SQL where they do not, and where they know all but the ends of
/// a range, by both, of one version.
/// </summary>
internal sealed class CountInteractions(Connections database, LiveCounters counters)
{
    /// <summary>
    /// How often two readings are made before a snapshot is taken instead: between the two another change may come, and a third time in a
    /// row is rare.
    /// </summary>
    public const int Tries = 3;

    /// <summary>Counts, each advertiser at one version, at least that of the reading.</summary>
    /// <param name="request">What is counted.</param>
    /// <param name="reading">The counters of the filter's advertisers, with its whole days counted.</param>
    /// <param name="cancellation">Cancels.</param>
    public async ValueTask<Counts> CountAsync(FilterRequest request, LiveReading reading, CancellationToken cancellation)
    {
        for (var attempt = 1; request.Split is { } split && attempt <= Tries; attempt++)
        {
            if (await CountAsync(request.Filter, split, reading, cancellation) is { } counted)
                return counted.All;
            reading = await counters.ReadAsync(request.Filter.Advertisers, split.Days, cancellation);
        }

        // A single statement, so a single snapshot.
        return await database.RunAsync(connection => ScanAsync(connection, request.Filter, cancellation), cancellation);
    }

    /// <summary>Counts whole days and the pieces at their ends.</summary>
    /// <returns>Null when the counters and the database had different versions: then both must be read again.</returns>
    public async ValueTask<SplitCounts?> CountAsync(
        InteractionFilter filter, DaySplit split, LiveReading reading, CancellationToken cancellation)
    {
        if (split.OnlyDays is not null)
            return new SplitCounts(reading, null, null);
        var pieces = new[] { split.Early, split.Late }.OfType<InteractionFilter>().ToList();
        var counts = pieces.ConvertAll(_ => new Counts());
        long[] versions = [];
        await database.RunAsync(async connection =>
        {
            await using var command = PiecesCommand(filter, pieces);
            command.Connection = connection;
            await using var row = await command.ExecuteReaderAsync(cancellation);
            while (await row.ReadAsync(cancellation))
                versions = AddPiece(counts, row);
        }, cancellation);

        var days = reading;
        if (!days.Versions.SequenceEqual(versions))
        {
            if (await counters.ReadAtAsync(reading, split.Days, versions, cancellation) is not { } then)
                return null;
            days = then;
        }

        return new SplitCounts(days, split.Early is null ? null : counts[0], split.Late is null ? null : counts[^1]);
    }

    /// <summary>Counts by a scan of the index that fits the filter, in the connection's transaction.</summary>
    public static async Task<Counts> ScanAsync(NpgsqlConnection connection, InteractionFilter filter, CancellationToken cancellation)
    {
        var counts = new Counts();
        await using var command = Command(filter);
        command.Connection = connection;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            Add(counts, row, 0);
        return counts;
    }

    internal static NpgsqlCommand Command(InteractionFilter filter)
    {
        var sql = new FilterSql(filter);
        return sql.Command($"""
            SELECT {Columns}
            {sql.FromWhere()}
            GROUP BY i.kind, i.channel
            """);
    }

    /// <summary>Counts pieces of a range, each a seek an advertiser; also where there is nothing to count it tells the versions.</summary>
    internal static NpgsqlCommand PiecesCommand(InteractionFilter filter, IReadOnlyList<InteractionFilter> pieces)
    {
        var sql = new FilterSql(filter with { From = null, Until = null });
        var advertisers = sql.Advertisers();
        var since = sql.Parameter(pieces.Select(p => p.From!.Value).ToArray());
        var before = sql.Parameter(pieces.Select(p => p.Until!.Value).ToArray());
        sql.AddConditions(Driver.None);
        return sql.Command($"""
            SELECT ({AdvertiserVersions.Select(advertisers)}), p.place, k.*
            FROM unnest({since}, {before}) WITH ORDINALITY AS p(since, before, place)
            LEFT JOIN LATERAL (
                SELECT {Columns}
                FROM unnest({advertisers}) AS a(advertiser)
                CROSS JOIN LATERAL (
                    SELECT i.kind, i.channel, i.read, i.important FROM interactions.interactions i
                    WHERE i.advertiser = a.advertiser AND i.occurred_at >= p.since AND i.occurred_at < p.before{sql.Where}
                    OFFSET 0
                ) i
                GROUP BY i.kind, i.channel
            ) k ON true
            """);
    }

    private const string Columns = "i.kind, i.channel, count(*), count(*) FILTER (WHERE NOT i.read), count(*) FILTER (WHERE i.important)";

    private static long[] AddPiece(List<Counts> counts, NpgsqlDataReader row)
    {
        if (!row.IsDBNull(2))
            Add(counts[(int)row.GetInt64(1) - 1], row, 2);
        return row.GetFieldValue<long[]>(0);
    }

    private static void Add(Counts counts, NpgsqlDataReader row, int at) =>
        counts.Add(
            (EventKind)row.GetInt16(at), (Channel)row.GetInt16(at + 1), row.GetInt64(at + 2), row.GetInt64(at + 3), row.GetInt64(at + 4));
}

/// <summary>What the pieces of a filter select, all of the same versions.</summary>
/// <param name="Days">The counters: of the whole days, and the versions.</param>
/// <param name="Early">The piece before them; null where there is none.</param>
/// <param name="Late">The piece behind them; null where there is none.</param>
internal sealed record SplitCounts(LiveReading Days, Counts? Early, Counts? Late)
{
    /// <summary>All pieces together.</summary>
    public Counts All { get; } = new Counts().Add(Days.Counts).Add(Early).Add(Late);
}

/// <summary>
/// A filter cut where days begin: the whole days of its range, which the live counters know, and what is left at the two ends, each less
/// than a day, which they do not. A range within one day is all <see cref="Early"/>.
/// </summary>
internal sealed record DaySplit
{
    /// <summary>What lies before the first whole day.</summary>
    public InteractionFilter? Early { get; private init; }

    /// <summary>The whole days; null where there is none.</summary>
    public CellFilter? Days { get; private init; }

    /// <summary>What lies behind the last whole day.</summary>
    public InteractionFilter? Late { get; private init; }

    /// <summary>The whole days, where that is all; null where there is more.</summary>
    public CellFilter? OnlyDays => Early is null && Late is null ? Days : null;

    /// <summary>Cuts a filter; null when the counters do not know one of its other filters.</summary>
    public static DaySplit? Of(InteractionFilter filter)
    {
        if (!filter.IsOfCells)
            return null;
        var from = filter.From ?? DateTime.MinValue;
        var until = filter.Until ?? DateTime.MaxValue;
        var (firstDay, lastDay) = (CeilingOf(from), FloorOf(until));
        // An end that lies in the same day as the beginning belongs to that piece.
        var early = from == firstDay ? null : filter with { Until = until < firstDay ? until : firstDay };
        var late = until == lastDay || lastDay < firstDay ? null : filter with { From = lastDay };
        var days = firstDay < lastDay || (early is null && late is null)
            ? new CellFilter
            {
                Campaigns = filter.Campaigns,
                Kinds = filter.Kinds,
                Channels = filter.Channels,
                From = firstDay == DateTime.MinValue ? null : DateOnly.FromDateTime(firstDay),
                Until = lastDay == DateTime.MaxValue ? null : DateOnly.FromDateTime(lastDay),
                Archived = filter.Archived,
                Read = filter.IsRead,
            }
            : null;
        return new DaySplit { Early = early, Days = days, Late = late };
    }

    // The last day of the calendar has no end; there, as in a filter without one, the latest time stands for it.
    private static DateTime CeilingOf(DateTime time)
    {
        var floor = time.Date;
        if (time == floor || time == DateTime.MaxValue)
            return time;
        return floor == DateTime.MaxValue.Date ? DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc) : floor.AddDays(1);
    }

    private static DateTime FloorOf(DateTime time) => time == DateTime.MaxValue ? time : time.Date;
}

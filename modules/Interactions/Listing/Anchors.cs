using Lips.Counters.Contracts;
using Lips.Interactions.Filter;
using Npgsql;

namespace Lips.Interactions.Listing;

/// <summary>
/// Every fiftieth row that a filter selects in a day (or in a piece of one), from the earliest on: a list that begins anywhere in the day
/// walks over fewer than fifty rows.
/// </summary>
internal sealed class Anchors
{
    // A page of 25 rows over one advertiser takes up to 75 rows of the index so, and a day of 18,000 rows 6 kB of memory.
    public const int Interval = 50;

    private readonly DateTime[] times;
    private readonly long[] ids;

    private Anchors(long count, List<(DateTime Time, long Id)> rows, DayMark mark)
    {
        Count = count;
        times = [.. rows.Select(r => r.Time)];
        ids = [.. rows.Select(r => r.Id)];
        Mark = mark;
    }

    /// <summary>How many rows the day had.</summary>
    public long Count { get; }

    /// <summary>When they were read.</summary>
    public DayMark Mark { get; }

    /// <summary>The memory that they take, about.</summary>
    public long Bytes => (16L * ids.Length) + (32L * (Mark.Size + 2));

    /// <summary>
    /// The anchor at or before a row of the list, and how many rows stand between the two; null where that is the edge of the day.
    /// </summary>
    /// <param name="before">How many rows of the day stand before the row.</param>
    /// <param name="descending">Whether the newest come first.</param>
    public (DateTime Time, long Id, long Between)? Before(long before, bool descending)
    {
        var place = descending ? Count - 1 - before : before;
        var anchor = descending ? (place + Interval - 1) / Interval : place / Interval;
        return anchor < ids.Length ? (times[anchor], ids[anchor], Math.Abs((anchor * Interval) - place)) : null;
    }

    /// <summary>Reads the anchors of a day.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="filter">The filter, narrowed to the day.</param>
    /// <param name="important">Only the important, only the others, or null for all.</param>
    /// <param name="day">The day, as the counters know it.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>Null where the day has another number of rows by now.</returns>
    public static async Task<Anchors?> ReadAsync(
        NpgsqlConnection connection, InteractionFilter filter, bool? important, LiveDay day, CancellationToken cancellation)
    {
        var count = day.Count;
        var rows = new List<(DateTime, long)>((int)(count / Interval) + 1);
        var last = -1L;
        long[] versions = [];
        await using var command = Command(filter, important, count);
        command.Connection = connection;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            last = row.GetInt64(2);
            if (last % Interval == 0)
                rows.Add((row.GetDateTime(0), row.GetInt64(1)));
            if (versions.Length == 0)
                versions = (long[])row[3];
        }

        return last == count - 1 ? new Anchors(count, rows, day.Mark(versions)) : null;
    }

    // Indexes: as those of the list, for a day of one advertiser in its order; of several advertisers or values the day is sorted.
    internal static NpgsqlCommand Command(InteractionFilter filter, bool? important, long count)
    {
        var sql = new FilterSql(filter);
        var advertisers = sql.Advertisers();
        var whose = filter.Advertisers.Count == 1 ? $"= {sql.Parameter(filter.Advertisers[0].Value)}" : $"= ANY({advertisers})";
        var last = sql.Parameter(count - 1);
        var half = important is { } which ? $" AND i.important = {sql.Parameter(which)}" : "";
        sql.AddConditions(Driver.None);
        return sql.Command($"""
            SELECT k.occurred_at, k.id, k.place, ({AdvertiserVersions.Select(advertisers)})
            FROM (
                SELECT i.occurred_at, i.id, row_number() OVER (ORDER BY i.occurred_at, i.id) - 1 AS place
                FROM interactions.interactions i
                WHERE i.advertiser {whose}{half}{sql.Where}
            ) k
            WHERE k.place % {Interval} = 0 OR k.place >= {last}
            ORDER BY k.place
            """);
    }
}

using Lips.Counters.Contracts;
using Npgsql;

namespace Lips.Interactions.Filter;

/// <summary>Counts what a filter selects where the live counters do not know one of its filters.</summary>
internal static class CountInteractions
{
    /// <summary>Counts by a scan of the index that fits the filter, in the connection's transaction.</summary>
    public static async Task<Counts> ScanAsync(NpgsqlConnection connection, InteractionFilter filter, CancellationToken cancellation)
    {
        var counts = new Counts();
        await using var command = Command(filter);
        command.Connection = connection;
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            counts.Add((EventKind)reader.GetInt16(0), (Channel)reader.GetInt16(1), reader.GetInt64(2), reader.GetInt64(3));
        return counts;
    }

    internal static NpgsqlCommand Command(InteractionFilter filter)
    {
        var sql = new FilterSql(filter);
        sql.AddConditions(Driver.None);
        return sql.Command($"""
            SELECT i.kind, i.channel, count(*), count(*) FILTER (WHERE NOT i.read)
            FROM interactions.interactions i
            WHERE i.advertiser = ANY({sql.Advertisers()}){sql.Where}
            GROUP BY i.kind, i.channel
            """);
    }
}

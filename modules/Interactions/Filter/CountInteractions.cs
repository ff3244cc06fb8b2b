using Lips.Counters.Contracts;
using Npgsql;

namespace Lips.Interactions.Filter;

/// <summary>Counts what a filter selects, by a scan of the index that fits it.</summary>
internal sealed class CountInteractions(NpgsqlDataSource database)
{
    public async Task<Counts> CountAsync(InteractionFilter filter, CancellationToken cancellation)
    {
        var counts = new Counts();
        await using var command = Command(database, filter);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            counts.Add((EventKind)reader.GetInt16(0), (Channel)reader.GetInt16(1), reader.GetInt64(2), reader.GetInt64(3));
        return counts;
    }

    public static NpgsqlCommand Command(NpgsqlDataSource database, InteractionFilter filter)
    {
        var sql = new FilterSql(filter);
        sql.AddConditions(Driver.None);
        return sql.Command(database, $"""
            SELECT i.kind, i.channel, count(*), count(*) FILTER (WHERE NOT i.read)
            FROM interactions.interactions i
            WHERE i.advertiser = ANY({sql.Advertisers()}){sql.Where}
            GROUP BY i.kind, i.channel
            """);
    }
}

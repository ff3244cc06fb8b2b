using System.Buffers;
using System.Globalization;
using Npgsql;

namespace Lips.Bench.Floor;

/// <summary>
/// The newest 25 interactions of an advertiser in the best shape that we know: one table, each row's JSON ready as bytes beside the columns
/// of the filters, copied from the connection's buffer to the answer. Nothing is counted, and nothing would keep the bytes up to date.
/// </summary>
/// <param name="connectionString">The database with the bench's tables.</param>
internal sealed class BestPage(string connectionString)
{
    private const string Sql = "SELECT body FROM bench.pages WHERE advertiser = $1 AND archived_at IS NULL ORDER BY occurred_at DESC, id "
        + "DESC LIMIT 25";

    // Statements of many requests share a connection and go out together. On two cores that is a third more than a pool of 4 to 40
    // connections gives, each for one request at a time, and takes a third less of PostgreSQL's CPU time. A text of all rows (string_agg)
    // instead of a row for each, which is a gain where a statement reads the pages of many, is a loss of a fifth here: each statement's
    // memory goes back to the system.
    private const int Connections = 4;

    private readonly NpgsqlDataSource database = NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(
            connectionString)
        { Multiplexing = true, MaxPoolSize = Connections, MaxAutoPrepare = 10, AutoPrepareMinUsages = 1 });

    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            "{\"contact_interactions\":["u8.CopyTo(buffer);
            var length = await ReadAsync(
                AdvertiserOf(http.Request.QueryString.Value), buffer, "{\"contact_interactions\":["u8.Length);
            "]}"u8.CopyTo(buffer.AsSpan(length));
            http.Response.ContentType = "application/json; charset=utf-8";
            http.Response.ContentLength = length + 2;
            await http.Response.Body.WriteAsync(buffer.AsMemory(0, length + 2));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Puts the rows behind each other.</summary>
    /// <returns>Where they end.</returns>
    private async Task<int> ReadAsync(long advertiser, byte[] buffer, int length)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(
            Sql, connection)
        { Parameters = { new NpgsqlParameter<long> { TypedValue = advertiser } } };
        await using var row = await command.ExecuteReaderAsync();
        var isFirst = true;
        while (await row.ReadAsync())
        {
            if (!isFirst)
                buffer[length++] = (byte)',';
            isFirst = false;
            length += (int)row.GetBytes(0, 0, buffer, length, buffer.Length - length);
        }

        return length;
    }

    // ?global_master_advertiser_id=USA_1&…
    private static long AdvertiserOf(string? query)
    {
        var number = query.AsSpan()[(query!.IndexOf('_', query.IndexOf('=', StringComparison.Ordinal)) + 1)..];
        var end = number.IndexOf('&');
        return 1_000_000_000_000 + long.Parse(end < 0 ? number : number[..end], NumberStyles.None, CultureInfo.InvariantCulture);
    }
}

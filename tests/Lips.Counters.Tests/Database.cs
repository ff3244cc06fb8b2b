using Npgsql;

namespace Lips.Counters.Tests;

/// <summary>What the tests ask the database behind the service's back.</summary>
internal static class Database
{
    /// <summary>The first column of the rows of a query.</summary>
    public static async Task<List<T>> ColumnAsync<T>(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<T>();
        while (await reader.ReadAsync())
            values.Add(reader.GetFieldValue<T>(0));
        return values;
    }

    public static async Task<T> ScalarAsync<T>(string connectionString, string sql) => (await ColumnAsync<T>(connectionString, sql))[0];
}

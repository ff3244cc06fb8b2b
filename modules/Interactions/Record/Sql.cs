using Npgsql;
using NpgsqlTypes;

namespace Lips.Interactions.Record;

/// <summary>Shorthand for statements with positional parameters.</summary>
internal static class Sql
{
    /// <summary>Adds a statement with its parameters <c>$1</c>, <c>$2</c>, … in their order. A typed array may hold nulls.</summary>
    public static void Add(this NpgsqlBatch batch, string sql, params ReadOnlySpan<object> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in parameters)
            command.Parameters.Add(Parameter(value));
        batch.BatchCommands.Add(command);
    }

    // Of nullable times Npgsql looks at the first to tell the type, and a null does not tell.
    private static NpgsqlParameter Parameter(object value)
    {
        var parameter = new NpgsqlParameter { Value = value };
        if (value.GetType() == typeof(DateTime?[]))
            parameter.NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz;
        return parameter;
    }

    public static DateTime? TimeOrNull(this NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetDateTime(column);

    public static string? TextOrNull(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}

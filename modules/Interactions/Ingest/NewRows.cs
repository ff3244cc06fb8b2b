using System.Text;
using Lips.Counters.Contracts;
using Npgsql;
using NpgsqlTypes;

namespace Lips.Interactions.Ingest;

/// <summary>Rows that a transaction adds to a table.</summary>
/// <param name="table">The table, with its schema.</param>
/// <param name="rows">What its columns tell of.</param>
internal sealed class NewRows<TRow>(string table, IReadOnlyList<TRow> rows)
{
    // From so many on COPY's round trip is small beside what it saves.
    private const int Many = 100;

    private readonly List<Column> columns = [];

    /// <summary>A column, and what it is of a row: a number, a boolean, a time, text or bytes; or null.</summary>
    public NewRows<TRow> With<T>(string name, Func<TRow, T> value) => With(name, TypeOf<T>(), value, value);

    /// <summary>A column of text that is at hand as UTF-8.</summary>
    public NewRows<TRow> WithText(string name, Func<TRow, byte[]> utf8) =>
        With(name, NpgsqlDbType.Text, row => Encoding.UTF8.GetString(utf8(row)), utf8);

    /// <summary>Adds the rows together with the transaction's last statements: by INSERT, of one array a column.</summary>
    public void Insert(AdvertiserWrite write)
    {
        if (rows.Count == 0)
            return;
        var command = new NpgsqlBatchCommand(
            $"INSERT INTO {Target} SELECT * FROM unnest({string.Join(", ", columns.Select((_, i) => $"${i + 1}"))})");
        foreach (var column in columns)
            command.Parameters.Add(column.Array(rows));
        write.Last.BatchCommands.Add(command);
    }

    /// <summary>
    /// Adds the rows: a few like <see cref="Insert"/>, many at once by COPY, once the statements so far are sent. It pays where there are
    /// many columns (build/decisions/0005-ingest.md).
    /// </summary>
    public async Task InsertOrCopyAsync(AdvertiserWrite write, CancellationToken cancellation)
    {
        if (rows.Count < Many)
        {
            Insert(write);
            return;
        }

        await write.SendAsync(cancellation);
        await using var copy = await write.Connection.BeginBinaryImportAsync($"COPY {Target} FROM STDIN (FORMAT binary)", cancellation);
        foreach (var row in rows)
        {
            await copy.StartRowAsync(cancellation);
            foreach (var column in columns)
                await column.CopyAsync(copy, row, cancellation);
        }

        await copy.CompleteAsync(cancellation);
    }

    private string Target => $"{table} ({string.Join(", ", columns.Select(c => c.Name))})";

    private NewRows<TRow> With<TInserted,
        TCopied>(string name, NpgsqlDbType type, Func<TRow, TInserted> inserted, Func<TRow, TCopied> copied)
    {
        columns.Add(new Column(
            name, rows => Array(rows, type, inserted), (copy, row, cancellation) => copy.WriteAsync(copied(row), type, cancellation)));
        return this;
    }

    private static NpgsqlParameter Array<T>(IReadOnlyList<TRow> rows, NpgsqlDbType type, Func<TRow, T> value)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = value(rows[i]);
        return new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };
    }

    private static NpgsqlDbType TypeOf<T>() => Type.GetTypeCode(Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T)) switch
    {
        TypeCode.Int64 => NpgsqlDbType.Bigint,
        TypeCode.Int32 => NpgsqlDbType.Integer,
        TypeCode.Int16 => NpgsqlDbType.Smallint,
        TypeCode.Boolean => NpgsqlDbType.Boolean,
        TypeCode.DateTime => NpgsqlDbType.TimestampTz,
        TypeCode.String => NpgsqlDbType.Text,
        _ when typeof(T) == typeof(byte[]) => NpgsqlDbType.Bytea,
        _ => throw new NotSupportedException($"No column is of {typeof(T)}."),
    };

    private sealed record Column(
        string Name, Func<IReadOnlyList<TRow>, NpgsqlParameter> Array, Func<NpgsqlBinaryImporter, TRow, CancellationToken, Task> CopyAsync);
}

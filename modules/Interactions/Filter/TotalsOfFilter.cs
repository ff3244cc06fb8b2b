using System.Text.Json;
using Lips.Counters.Contracts;
using Npgsql;

namespace Lips.Interactions.Filter;

/// <summary>The body of contract section 6, the same for who polls it and who has it streamed.</summary>
internal static class TotalsOfFilter
{
    /// <summary>Counts what the filter selects, no older than the reading: by the live counters, or by a scan where they do not know one of the filters.</summary>
    public static async Task<Counts> CountAsync(NpgsqlDataSource database, InteractionFilter filter, LiveReading reading, CancellationToken cancellation)
    {
        if (filter.ToCells() is { } cells)
            return reading.Count(cells).Counts;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await CountInteractions.ScanAsync(connection, filter, cancellation);
    }

    /// <summary>Writes the body.</summary>
    public static void Write(Utf8JsonWriter json, Counts counts)
    {
        json.WriteStartObject();
        counts.WriteTo(json);
        json.WriteEndObject();
    }
}

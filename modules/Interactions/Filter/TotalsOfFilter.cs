using System.Text.Json;
using Lips.Counters.Contracts;

namespace Lips.Interactions.Filter;

/// <summary>The body of contract section 6, the same for who polls it and who has it streamed.</summary>
internal static class TotalsOfFilter
{
    /// <summary>Writes the body.</summary>
    public static void Write(Utf8JsonWriter json, Counts counts)
    {
        json.WriteStartObject();
        counts.WriteTo(json);
        json.WriteEndObject();
    }
}

using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using CsvHelper;
using Lips.Client;

namespace Lips.Host.Commands.Api;

/// <summary>A column, and the attribute that it becomes.</summary>
/// <param name="Name">As the header has it.</param>
/// <param name="Path">Such as contact, email.</param>
/// <param name="Type">The type of the attribute.</param>
internal sealed record CsvColumn(string Name, IReadOnlyList<string> Path, Type Type);

/// <summary>The rows of a CSV file as the JSON of interactions.</summary>
internal static class CsvLines
{
    /// <summary>Reads <c>column=attribute</c>.</summary>
    /// <exception cref="WrongUseException">One of them is none.</exception>
    public static IReadOnlyList<CsvColumn> Columns(IEnumerable<string> maps) => [.. maps.Select(ColumnOf)];

    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        Stream input, IReadOnlyList<CsvColumn> columns, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var reader = new StreamReader(input, TextInput.Strict, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        using var csv = new CsvReader(reader, CultureInfo.InvariantCulture);
        if (!await ReadRowAsync(csv) || !csv.ReadHeader())
            throw new WrongUseException("The file has no header.");
        foreach (var column in columns)
        {
            if (csv.HeaderRecord?.Contains(column.Name, StringComparer.Ordinal) != true)
                throw new WrongUseException($"The file has no column {column.Name}. It has: {string.Join(", ", csv.HeaderRecord ?? [])}.");
        }

        while (await ReadRowAsync(csv))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return Encoding.UTF8.GetBytes(Json(csv, columns));
        }
    }

    private static async Task<bool> ReadRowAsync(CsvReader csv)
    {
        try
        {
            return await csv.ReadAsync();
        }
        catch (Exception e) when ((e as DecoderFallbackException ?? e.InnerException) is DecoderFallbackException)
        {
            throw new WrongUseException(string.Create(
                CultureInfo.InvariantCulture,
                $"The file is not UTF-8, in line {csv.Parser.RawRow} or later: save it as CSV UTF-8. What came before stays."));
        }
    }

    private static string Json(CsvReader csv, IReadOnlyList<CsvColumn> columns)
    {
        var json = new JsonObject();
        foreach (var column in columns)
        {
            if (csv.GetField(column.Name) is not { Length: > 0 } text)
                continue;
            var place = json;
            foreach (var name in column.Path.SkipLast(1))
            {
                if (place[name] is not JsonObject inner)
                    place[name] = inner = [];
                place = inner;
            }

            place[column.Path[^1]] = Value(text, column.Type);
        }

        return json.ToJsonString(Output.Readable);
    }

    // A text that is none of its kind goes as it is: the service says what is wrong with it, and in which line.
    private static JsonNode Value(string text, Type type)
    {
        if (type == typeof(IReadOnlyList<string>))
        {
            var texts = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return new JsonArray([.. texts.Select(one => JsonValue.Create(one))]);
        }

        if (type == typeof(IReadOnlyList<NewPhoneNumber>))
            return new JsonArray(new JsonObject { ["phone_number"] = text });
        if (type == typeof(bool) && bool.TryParse(text, out var truth))
            return JsonValue.Create(truth);
        if (type == typeof(int) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return JsonValue.Create(number);
        return JsonValue.Create(text);
    }

    private static CsvColumn ColumnOf(string map)
    {
        // A column's name may have the sign, an attribute's does not.
        var sign = map.LastIndexOf('=');
        if (sign < 1)
            throw new WrongUseException($"--map {map} is not like column=attribute.");
        var path = map[(sign + 1)..].Split('.');
        var type = typeof(NewInteraction);
        foreach (var name in path)
        {
            var property = LipsClient.JsonOptions.GetTypeInfo(type) is { Kind: JsonTypeInfoKind.Object } inside
                ? inside.Properties.FirstOrDefault(one => one.Name == name)
                : null;
            type = property is null
                ? throw new WrongUseException($"--map {map}: an interaction has no attribute {string.Join('.', path)}.")
                : Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        }

        return new CsvColumn(map[..sign], path, type);
    }
}

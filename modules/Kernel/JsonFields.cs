using System.Text.Json;

namespace Lips.Kernel;

/// <summary>
/// The attributes of a JSON object, read with their rules; what is wrong goes to the errors, under the attribute's path. A null is an
/// attribute that was not given. Attributes that nobody reads are ignored unless the client wants to hear of them (<see
/// cref="CheckNames"/>).
/// </summary>
/// <param name="json">An object.</param>
/// <param name="errors">Takes what is wrong.</param>
/// <param name="path">What stands before an attribute's name in an error, such as <c>contact.</c>.</param>
public readonly struct JsonFields(JsonElement json, ValidationErrors errors, string path = "")
{
    /// <summary>The text of a JSON string; null when it is no string or has a lone surrogate.</summary>
    public static string? TextOf(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            // An escape that is half a surrogate pair is JSON, but not text.
            return null;
        }
    }

    /// <summary>An attribute of an object, null or not; the last where it stands there twice.</summary>
    public static bool TryGet(JsonElement json, string name, out JsonElement value)
    {
        try
        {
            return json.TryGetProperty(name, out value);
        }
        catch (InvalidOperationException)
        {
            // The object has another attribute whose name is half a surrogate pair: one that nobody reads.
            value = default;
            var found = false;
            foreach (var property in json.EnumerateObject())
            {
                if (NameOf(property) != name)
                    continue;
                value = property.Value;
                found = true;
            }

            return found;
        }
    }

    /// <summary>The name of an attribute; null when it has a lone surrogate.</summary>
    public static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The value as it is; null when it is missing or null.</summary>
    public JsonElement? Raw(string name) => TryGet(json, name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>The first of two spellings of an attribute that is there.</summary>
    public string Spelled(string name, string alternative) => Raw(name) is null && Raw(alternative) is not null ? alternative : name;

    /// <summary>A string of at most so many characters.</summary>
    public string? Text(string name, int longest)
    {
        if (Raw(name) is not { } value)
            return null;
        return value.ValueKind == JsonValueKind.String ? Checked(name, value, longest) : Wrong(name, "must be a string");
    }

    /// <summary>
    /// A string that names or identifies something: a blank one names nothing and is as if it were not given (contract section 1).
    /// </summary>
    public string? Name(string name, int longest) => Filled(Text(name, longest));

    /// <summary>An id of another system: a string or a whole number, kept as text. A blank one is as if it were not given.</summary>
    public string? IdText(string name, int longest)
    {
        if (Raw(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Number)
            return WholeNumber.Digits(value.GetRawText(), longest) ?? Wrong(name, "must be a string or a whole number");
        return value.ValueKind == JsonValueKind.String ? Filled(Checked(name, value, longest))
            : Wrong(name, "must be a string or a whole number");
    }

    /// <summary>A JSON boolean.</summary>
    public bool? Boolean(string name)
    {
        if (Raw(name) is not { } value)
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.ValueKind == JsonValueKind.True;
        Wrong(name, "must be true or false");
        return null;
    }

    /// <summary>A whole number within bounds.</summary>
    public int? Integer(string name, int least, int most)
    {
        if (Raw(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Number && (
            value.TryGetInt64(out var number) || WholeNumber.TryParse(value.GetRawText(), out number)) && number >= least && number <= most)
            return (int)number;
        Wrong(name, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"must be a whole number from {least} to {most}"));
        return null;
    }

    /// <summary>An ISO 8601 time, cut to milliseconds, from 1900 to 2999: what the database can hold and a client can mean.</summary>
    public DateTime? Time(string name)
    {
        if (Raw(name) is not { } value)
            return null;
        if (UtcTime.TryParse(TextOf(value), out var time) && time.Year is >= 1900 and <= 2999)
            return time;
        Wrong(name, "must be an ISO 8601 time such as 2021-09-06T16:16:08.000Z, from 1900 to 2999");
        return null;
    }

    /// <summary>Looks for names that nobody reads: they are ignored and counted, or errors where the client wants that.</summary>
    /// <param name="known">The names that the object may have.</param>
    public void CheckNames(JsonNames known)
    {
        foreach (var property in json.EnumerateObject())
        {
            if (!known.Has(property))
                errors.AddUnknown(path + QueryReader.Shown(NameOf(property) ?? "?"), "is not a known attribute");
        }
    }

    /// <summary>Adds an error under an attribute of this object.</summary>
    public string? Wrong(string name, string message)
    {
        errors.Add(path + name, message);
        return null;
    }

    private static string? Filled(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private string? Checked(string name, JsonElement value, int longest)
    {
        if (TextOf(value) is not { } text)
            return Wrong(name, "has half a surrogate pair");
        if (text.Contains('\0', StringComparison.Ordinal))
            return Wrong(name, "must not contain the NUL character");
        return text.Length <= longest ? text
            : Wrong(name, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"must have at most {longest} characters"));
    }
}

using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Lips.Kernel;

/// <summary>
/// The names that an object may have. Asked for each attribute of each record, so it compares bytes and makes no strings.
/// </summary>
public sealed class JsonNames
{
    // By length: few names share one.
    private readonly byte[][][] names;

    /// <param name="names">The names, each once.</param>
    public JsonNames(params IReadOnlyList<string> names)
    {
        var bytes = names.Select(Encoding.UTF8.GetBytes).ToLookup(name => name.Length);
        this.names = [.. Enumerable.Range(0, bytes.Max(group => group.Key) + 1).Select(length => bytes[length].ToArray())];
    }

    /// <summary>Whether the attribute has one of them.</summary>
    public bool Has(JsonProperty property)
    {
        var name = JsonMarshal.GetRawUtf8PropertyName(property);
        return name.Contains((byte)'\\') ? JsonFields.NameOf(property) is { } unescaped && Has(Encoding.UTF8.GetBytes(unescaped))
            : Has(name);
    }

    private bool Has(ReadOnlySpan<byte> name)
    {
        if (name.Length >= names.Length)
            return false;
        foreach (var candidate in names[name.Length])
        {
            if (name.SequenceEqual(candidate))
                return true;
        }

        return false;
    }
}

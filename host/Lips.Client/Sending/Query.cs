using System.Globalization;
using System.Text;

namespace Lips.Client.Sending;

/// <summary>Builds the target of a request; what is null is not in it.</summary>
internal sealed class Query(string path)
{
    private readonly StringBuilder target = new(path);
    private bool isFirst = true;

    public Query Add(string name, string? value)
    {
        if (value is null)
            return this;
        target.Append(isFirst ? '?' : '&').Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
        isFirst = false;
        return this;
    }

    public Query Add(string name, long? value) => Add(name, value?.ToString(CultureInfo.InvariantCulture));

    public Query Add(string name, bool? value) => Add(name, value switch { true => "true", false => "false", null => null });

    public Query Add(string name, IEnumerable<string>? values)
    {
        foreach (var value in values ?? [])
            Add(name, value);
        return this;
    }

    public override string ToString() => target.ToString();
}

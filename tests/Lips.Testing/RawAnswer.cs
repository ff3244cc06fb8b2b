using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Lips.Testing;

/// <summary>An answer as it came over the wire.</summary>
public sealed record RawAnswer(int Status, IReadOnlyList<(string Name, string Value)> Headers, byte[] Bytes)
{
    /// <summary>The body as text.</summary>
    public string Body => Encoding.UTF8.GetString(Bytes);

    /// <summary>The body as JSON.</summary>
    public JsonNode Json => JsonNode.Parse(Body)!;

    /// <summary>The <c>attribute</c> of each line of a 422 answer.</summary>
    public IReadOnlyList<string> Attributes => [.. Json.AsArray().Select(line => (string)line!["attribute"]!)];

    /// <summary>The ids of the interactions of a list.</summary>
    public IReadOnlyList<long> Ids => [.. Json["contact_interactions"]!.AsArray().Select(i => (long)i!["id"]!)];

    /// <summary>Whether the body is a stream of events.</summary>
    public bool IsStream => Header("Content-Type") == "text/event-stream";

    /// <summary>Whether the server ends the connection behind it.</summary>
    public bool IsLast => "close".Equals(Header("Connection"), StringComparison.OrdinalIgnoreCase);

    /// <summary>A header; null when it is not there.</summary>
    public string? Header(string name) => Headers.FirstOrDefault(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>Fails with the body unless the status is this one.</summary>
    public RawAnswer Is(int status)
    {
        Assert.True(Status == status, $"Expected {status}, got {Status}: {Body}");
        return this;
    }

    /// <summary>Reads a status line and headers.</summary>
    /// <exception cref="RawException">They are none.</exception>
    internal static RawAnswer Parse(string head)
    {
        var lines = head.Split("\r\n");
        if (!lines[0].StartsWith("HTTP/1.1 ", StringComparison.Ordinal) || lines[0].Length < 12
            || !int.TryParse(lines[0].AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status))
            throw new RawException("This is no status line: " + lines[0]);
        var headers = new List<(string, string)>(lines.Length);
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || line.Any(c => c is < ' ' or > '~'))
                throw new RawException("This is no header: " + line);
            headers.Add((line[..colon], line[(colon + 1)..].Trim()));
        }

        return new RawAnswer(status, headers, []);
    }
}

/// <summary>The answer was no HTTP.</summary>
public sealed class RawException(string message) : Exception(message);

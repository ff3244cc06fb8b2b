using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Lips.Interactions.Tests;

/// <summary>
/// Sends a request byte for byte: HttpClient puts an address in order first, and so can ask neither what curl asks nor what is broken.
/// </summary>
internal static class RawHttp
{
    /// <summary>Sends a request on a connection of its own.</summary>
    /// <param name="node">Where to.</param>
    /// <param name="method">The verb.</param>
    /// <param name="target">The request target as it stands in the request line; a char is a byte (Latin-1).</param>
    /// <param name="headers">All headers but Host, Connection and Content-Length.</param>
    /// <param name="body">The body, sent as UTF-8; null for none.</param>
    /// <param name="isFramed">Whether the body has its frame already: then it gets no Content-Length.</param>
    public static async Task<RawAnswer> SendAsync(Uri node, string method, string target, IEnumerable<(string Name, string Value)> headers, string? body = null, bool isFramed = false)
    {
        var bytes = Encoding.UTF8.GetBytes(body ?? "");
        var head = new StringBuilder().Append(method).Append(' ').Append(target).Append(" HTTP/1.1\r\nHost: ").Append(node.Authority).Append("\r\nConnection: close\r\n");
        foreach (var (name, value) in headers)
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        if (body is not null && !isFramed)
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {bytes.Length}\r\n");
        head.Append("\r\n");

        using var connection = new TcpClient();
        await connection.ConnectAsync(node.Host, node.Port);
        var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head.ToString()));
        await stream.WriteAsync(bytes);
        var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer);
        }
        catch (IOException) when (answer.Length > 0)
        {
            // A server that did not read all that was sent resets the connection behind its answer.
        }

        return RawAnswer.Parse(answer.ToArray());
    }

    /// <summary>GET with the token of tests.</summary>
    public static Task<RawAnswer> GetAsync(Uri node, string target) =>
        SendAsync(node, "GET", target, [("Authorization", "token " + Testing.LipsNode.AdminToken)]);
}

/// <summary>An answer as it came over the wire.</summary>
internal sealed record RawAnswer(int Status, IReadOnlyList<(string Name, string Value)> Headers, string Body)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public IReadOnlyList<string> Attributes => [.. Json.AsArray().Select(line => (string)line!["attribute"]!)];

    public IReadOnlyList<long> Ids => [.. Json["contact_interactions"]!.AsArray().Select(i => (long)i!["id"]!)];

    public string? Header(string name) => Headers.FirstOrDefault(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    public RawAnswer Is(int status)
    {
        Assert.True(Status == status, $"Expected {status}, got {Status}: {Body}");
        return this;
    }

    /// <summary>Reads an answer that ends with its connection. Ours always have a length, so there is nothing chunked to undo.</summary>
    public static RawAnswer Parse(byte[] bytes)
    {
        var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        Assert.True(end >= 0, $"This is no HTTP answer: '{Encoding.Latin1.GetString(bytes)}'");
        var lines = Encoding.Latin1.GetString(bytes, 0, end).Split("\r\n");
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).Select(parts => (parts[0], parts[1].Trim())).ToList();
        var answer = new RawAnswer(int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), headers, Encoding.UTF8.GetString(bytes, end + 4, bytes.Length - end - 4));
        Assert.Null(answer.Header("Transfer-Encoding"));
        return answer;
    }
}

using System.Globalization;
using System.Text;
using Lips.Testing.Reference;
using Xunit;

namespace Lips.Testing;

/// <summary>
/// Single requests byte for byte: HttpClient puts an address in order first, and so can ask neither what curl asks nor what is broken.
/// </summary>
public static class RawHttp
{
    /// <summary>Sends a request on a connection of its own.</summary>
    /// <param name="node">Where to.</param>
    /// <param name="method">The verb.</param>
    /// <param name="target">The request target as it stands in the request line; a char is a byte (Latin-1).</param>
    /// <param name="headers">All headers but Host, Connection and Content-Length.</param>
    /// <param name="body">The body, sent as UTF-8; null for none.</param>
    /// <param name="isFramed">Whether the body has its frame already: then it gets no Content-Length.</param>
    public static async Task<RawAnswer> SendAsync(
        Uri node, string method, string target, IEnumerable<(string Name, string Value)> headers, string? body = null,
        bool isFramed = false)
    {
        var bytes = Encoding.UTF8.GetBytes(body ?? "");
        var head = new StringBuilder().Append(method).Append(' ').Append(target).Append(" HTTP/1.1\r\nHost: ").Append(node.Authority)
            .Append("\r\nConnection: close\r\n");
        foreach (var (name, value) in headers)
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        if (body is not null && !isFramed)
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {bytes.Length}\r\n");

        using var connection = await RawConnection.OpenAsync(node);
        await connection.SendAsync(head.Append("\r\n").ToString());
        await connection.SendAsync(bytes);
        var answer = await connection.AnswerAsync();
        Assert.True(answer is not null, "The connection was closed without an answer.");
        // Ours always have a length.
        Assert.Null(answer.Header("Transfer-Encoding"));
        // Of what is no request the server says nothing but 400.
        if (target.StartsWith('/') && answer is not { Status: 400, Bytes.Length: 0 })
            DocumentedAnswers.Check(method, target, answer.Status, answer.Header("Content-Type")?.Split(';')[0], answer.Bytes);
        return answer;
    }

    /// <summary>GET with the token of tests.</summary>
    public static Task<RawAnswer> GetAsync(Uri node, string target) =>
        SendAsync(node, "GET", target, [("Authorization", "token " + LipsNode.AdminToken)]);
}

using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Lips.Testing;

namespace Lips.Host.Tests.Http;

/// <summary>A connection on which bytes are sent when a test says so.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TcpClient client = new();

    private NetworkStream Stream => client.GetStream();

    public static Task<RawConnection> OpenAsync(LipsNode node) => OpenAsync(node.Address);

    public static async Task<RawConnection> OpenAsync(Uri address)
    {
        var connection = new RawConnection();
        await connection.client.ConnectAsync(address.Host, address.Port);
        return connection;
    }

    /// <summary>Opens one and sends the headers of a request that has a body.</summary>
    public static async Task<RawConnection> BeginAsync(LipsNode node, string target, string type, int length)
    {
        var connection = await OpenAsync(node);
        await connection.SendAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"POST {target} HTTP/1.1\r\nHost: lips.example\r\nAuthorization: token {LipsNode.AdminToken}\r\nContent-Type: {type}\r\nContent-Length: {length}\r\n\r\n"));
        return connection;
    }

    public async Task SendAsync(string text) => await Stream.WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends a byte now and then until the other end answers or closes.</summary>
    /// <returns>What it answered; null when it went on reading for a minute.</returns>
    public async Task<string?> DripAsync(char drop, TimeSpan pause)
    {
        for (var until = DateTime.UtcNow + Patience; DateTime.UtcNow < until; await Task.Delay(pause))
        {
            if (client.Client.Poll(0, SelectMode.SelectRead))
                return await AnswerAsync();
            try
            {
                await SendAsync(drop.ToString());
            }
            catch (IOException)
            {
                return await AnswerAsync();
            }
        }

        return null;
    }

    /// <summary>The next bytes that come, at least one answer's head; empty when the other end closed without a word, or the connection with it.</summary>
    public Task<string> AnswerAsync() => AnswerAsync("");

    /// <summary>The next answers, each with a body of known length.</summary>
    public async Task<IReadOnlyList<string>> AnswersAsync(int count)
    {
        var answers = new List<string>();
        for (var rest = ""; answers.Count < count;)
        {
            if (!IsWhole(rest))
                rest = await AnswerAsync(rest);
            if (!IsWhole(rest))
                break;
            var end = LengthOfFirst(rest)!.Value;
            answers.Add(rest[..end]);
            rest = rest[end..];
        }

        return answers;
    }

    public void Dispose() => client.Dispose();

    private async Task<string> AnswerAsync(string begun)
    {
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new byte[16 * 1024];
        var text = new StringBuilder(begun);
        try
        {
            for (int read; !IsWhole(text.ToString()) && (read = await Stream.ReadAsync(buffer, patience.Token)) > 0;)
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // A reset is an end as well.
        }

        return text.ToString();
    }

    private static bool IsWhole(string text) => LengthOfFirst(text) is { } length && Encoding.UTF8.GetByteCount(text) >= length;

    /// <summary>How long the first answer is, in bytes: to the end of what came, where its head does not say; null while its head is not there.</summary>
    private static int? LengthOfFirst(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
            return null;
        var length = text[..end].Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase));
        return length is null ? Encoding.UTF8.GetByteCount(text) : end + 4 + int.Parse(length["Content-Length: ".Length..], CultureInfo.InvariantCulture);
    }
}

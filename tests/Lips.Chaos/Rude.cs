using System.Globalization;
using System.IO.Compression;
using System.Net.Sockets;
using System.Text;
using Lips.Testing;

namespace Lips.Chaos;

/// <summary>Clients that mean harm.</summary>
internal static class Rude
{
    // One gzip member after the other: so many of the same are one long text.
    private const int BytesOfMember = 64 << 20;
    private const int Members = 64;

    // A second is what a sender has before it leaves.
    private static readonly TimeSpan Stay = TimeSpan.FromSeconds(1);

    private static readonly Lazy<byte[]> Blank = new(() => Pack(new byte[64 << 10]));

    /// <summary>Sends a bulk load of 4 GB of blank lines, packed, and leaves without an answer.</summary>
    public static async Task BombAsync(Uri node)
    {
        await TalkAsync(node, async stream =>
        {
            await stream.WriteAsync(Head(
                "POST /contact_interactions/bulk", node, "Content-Type: application/x-ndjson", "Content-Encoding: gzip",
                string.Create(CultureInfo.InvariantCulture, $"Content-Length: {Blank.Value.Length * (long)Members}")));
            using var leaves = new CancellationTokenSource(Stay);
            for (var member = 0; member < Members; member++)
                await stream.WriteAsync(Blank.Value, leaves.Token);
        });
    }

    /// <summary>Asks for large pages on one connection, and reads nothing until it leaves.</summary>
    public static Task AskWithoutReadingAsync(Uri node, string advertiser, Task leaves) => TalkAsync(node, async stream =>
    {
        for (var page = 1; page < 10; page++)
            await stream.WriteAsync(Head(
                $"GET /contact_interactions?global_master_advertiser_id={advertiser}&per_page=500", node));
        await leaves;
    });

    private static async Task TalkAsync(Uri node, Func<NetworkStream, Task> talkAsync)
    {
        try
        {
            using var client = new TcpClient { ReceiveBufferSize = 4 << 10 };
            await client.ConnectAsync(node.Host, node.Port);
            await talkAsync(client.GetStream());
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            // The node has had enough of it.
        }
    }

    private static byte[] Head(string request, Uri node, params string[] headers) => Encoding.ASCII.GetBytes(string.Join(
        "\r\n", [request + " HTTP/1.1", "Host: " + node.Authority, "Authorization: token " + LipsProcess.Token, .. headers, "", ""]));

    private static byte[] Pack(byte[] block)
    {
        Array.Fill(block, (byte)'\n');
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            for (var written = 0; written < BytesOfMember; written += block.Length)
                gzip.Write(block);
        }

        return packed.ToArray();
    }
}

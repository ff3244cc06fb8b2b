using System.Net.Http.Headers;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Ingest;

/// <summary>Of a gzip body nothing stays unread behind a 200.</summary>
public sealed class GzipTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private static int advertisers;

    private readonly HttpClient client = fixture.Client;
    private readonly string advertiser = $"USA_{Interlocked.Increment(ref advertisers)}";

    [Theory]
    [Each("gzip", "x-gzip", "X-GZIP", "GZip")]
    public async Task Both_names_of_the_encoding_are_read(string encoding) =>
        Assert.Equal(2, (int)(await SendAsync(Records.Gzip(Lines(2)), encoding: encoding)).Is(200).Json["created"]!);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1_000)]
    [InlineData(int.MaxValue)]
    public async Task Several_members_are_one_body_wherever_it_is_cut_on_its_way(int piece)
    {
        byte[] empty = Records.Gzip([]);
        byte[] all = [.. Lines(30), .. Records.Lines([Records.Call(advertiser).With("channel", "radio")])];
        byte[] body =
        [
            .. empty, .. Records.Gzip(all[..100]), .. empty, .. Records.Gzip(all[100..2_000]), .. Records.Gzip(all[2_000..]), .. empty,
        ];

        var answer = (await SendAsync(body, piece)).Is(200).Json;
        Assert.Equal((31, 30), ((int)answer["received"]!, (int)answer["created"]!));
        Assert.Equal(31, (int)Assert.Single(answer["errors"]!.AsArray())!["line"]!);
    }

    [Theory]
    [Each("plain line", "line feed", "zero", "zeros", "half a magic number", "magic number and no more", "lines before the gzip")]
    public async Task Something_behind_the_gzip_is_an_error_and_never_a_200(string what)
    {
        byte[] behind = what switch
        {
            "plain line" => Lines(1),
            "line feed" => "\n"u8.ToArray(),
            "zero" => [0],
            "zeros" => new byte[1_024],
            "half a magic number" => [0x1F],
            "magic number and no more" => [0x1F, 0x8B],
            _ => [0x1F, 0x8C, .. Records.Gzip(Lines(1))],
        };
        foreach (var piece in (int[])[1, 100_000])
        {
            var answer = (await SendAsync([.. Records.Gzip(Lines(3)), .. behind], piece)).Is(400);
            Assert.Equal("bad_request", (string?)answer.Json["name"]);
            Assert.Matches("^The body (has something behind the end of its gzip|ends early|is not gzip, or is damaged): ",
                (string)answer.Json["message"]!);
            if (behind[0] != 0x1F)
                Assert.StartsWith(
                    "The body has something behind the end of its gzip: ", (string)answer.Json["message"]!, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_body_that_ends_early_is_said_to_and_no_line_is_made_up()
    {
        var body = Records.Gzip(Lines(40));
        // At every place: within the header, the data and the trailer.
        for (var length = 1; length < body.Length; length += length is > 20 && length < body.Length - 20 ? 23 : 1)
        {
            var answer = (await SendAsync(body[..length])).Is(400);
            Assert.True(((string)answer.Json["message"]!)
                .StartsWith("The body ends early: ", StringComparison.Ordinal), $"{length}: {answer.Body}");
        }

        var known = Enumerable.Range(0, 40).Select(i => $"note {i}").ToHashSet();
        Assert.All(
            await TestPostgres.ColumnAsync<string>(
            fixture.Node.ConnectionString,
            $"SELECT notes FROM interactions.interactions WHERE advertiser = 1000000000000 + {advertiser[4..]}"),
            note => Assert.Contains(note, known));
    }

    [Theory]
    [Each(0, 2, 40, -8, -1)]
    public async Task A_damaged_body_is_a_bad_request(int place)
    {
        var body = Records.Gzip(Lines(40));
        body[place < 0 ? ^-place : place] ^= 0xFF;

        Assert.StartsWith("The body ", (string)(await SendAsync(body)).Is(400).Json["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_at_all_is_no_lines()
    {
        byte[] empty = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        foreach (var body in (byte[][])[[], empty])
            Assert.Equal(0, (int)(await SendAsync(body)).Is(200).Json["received"]!);
    }

    private byte[] Lines(int count) =>
        Records.Lines(Enumerable.Range(0, count).Select(i => Records.Call(advertiser).With("notes", $"note {i}")));

    private Task<Answer> SendAsync(byte[] body, int piece = int.MaxValue, string encoding = "gzip")
    {
        var content = new StreamContent(new InPieces(body, piece));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        return client.SendAsync(HttpMethod.Post, Records.Bulk, content);
    }

    private sealed class InPieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            return await base.ReadAsync(buffer[..Math.Min(buffer.Length, piece)], cancellationToken);
        }

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
            CopyInPiecesAsync(destination, cancellationToken);

        private async Task CopyInPiecesAsync(Stream destination, CancellationToken cancellation)
        {
            var buffer = new byte[(int)Math.Min(piece, Length + 1)];
            int read;
            while ((read = await ReadAsync(buffer, cancellation)) > 0)
            {
                await destination.WriteAsync(buffer.AsMemory(0, read), cancellation);
                await destination.FlushAsync(cancellation);
            }
        }
    }
}

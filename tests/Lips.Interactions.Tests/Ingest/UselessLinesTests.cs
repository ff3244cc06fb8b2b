using System.IO.Compression;
using System.Text;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Ingest;

/// <summary>A bulk body of which little is of use is not read to its end, and is told why.</summary>
public sealed class UselessLinesTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private const int Most = 100_000;

    private static int advertisers;

    private readonly HttpClient client = fixture.Client;
    private readonly string advertiser = $"USA_{Interlocked.Increment(ref advertisers)}";

    [Theory]
    [Each("\n", "\r\n", " \t \n", "{}\n", "x\n", "null\n", "{\"contact_interaction\":{\"event_type\":\"call\"}}\n")]
    public async Task Too_many_lines_that_are_blank_or_rejected_are_422_and_one_less_is_not(string line)
    {
        (await client.SendBulkAsync(Times(line, Most))).Is(200);

        var refused = (await client.SendBulkAsync(Times(line, 20 * Most))).Is(422);
        var error = Assert.Single(refused.Json.AsArray())!;
        Assert.Equal("contact_interaction", (string?)error["attribute"]);
        Assert.StartsWith(
            $"is blank or rejected in too many lines: at line {Most + 1} these outnumber the others by more than {Most}, "
                + "and reading ended (",
            (string)error["message"]!, StringComparison.Ordinal);
        (await client.SendBulkAsync(Records.Gzip(Times(line, 20 * Most)), "gzip")).Is(422);
    }

    [Fact]
    public async Task So_are_lines_for_an_advertiser_that_is_not_the_tokens_and_the_first_of_them_is_named()
    {
        using var other = await fixture.Node.NewCallerAsync(new[] { advertiser }, ["ingest"]);

        var refused = (await other.SendBulkAsync(Times(Records.Call("AUS_9").ToJsonString() + "\n", Most + 1))).Is(422);

        Assert.EndsWith(
            "; first rejected: line 1, global_master_advertiser_id is not one of this token's advertisers",
            (string)refused.Json[0]!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_stands_before_is_brought_in_and_what_stands_behind_is_not()
    {
        byte[] body =
        [
            .. Records.Lines([Records.Call(advertiser), Records.Call(advertiser)]), .. Times("\n", Most + 3),
            .. Records.Lines([Records.Call(advertiser)]),
        ];

        var refused = (await client.SendBulkAsync(body)).Is(422);

        Assert.Contains("(2 lines received, 2 created, 0 duplicates, 0 rejected", refused.Body, StringComparison.Ordinal);
        Assert.Equal(2, await CountAsync());
    }

    [Fact]
    public async Task Bad_lines_between_good_ones_do_not_end_the_reading()
    {
        const int good = 6_000;
        var some = Encoding.UTF8.GetString(Records.Lines([Records.Call(advertiser)])) + string.Concat(Enumerable.Repeat("\n{}\n", 8));

        var answer = (await client.SendBulkAsync(Times(some, good))).Is(200).Json;

        Assert.Equal((9 * good, good, 8 * good),
            ((int)answer["received"]!, (int)answer["created"]!, (int)answer["rejected"]!));
    }

    [Theory]
    [Each("spaces", "zeros", "one line", "lines of white space", "several members", "long names", "good lines that are all the same")]
    public async Task A_gzip_that_unpacks_to_far_more_than_it_is_large_is_413(string what)
    {
        var good = Records.Lines([Records.Call(advertiser).External("app", "1").With("extra", new string('x', 500_000))]);
        var body = what switch
        {
            "spaces" => Packed(Times(" ", 64 << 20)),
            "zeros" => Packed(new byte[64 << 20]),
            "one line" => Packed([.. "{\"notes\":\""u8, .. Times("a", 64 << 20), .. "\"}\n"u8]),
            "lines of white space" => Packed(Times(new string('\t', 1 << 20) + "\n", 64)),
            "several members" => [.. Enumerable.Repeat(Packed(Times(" ", 1 << 20)), 64).SelectMany(member => member)],
            "long names" => Packed(Times($"{{\"{new string('n', 1_000_000)}\":1}}\n", 64)),
            _ => Packed(Times(Encoding.UTF8.GetString(good), 128)),
        };

        var refused = (await client.SendBulkAsync(body, "gzip")).Is(413);

        Assert.Equal("payload_too_large", (string?)refused.Json["name"]);
        Assert.StartsWith(
            "The body unpacks to more than 200 times its size and 10 MiB: ", (string)refused.Json["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_that_are_much_alike_are_no_bomb()
    {
        const int many = 20_000;
        var records = Enumerable.Range(0, many).Select(i => Records.Call(advertiser).External("alike", $"{i}").With("notes", Words));
        var lines = Records.Lines(records);
        Assert.True(lines.Length > 11 << 20, $"{lines.Length} bytes are no more than what may be packed as well as it can be.");

        Assert.Equal(many, (int)(await client.SendBulkAsync(Packed(lines), "gzip")).Is(200).Json["created"]!);
    }

    private static string Words => string.Concat(Enumerable.Repeat("The caller asked for a quote and was called back. ", 10));

    // As small as it can be made, which is smaller than what most senders make.
    private static byte[] Packed(byte[] body)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
            gzip.Write(body);
        return packed.ToArray();
    }

    private static byte[] Times(string text, int count)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var all = new byte[bytes.Length * count];
        for (var i = 0; i < count; i++)
            bytes.CopyTo(all, i * bytes.Length);
        return all;
    }

    private Task<long> CountAsync() =>
        fixture.ScalarAsync<long>($"SELECT count(*) FROM interactions.interactions WHERE advertiser = 1000000000000 + {advertiser[4..]}");
}

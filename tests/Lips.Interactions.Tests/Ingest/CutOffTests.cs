using System.Globalization;
using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Ingest;

/// <summary>Bodies that end in the middle: what was committed stays, and sending all of it again completes it to exactly the set.</summary>
public sealed class CutOffTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private const int Count = 9_000;

    private readonly HttpClient client = fixture.Client;

    [Fact]
    public async Task Truncated_gzip_is_a_bad_request_that_keeps_what_was_committed()
    {
        var records = Set("USA_1");
        var body = Records.Gzip(Records.Lines(records));

        var answer = (await client.SendBulkAsync(body[..(body.Length * 3 / 4)], "gzip")).Is(400);

        Assert.Equal("bad_request", (string?)answer.Json["name"]);
        var kept = await CountAsync(1);
        Assert.True(kept is > 0 and < Count, $"{kept} rows are there after {answer.Body}");
        await AssertResendCompletesAsync(records, 1);
        // Cut within the last bytes every record was read, but nobody knows that no more would have come.
        (await client.SendBulkAsync(body[..^1], "gzip")).Is(400);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task A_client_that_disconnects_leaves_what_was_committed(bool abruptly, bool amidALine)
    {
        var number = 2 + (abruptly ? 1 : 0) + (amidALine ? 2 : 0);
        var records = Set($"USA_{number}");
        using (var connection = await RawConnection.BeginAsync(fixture.Node, Records.Bulk, "application/x-ndjson", length: null))
        {
            await connection.SendChunkAsync(Records.Lines(records[..5_000]));
            if (amidALine)
                await connection.SendChunkAsync(Records.Lines([records[5_000]])[..40]);
            await TwoNodes.UntilAsync(async () => await CountAsync(number) >= 2_000);
            if (abruptly)
                connection.EndAbruptly();
        }

        await TwoNodes.UntilAsync(async () => await TestPostgres.ScalarAsync<long>(fixture.Node.ConnectionString,
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'lips %' "
                + "AND state <> 'idle'") == 0);
        var kept = await CountAsync(number);
        Assert.True(kept is 2_000 or 4_000, $"{kept} rows are there, and batches have 2,000.");
        await AssertResendCompletesAsync(records, number);
        Assert.DoesNotContain(fixture.Node.LogLines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_that_takes_its_time_is_waited_for_and_its_half_lines_are_put_together()
    {
        var records = Set("USA_9")[..40];
        var content = new PushContent(async stream =>
        {
            foreach (var slice in Records.Lines(records).Chunk(97))
            {
                await stream.WriteAsync(slice);
                await stream.FlushAsync();
                await Task.Delay(2);
            }
        });

        var answer = (await client.SendAsync(HttpMethod.Post, Records.Bulk, content)).Is(200);

        Assert.True((int)answer.Json["created"]! == 40, answer.Body);
    }

    private async Task AssertResendCompletesAsync(JsonObject[] records, int number)
    {
        var kept = await CountAsync(number);
        var answer = (await client.SendBulkAsync(Records.Lines(records))).Is(200);
        // The server may have been writing its last batch still when the rows were counted.
        var there = (int)answer.Json["duplicates"]!;
        Assert.True(
            there >= kept && there % 2_000 == 0 && (int)answer.Json["created"]! == Count - there, $"{kept} were there: {answer.Body}");
        Assert.Equal(
            Enumerable.Range(0, Count).Select(i => i.ToString(CultureInfo.InvariantCulture)).Order(StringComparer.Ordinal),
            await TestPostgres.ColumnAsync<string>(
                fixture.Node.ConnectionString,
                "SELECT external_id FROM interactions.interactions WHERE advertiser = "
                    + $"1000000000000 + {number} ORDER BY external_id COLLATE \"C\""));
    }

    private static JsonObject[] Set(string advertiser) =>
        [.. Enumerable.Range(0, Count).Select(
            i => Records.Call(advertiser).External("app", i.ToString(CultureInfo.InvariantCulture)).From($"{Guid.NewGuid()}@example.com"))];

    private Task<long> CountAsync(int number) =>
        fixture.ScalarAsync<long>($"SELECT count(*) FROM interactions.interactions WHERE advertiser = 1000000000000 + {number}");

    private sealed class PushContent : HttpContent
    {
        private readonly Func<Stream, Task> push;

        public PushContent(Func<Stream, Task> push)
        {
            this.push = push;
            Headers.TryAddWithoutValidation("Content-Type", "application/x-ndjson");
        }

        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) => push(stream);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

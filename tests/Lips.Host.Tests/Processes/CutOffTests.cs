using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Processes;

/// <summary>A node that loses its database while streams are open, and another that keeps it.</summary>
public sealed class CutOffTests : CutOff
{
    private const string Stream = "/contact_interactions/totals/stream?global_master_advertiser_id=USA_1";

    // Answered without the database, once the token is believed.
    private const string Incomplete = "/contact_interactions";

    [Fact]
    public async Task A_stream_stays_open_without_the_database_and_misses_nothing()
    {
        await using var other = await StartOtherAsync();
        await using var stream = await EventStream.OpenAsync(Node.Client, Stream);
        await stream.UntilAsync(0);

        Wire.Close();
        await other.Client.IngestAsync(Records.New("missed"));
        await Task.Delay(3_000);
        // Where the grain has gone to the other node, that tells it all the same.
        var isTold = stream.Arrived().Any(block => block.Contains("\"events\":1", StringComparison.Ordinal));
        Assert.Single(Node.LogLines, l => l.Contains("open streams wait", StringComparison.Ordinal));

        Wire.Open();
        if (!isTold)
            await stream.UntilAsync(1);
        await other.Client.IngestAsync(Records.New("next"));
        await stream.UntilAsync(2);
    }

    [Fact]
    public async Task A_stream_that_cannot_begin_is_answered_with_503()
    {
        // So that it is the reading of the counters that fails, and not that of the token.
        (await Node.Client.GetAnswerAsync(Incomplete)).Is(422);
        Wire.Close();

        var answer = (await Node.Client.SendAsync(HttpMethod.Get, Stream, (HttpContent?)null, ("Accept", "text/event-stream"))).Is(503);

        Assert.Equal("unavailable", (string)answer.Json["name"]!);
    }

    [Fact]
    public async Task A_node_that_is_cut_off_believes_no_token_for_long_and_tells_nothing_to_one_revoked_meanwhile()
    {
        await using var other = await StartOtherAsync();
        var token = await other.NewTokenAsync(new { name = "revoked", advertisers = "all" });
        using var client = Node.NewClient("token " + token.Secret());
        await using var stream = await EventStream.OpenAsync(client, Stream);
        await stream.UntilAsync(0);
        (await client.GetAnswerAsync(Incomplete)).Is(422);

        Wire.Close();
        (await other.Client.SendAsync(HttpMethod.Delete, $"/tokens/{token["id"]}")).Is(200);
        await UntilAsync(client, 503);
        await other.Client.IngestAsync(Records.New("secret"));

        Wire.Open();
        await UntilAsync(client, 401, 503);
        while (await stream.NextBlockAsync() is { } block)
            Assert.StartsWith(":", block, StringComparison.Ordinal);
    }

    private static async Task UntilAsync(HttpClient client, int status, int until = 422)
    {
        Answer answer;
        for (var patience = DateTime.UtcNow.AddMinutes(1);
            (answer = await client.GetAnswerAsync(Incomplete)).Status != status;
            await Task.Delay(50))
        {
            answer.Is(until);
            Assert.True(DateTime.UtcNow < patience, $"It is still {answer.Status}.");
        }
    }
}

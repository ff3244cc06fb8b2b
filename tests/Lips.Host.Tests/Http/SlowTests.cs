using System.Text.Json;
using Lips.Host.Tests.Processes;
using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Http;

/// <summary>Who sends slowly: a sender that pauses is waited for, who holds a connection for nothing is not.</summary>
public sealed class SlowTests
{
    private const string Bulk = "/contact_interactions/bulk";
    private const string Ndjson = "application/x-ndjson";

    [Fact]
    public async Task A_bulk_sender_may_pause_for_longer_than_a_single_record_may_take()
    {
        await using var node = await LipsNode.StartWithAsync(null, ("Lips:Limits:RequestSeconds", "1"));
        var line = JsonSerializer.Serialize(Records.New("slow-1")) + "\n";
        var second = JsonSerializer.Serialize(Records.New("slow-2"));
        using var connection = await RawConnection.BeginAsync(node, Bulk, Ndjson, line.Length + second.Length);

        await connection.SendAsync(line);
        await Task.Delay(TimeSpan.FromSeconds(13));
        await connection.SendAsync(second);

        Assert.Contains("\"created\":2", (await connection.AnswerAsync())!.Is(200).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bulk_body_that_drips_is_cut_off_with_408()
    {
        await using var node = await LipsNode.StartWithAsync(null, ("Lips:Limits:BulkPauseSeconds", "2"));
        using var connection = await RawConnection.BeginAsync(node, Bulk, Ndjson, 100_000);

        IsTimeout(await connection.DripAsync(' ', TimeSpan.FromMilliseconds(200)));
    }

    [Fact]
    public async Task A_bulk_body_that_stops_coming_is_cut_off_with_408_however_much_came()
    {
        await using var node = await LipsNode.StartWithAsync(null, ("Lips:Limits:BulkPauseSeconds", "2"));
        using var connection = await RawConnection.BeginAsync(node, Bulk, Ndjson, 10_000_000);

        await connection.SendAsync(new string(' ', 1_000_000));

        IsTimeout(await connection.AnswerAsync());
    }

    [Fact]
    public async Task A_record_that_drips_is_cut_off_with_408()
    {
        await using var node = await LipsNode.StartAsync();
        using var connection = await RawConnection.BeginAsync(node, "/contact_interactions", "application/json", 10_000);

        IsTimeout(await connection.DripAsync(' ', TimeSpan.FromMilliseconds(200)));
    }

    [Fact]
    public async Task Headers_that_drip_are_cut_off()
    {
        await using var node = await LipsNode.StartAsync();
        using var connection = await RawConnection.OpenAsync(node);
        await connection.SendAsync("GET /health/live HTTP/1.1\r\nHost: lips.example\r\nX-Slow: ");

        var answer = await connection.DripAsync('x', TimeSpan.FromMilliseconds(200));

        // Kestrel's own words, before there is a request.
        Assert.True(answer is null or { Status: 408 }, answer?.Body);
    }

    private static void IsTimeout(RawAnswer? answer)
    {
        Assert.NotNull(answer);
        Assert.StartsWith("{\"name\":\"request_timeout\",", answer.Is(408).Body, StringComparison.Ordinal);
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Ingest;

/// <summary>A bulk load ends with its client, also when what the client has sent is not read yet.</summary>
public sealed class LeavingTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private const string Waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'lips %' "
            + "AND wait_event_type = 'Lock'";

    [Theory]
    [InlineData(1, false, false)]
    [InlineData(2, true, false)]
    [InlineData(3, false, true)]
    [InlineData(4, true, true)]
    public async Task What_it_waits_for_is_given_up_when_the_client_has_gone(int number, bool abruptly, bool isGzip)
    {
        var advertiser = string.Create(CultureInfo.InvariantCulture, $"USA_{number}");
        (await fixture.Client.SendOneAsync(Records.Call(advertiser))).Is(201);
        await using var locker = new LockedAdvertiser(fixture.Node.ConnectionString, 1_000_000_000_000 + number);
        await locker.TakeAsync();

        using (var connection = await OpenAsync(isGzip))
        {
            // Two batches: one waits for the lock, the other for the first.
            await SendAsync(connection, isGzip, Enumerable.Range(0, 4_000).Select(_ => Records.Call(advertiser)));
            await TwoNodes.UntilAsync(async () => await fixture.ScalarAsync<long>(Waiting) == 1);
            // Kestrel takes some 2 MiB that nobody reads yet, and reads no more then, not even that the client has gone.
            for (var looks = 0; looks < 5; looks = await LeftUnreadAsync(connection) > 0 ? looks + 1 : 0)
            {
                if (looks == 0)
                    await SendAsync(connection, isGzip, [Records.Call(advertiser).With("notes", Noise())]);
            }

            if (abruptly)
                connection.EndAbruptly();
        }

        await TwoNodes.UntilAsync(async () => await fixture.ScalarAsync<long>(Waiting) == 0);
        await locker.ReleaseAsync();
        (await fixture.Client.SendOneAsync(Records.Call(advertiser))).Is(201);
        Assert.Equal(2, await fixture.ScalarAsync<long>(
            $"SELECT count(*) FROM interactions.interactions WHERE advertiser = 1000000000000 + {number}"));
    }

    private async Task<RawConnection> OpenAsync(bool isGzip)
    {
        var connection = await RawConnection.OpenAsync(fixture.Node);
        await connection.SendAsync(
            $"POST {Records.Bulk} HTTP/1.1\r\nHost: lips.example\r\nAuthorization: token {LipsNode.AdminToken}\r\n"
                + $"Content-Encoding: {(isGzip ? "gzip" : "identity")}\r\n"
                + "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n");
        return connection;
    }

    private static Task SendAsync(RawConnection connection, bool isGzip, IEnumerable<JsonObject> records) =>
        connection.SendChunkAsync(isGzip ? Records.Gzip(Records.Lines(records)) : Records.Lines(records));

    /// <summary>
    /// How many bytes the kernel keeps for the node's end of the connection, a moment from now. The table is read piece by piece: while
    /// others come and go, a line of it may be missed or read twice, and one that is missed counts as 0.
    /// </summary>
    private async Task<long> LeftUnreadAsync(RawConnection connection)
    {
        await Task.Delay(10);
        var (node, client) = ($":{fixture.Node.Address.Port:X4}", $":{connection.Port:X4}");
        var line = (await File.ReadAllLinesAsync("/proc/net/tcp"))
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(l => l[1].EndsWith(node, StringComparison.Ordinal) && l[2].EndsWith(client, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line[4].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    // That gzip makes no smaller than by half.
    private static string Noise() => Convert.ToHexString(RandomNumberGenerator.GetBytes(4_900));
}

using System.Globalization;
using System.Text.RegularExpressions;
using Lips.Testing;
using Xunit;

namespace Lips.Host.Tests.Telemetry;

public sealed partial class BurstTests
{
    [Fact]
    public async Task Equal_503s_are_one_line_and_then_their_count()
    {
        const int requests = 50;
        await using var database = new PostgresRelay(await TestPostgres.NewDatabaseAsync());
        await using var node = await LipsNode.StartAsync(database.ConnectionString);
        database.Close();

        for (var request = 0; request < requests; request++)
            (await node.Client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_1&tags[]=a")).Is(503);

        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (Said(node).Sum(CountOf) < requests)
            await Task.Delay(50, patience.Token);
        var said = Said(node);
        Assert.Equal(requests, said.Sum(CountOf));
        // One for a connection that broke, one for none to be had, and what followed of each.
        Assert.True(said.Count < requests / 5, string.Join('\n', said));
        database.Open();
    }

    private static List<string> Said(LipsNode node) =>
        [.. node.LogLines.Where(line => line.Contains("answered with 503", StringComparison.Ordinal))];

    // "12 more were answered with 503 within 10 s: ...", or the first of them.
    private static int CountOf(string line) => More().Match(line) is { Success: true } more
        ? int.Parse(more.Groups[1].Value, CultureInfo.InvariantCulture) : 1;

    [GeneratedRegex(@"^Warning: (\d+) more were")]
    private static partial Regex More();
}

using System.Text.RegularExpressions;
using Lips.Counters.Grains;
using Lips.Testing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Lips.Counters.Tests.Contracts;

/// <summary>
/// Every statement that a node sends, on any of its connections, is read off the wire: a warm poll sends none.
/// </summary>
public sealed partial class StatementTests : CutOff
{
    private const string Totals = "/contact_interactions/totals?global_master_advertiser_id=USA_1";
    private const string List = "/contact_interactions?global_master_advertiser_id=USA_1&per_page=10";

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        var lines = Enumerable.Range(0, 700).Select(i => new
        {
            global_master_advertiser_id = "USA_1",
            event_type = i % 2 == 0 ? "call" : "form",
            occurred_at = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(i),
            tags = new[] { "t" },
        });
        (await Node.Client.BulkAsync(lines)).Is(200);
    }

    [Theory]
    [InlineData("")]
    [InlineData(
        "&event_type[]=call&channel[]=search&start_date=2026-01-03&end_date=2026-01-20&archived=true&global_master_campaign_id=USA_7")]
    [InlineData(",USA_2,USA_3")]
    public async Task Warm_totals_send_nothing(string more) => Assert.Empty(await WarmAsync(Totals + more));

    [Fact]
    public async Task A_thousand_warm_polls_send_nothing_either()
    {
        await WarmUpAsync(Totals);
        Wire.TakeStatements();
        for (var i = 0; i < 1000; i++)
            (await Node.Client.GetAnswerAsync(Totals)).Is(200);
        Assert.Empty(Wire.TakeStatements().Where(statement => !IsBesides(statement)));
    }

    [Fact]
    public async Task A_change_is_told_to_the_holder_without_a_query_of_the_next_poll()
    {
        var id = (await Node.Client.GetAnswerAsync(List)).Is(200).Ids[0];
        await WarmUpAsync(Totals);
        (await Node.Client.SendAsync(
            HttpMethod.Put, $"/contact_interactions/{id}", new { contact_interaction = new { read = true } })).Is(200);
        Wire.TakeStatements();

        var totals = (await Node.Client.GetAnswerAsync(Totals)).Is(200).Json;

        Assert.Equal(699, (int)totals["unread"]!["events"]!);
        Assert.Empty(Wire.TakeStatements().Where(statement => !IsBesides(statement)));
    }

    [Fact]
    public async Task A_304_sends_nothing()
    {
        foreach (var address in new[] { Totals, List, List + "&page=60" })
        {
            var tag = (await Node.Client.GetAnswerAsync(address)).Is(200).Headers.ETag!.ToString();
            Assert.Empty(await WarmAsync(address, 304, ("If-None-Match", tag)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("&page=2")]
    [InlineData("&page=60")]
    [InlineData("&page=2&sort_dir=asc")]
    [InlineData("&page=70&sort_by=occurred_at&sort_dir=asc")]
    [InlineData("&event_type[]=call&event_type[]=booking&page=30")]
    [InlineData("&sort_by=important&page=3")]
    public async Task A_warm_page_is_its_own_list(string more) => Assert.Equal(["list"], await WarmAsync(List + more));

    [Fact]
    public async Task A_page_behind_the_last_sends_nothing() => Assert.Empty(await WarmAsync(List + "&page=71"));

    [Fact]
    public async Task A_filter_that_the_counters_do_not_know_counts_so_this_test_can_fail() =>
        Assert.Equal(["count"], await WarmAsync(Totals + "&tags[]=t"));

    [Fact]
    public async Task A_bulk_load_of_cold_advertisers_takes_no_hold()
    {
        (await Node.Client.BulkAsync(Enumerable.Range(1000, 1000).Select(number => new
        {
            global_master_advertiser_id = $"USA_{number}",
            event_type = "call",
            occurred_at = "2026-01-01T00:00:00Z",
        }))).Is(200);

        Assert.Equal(0L, await TestPostgres.ScalarAsync<long>(Node.ConnectionString,
            "SELECT count(*) FROM counters.holders WHERE advertiser > 1000000000999"));
    }

    /// <summary>Asks until all that it asks for may be served from memory: until the first look at the holds has been answered.</summary>
    private async Task WarmUpAsync(string address)
    {
        var holds = Node.Services.GetRequiredService<SiloHolds>();
        do
        {
            (await Node.Client.GetAnswerAsync(address)).Is(200);
        }
        while (!Enumerable.Range(1, 3).All(number => holds.Find(1_000_000_000_000 + number) is not { } hold || hold.TryServe(out _)));
    }

    /// <summary>The statements of a request that was made just before, so that the token and the counters are known.</summary>
    private async Task<IEnumerable<string>> WarmAsync(string address, int status = 200, params (string Name, string Value)[] headers)
    {
        await WarmUpAsync(address);
        Wire.TakeStatements();
        (await Node.Client.SendAsync(HttpMethod.Get, address, (HttpContent?)null, headers)).Is(status);
        return Wire.TakeStatements().Where(statement => !IsBesides(statement)).Select(Name).ToList();
    }

    private static string Name(string statement) => statement switch
    {
        _ when statement.Contains("interactions.", StringComparison.Ordinal) && statement.Contains("count(", StringComparison.Ordinal) =>
            "count",
        _ when statement.Contains("i.body", StringComparison.Ordinal) && statement.Contains("LIMIT", StringComparison.Ordinal) => "list",
        _ => statement,
    };

    // The node reads the tokens in use every two seconds, whatever is asked of it; looks for revoked holds twice a second, and at the
    // versions of all holds each ten; is one of a cluster, whose members read and write each other's rows; and opens connections.
    private static bool IsBesides(string statement) =>
        Reset().IsMatch(statement)
        || new[] { "access.tokens", "repeat('x'", "ended_holds", "a.version FROM counters.advertisers a", "orleans" }
            .Any(part => statement.Contains(part, StringComparison.OrdinalIgnoreCase));

    // What the pool says to a connection between two uses.
    [GeneratedRegex("^(DISCARD |SET SESSION AUTHORIZATION DEFAULT;RESET ALL;)")]
    private static partial Regex Reset();
}

using System.Text.RegularExpressions;
using Lips.Testing;
using Xunit;

namespace Lips.Counters.Tests.Contracts;

/// <summary>
/// Every statement that a node sends, on any of its connections, is read off the wire: none of a warm read counts interactions.
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
    public async Task Warm_totals_are_the_validation_and_nothing_else(string more) =>
        Assert.Equal(["validation"], await WarmAsync(Totals + more));

    [Fact]
    public async Task A_304_is_the_validation_and_nothing_else()
    {
        foreach (var address in new[] { Totals, List, List + "&page=60" })
        {
            var tag = (await Node.Client.GetAnswerAsync(address)).Is(200).Headers.ETag!.ToString();
            Assert.Equal(["validation"], await WarmAsync(address, 304, ("If-None-Match", tag)));
        }
    }

    [Theory]
    [Each("", "&page=2", "&page=60", "&page=2&sort_dir=asc", "&page=70&sort_by=occurred_at&sort_dir=asc",
        "&event_type[]=call&event_type[]=booking&page=30", "&sort_by=important&page=3")]
    public async Task A_warm_page_is_the_validation_and_its_own_list(string more) =>
        Assert.Equal(["validation", "list"], await WarmAsync(List + more));

    [Fact]
    public async Task A_page_behind_the_last_is_the_validation_and_nothing_else() =>
        Assert.Equal(["validation"], await WarmAsync(List + "&page=71"));

    [Fact]
    public async Task A_filter_that_the_counters_do_not_know_counts_so_this_test_can_fail() =>
        Assert.Equal(["validation", "count"], await WarmAsync(Totals + "&tags[]=t"));

    /// <summary>The statements of a request that was made just before, so that the token and the counters are known.</summary>
    private async Task<IEnumerable<string>> WarmAsync(string address, int status = 200, params (string Name, string Value)[] headers)
    {
        await Node.Client.GetAnswerAsync(address);
        Wire.TakeStatements();
        (await Node.Client.SendAsync(HttpMethod.Get, address, (HttpContent?)null, headers)).Is(status);
        var names = Wire.TakeStatements().Where(statement => !IsBesides(statement)).Select(Name).ToList();
        // The validation looks a second time when a transaction has ended since it last looked,
        // be it one of another database of the server.
        return names.Where((name, place) => name != "validation" || place == 0 || names[place - 1] != name);
    }

    private static string Name(string statement) => statement switch
    {
        _ when statement.Contains("interactions.", StringComparison.Ordinal) && statement.Contains("count(", StringComparison.Ordinal) =>
            "count",
        _ when statement.Contains("pg_current_snapshot", StringComparison.Ordinal)
            && !statement.Contains("interactions.", StringComparison.Ordinal) => "validation",
        _ when statement.Contains("i.body", StringComparison.Ordinal) && statement.Contains("LIMIT", StringComparison.Ordinal) => "list",
        _ => statement,
    };

    // The node reads the tokens in use every two seconds, whatever is asked of it.
    private static bool IsBesides(string statement) =>
        Reset().IsMatch(statement) || statement.Contains("access.tokens", StringComparison.Ordinal);

    // What the pool says to a connection between two uses, and LipsDatabase to a new one.
    [GeneratedRegex("^(DISCARD |SET SESSION AUTHORIZATION DEFAULT;RESET ALL;|SELECT octet_length)")]
    private static partial Regex Reset();
}

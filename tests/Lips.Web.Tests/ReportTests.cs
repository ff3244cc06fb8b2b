using System.Globalization;
using System.Text.RegularExpressions;
using Lips.Testing;
using static Microsoft.Playwright.Assertions;

namespace Lips.Web.Tests;

/// <summary>A report has the figures of the counters, as a picture, a table and a file.</summary>
[Collection(InboxFixture.Collection)]
public sealed partial class ReportTests(InboxFixture inbox)
{
    private const string Year = "from=2025-07-01&to=2026-06-30";

    [Theory]
    [InlineData("interval=month&by=event_type", "Calls", "call_events")]
    [InlineData("interval=week&by=event_type", "Chats", "chat_events")]
    [InlineData("interval=day&by=event_type", "Forms", "form_events")]
    public async Task A_table_adds_up_to_the_totals(string how, string column, string count)
    {
        await using var person = await inbox.NewReaderAsync(InboxFixture.Wide, $"/app/TEST_1/reports?{Year}&{how}");
        var table = person.Page.Locator("table");
        await Expect(table.Locator("tbody tr").First).ToBeVisibleAsync();
        var totals = (await inbox.Node.Client.GetAnswerAsync(
            "/contact_interactions/totals?global_master_advertiser_id=TEST_1&start_date=2025-07-01&end_date=2026-06-30")).Json["totals"]!;
        var names = await table.Locator("thead th").AllInnerTextsAsync();
        var index = names.ToList().IndexOf(column);
        var cells = await table.Locator($"tbody tr > :nth-child({index + 1})").AllInnerTextsAsync();

        Assert.Equal((int)totals[count]!, cells.Sum(Number));
        Assert.Equal((int)totals[count]!, Number((await table.Locator("tfoot tr > *").AllInnerTextsAsync())[index]));
        Assert.Equal((int)totals["events"]!, Number(await table.Locator("tfoot td").Last.InnerTextAsync()));
    }

    [Fact]
    public async Task The_figures_can_be_taken_along()
    {
        await using var person = await inbox.NewReaderAsync(
            InboxFixture.Wide, $"/app/TEST_1/reports?{Year}&interval=month&by=channel");
        await Expect(person.Page.Locator("tbody tr")).ToHaveCountAsync(12);
        var download = await person.Page.RunAndWaitForDownloadAsync(() => person.Button("Download the figures").ClickAsync());
        var lines = await File.ReadAllLinesAsync(await download.PathAsync());

        Assert.Equal(13, lines.Length);
        Assert.StartsWith("Period,From,To,", lines[0].TrimStart('\uFEFF'), StringComparison.Ordinal);
        Assert.StartsWith("July 2025,2025-07-01,2025-07-31,", lines[1], StringComparison.Ordinal);
        var total = lines.Skip(1).Sum(line => int.Parse(line.Split(',')[^1], CultureInfo.InvariantCulture));
        Assert.Equal(total, Number(await person.Page.Locator("tfoot td").Last.InnerTextAsync()));
    }

    [Fact]
    public async Task A_bar_leads_to_what_is_behind_it()
    {
        await using var person = await inbox.NewReaderAsync(
            InboxFixture.Wide, $"/app/TEST_1/reports?{Year}&interval=month&by=channel");
        var bar = person.Page.Locator(".segment.channel-search").Nth(2);
        var said = Title().Match(await bar.Locator("title").TextContentAsync() ?? "");
        Assert.True(said.Success);
        await bar.ClickAsync();

        await Expect(person.Page).ToHaveURLAsync(new Regex("/app/TEST_1\\?channel=search&from=2025-09-01&to=2025-09-30$"));
        await Expect(person.Counts).ToContainTextAsync($"of {said.Groups[1].Value}");
        await person.Page.GoBackAsync();
        await Expect(person.Page.Locator("h1")).ToHaveTextAsync("Reports");
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    [GeneratedRegex("^([0-9,]+) Search, September 2025$")]
    private static partial Regex Title();
}

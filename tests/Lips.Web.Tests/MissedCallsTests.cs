using System.Globalization;
using System.Text.RegularExpressions;
using Lips.Testing;
using static Microsoft.Playwright.Assertions;

namespace Lips.Web.Tests;

/// <summary>Who calls back wants to see the calls that nobody took, of a day.</summary>
[Collection(InboxFixture.Collection)]
public sealed class MissedCallsTests(InboxFixture inbox)
{
    [Theory]
    [InlineData(360)]
    [InlineData(1600)]
    public async Task They_are_a_filter_and_a_day_without_any_says_which_has_some(int width)
    {
        var screen = width == 360 ? InboxFixture.Narrow : InboxFixture.Wide;
        await using var person = await inbox.NewReaderAsync(screen, "/app/USA_1");
        var page = person.Page;

        await person.FilterAsync(filters => filters.GetByLabel("Missed calls only").CheckAsync());
        await Expect(page).ToHaveURLAsync(new Regex(@"[?&]missed=true"));
        await Expect(page.Locator(".scroller")).ToHaveAttributeAsync("aria-busy", "false");
        var missed = (await inbox.Node.Client.GetAnswerAsync(
            "/contact_interactions?global_master_advertiser_id=USA_1&max_call_duration=0&per_page=1")).Is(200).Json;
        await Expect(person.Counts).ToContainTextAsync(
            string.Create(CultureInfo.InvariantCulture, $"of {(int)missed["totals"]!["events"]!:N0}"));
        foreach (var gist in await page.Locator(".row:not(.blank) .gist").AllInnerTextsAsync())
            Assert.Contains("Missed call", gist, StringComparison.Ordinal);

        // A day long after the last of them.
        await person.FilterAsync(filters => filters.GetByLabel("From", new() { Exact = true }).FillAsync("2099-01-01"));
        await Expect(page.Locator(".list .state")).ToContainTextAsync("Without the dates, the newest is of");
        await person.Button("Show that day").ClickAsync();
        await Expect(person.Rows.First).ToContainTextAsync("Missed call");
        await Expect(page).ToHaveURLAsync(new Regex(@"[?&]missed=true"));
        Assert.Empty(person.Complaints);
    }
}

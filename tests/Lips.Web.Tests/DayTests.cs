using System.Globalization;
using System.Text.RegularExpressions;
using Lips.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Lips.Web.Tests;

/// <summary>A person's day on the demo data, at both widths.</summary>
[Collection(InboxFixture.Collection)]
public sealed partial class DayTests(InboxFixture inbox)
{
    [Theory]
    [InlineData(360)]
    [InlineData(1600)]
    public async Task A_day_of_work(int width)
    {
        var screen = width == 360 ? InboxFixture.Narrow : InboxFixture.Wide;
        var advertiser = "USA_1";
        var secret = await inbox.Node.NewSecretAsync(abilities: ["read", "write"]);
        var name = width == 360 ? "Zenobia Quillfeather" : "Barnaby Featherstone";
        var record = await inbox.Node.ArriveAsync(advertiser, name, "2026-06-30T12:00:00Z");
        var lead = (long)record["id"]!;
        var number = (string)record["contact"]!["phone_numbers"]![0]!["phone_number"]!;

        await using var person = await inbox.NewPersonAsync(screen);
        var page = person.Page;

        // Sign in, and choose the advertiser with the most unread.
        await person.SignInAsync(secret);
        await Expect(page.Locator(".advertisers .name").First).ToHaveTextAsync(advertiser);
        await page.Locator(".advertisers a").First.ClickAsync();
        await person.SeesRowsAsync();
        await Expect(person.Counts).ToContainTextAsync("unread of");

        // Find a lead by name, and by digits in the middle of its number.
        await person.SearchAsync(name.Split(' ')[1].ToLowerInvariant()[..5]);
        await Expect(person.Rows).ToHaveCountAsync(1);
        await Expect(person.Row(lead)).ToContainTextAsync(name);
        await person.SearchAsync(number[^7..]);
        await Expect(person.Row(lead)).ToBeVisibleAsync();

        // Read it, and note something.
        await person.OpenAsync(lead);
        await Expect(person.Detail).ToContainTextAsync("Do you have a pontoon for the weekend?");
        await inbox.Node.UntilAsync(lead, one => (bool)one["read"]!);
        await person.Note.FillAsync("Called back, wants the blue one.");
        await Expect(page.Locator(".saving.saved")).ToBeVisibleAsync();
        Assert.Equal("Called back, wants the blue one.", (string)(await inbox.Node.ShowAsync(lead))["notes"]!);
        await Expect(page.Locator(".history")).ToContainTextAsync("Changed: note");
        await Expect(page.Locator(".history")).ToContainTextAsync("by test");
        await person.BackAsync();
        await person.SearchAsync("");

        // Mark 50 as read, and undo it.
        await person.FilterAsync(filters => filters.GetByRole(AriaRole.Radio, new() { Name = "Unread", Exact = true }).CheckAsync());
        await person.SeesRowsAsync();
        var unread = await inbox.Node.UnreadAsync(advertiser);
        await person.Button("Choose the next 50").ClickAsync();
        await Expect(page.Locator(".chosen")).ToContainTextAsync("50 chosen");
        await person.Button("Mark as read").ClickAsync();
        await Expect(person.Toast).ToContainTextAsync("50 marked as read");
        await Expect(page.Locator(".row.new")).ToHaveCountAsync(0);
        await SeesUnreadAsync(person, unread - 50);
        await page.GetByRole(AriaRole.Button, new() { NameRegex = UndoName() }).ClickAsync();
        await Expect(person.Toast).ToContainTextAsync("Undone: 50 marked as read");
        await SeesUnreadAsync(person, unread);
        await Expect(page.Locator(".row.new").First).ToBeVisibleAsync();
        await page.Locator(".chosen").GetByRole(AriaRole.Button, new() { Name = "Choose none" }).ClickAsync();

        // Archive one: it leaves, and comes back when that is undone.
        var archived = await person.FirstIdAsync();
        await page.Locator($"a[data-id='{archived}']").FocusAsync();
        await page.Keyboard.PressAsync("e");
        await Expect(person.Row(archived)).ToHaveCountAsync(0);
        await inbox.Node.UntilAsync(archived, one => one["archived_at"] is not null);
        await page.Keyboard.PressAsync("z");
        await Expect(person.Row(archived)).ToBeVisibleAsync();
        await inbox.Node.UntilAsync(archived, one => one["archived_at"] is null);

        // A new one arrives: it waits, and no row moves.
        await person.FilterAsync(filters => filters.GetByRole(AriaRole.Radio, new() { Name = "All", Exact = true }).CheckAsync());
        await person.SeesRowsAsync();
        await Expect(page.Locator(".connection.live")).ToBeVisibleAsync();
        var before = await person.IdsAsync();
        var arrived = (long)(await inbox.Node.ArriveAsync(advertiser, "Wilhelmina Novak"))["id"]!;
        var pill = page.Locator(".pill");
        await Expect(pill).ToContainTextAsync("1 new");
        Assert.Equal(before, await person.IdsAsync());
        await pill.ClickAsync();
        await Expect(person.Row(arrived)).ToContainTextAsync("Wilhelmina Novak");
        Assert.Equal(arrived, await person.FirstIdAsync());
        await Expect(pill).ToHaveCountAsync(0);

        // Jump to last year.
        await page.GetByLabel("Go to a day").FillAsync("2025-06-14");
        await person.SeesDayFirstAsync("^2025-06-14T");
        await Expect(page).ToHaveURLAsync(new Regex("at=2025-06-14"));

        // Report, and from a number to what is behind it.
        await page.GetByRole(AriaRole.Link, new() { Name = "Reports" }).ClickAsync();
        var cell = page.GetByRole(AriaRole.Link, new() { NameRegex = CallsInMay() });
        var calls = int.Parse(await cell.InnerTextAsync(), NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
        await cell.ClickAsync();
        await person.SeesRowsAsync();
        await Expect(person.Counts).ToContainTextAsync($"of {calls.ToString("N0", CultureInfo.InvariantCulture)}");
        await Expect(page).ToHaveURLAsync(new Regex("type=call.*from=2026-05-01.*to=2026-05-31"));

        // Export them: a line for each, and one for the names of the columns.
        var download = await page.RunAndWaitForDownloadAsync(() => person.Button("Download as CSV").ClickAsync());
        Assert.Equal($"{advertiser}-interactions-2026-05-01-2026-05-31.csv", download.SuggestedFilename);
        var path = await download.PathAsync();
        var ids = (await File.ReadAllLinesAsync(path)).Skip(1).Count(line => LineStart().IsMatch(line));
        Assert.Equal(calls, ids);

        Assert.Empty(person.Complaints);
    }

    private async Task SeesUnreadAsync(Person person, int unread)
    {
        await Expect(person.Counts.Or(person.Page.Locator(".chosen")).First).ToBeVisibleAsync();
        for (var left = 300; await inbox.Node.UnreadAsync("USA_1") != unread; left--)
        {
            Assert.True(left > 0, $"Unread are {await inbox.Node.UnreadAsync("USA_1")}, not {unread}.");
            await Task.Delay(100);
        }
    }

    [GeneratedRegex("^Undo")]
    private static partial Regex UndoName();

    [GeneratedRegex("Calls, May 2026")]
    private static partial Regex CallsInMay();

    [GeneratedRegex("^\"?[0-9]+\"?,")]
    private static partial Regex LineStart();
}

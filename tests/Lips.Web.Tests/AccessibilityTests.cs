using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Lips.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Lips.Web.Tests;

/// <summary>WCAG 2.2 AA, as far as axe can tell, in both schemes and at both widths.</summary>
[Collection(InboxFixture.Collection)]
public sealed class AccessibilityTests(InboxFixture inbox)
{
    private static readonly AxeRunOptions Rules = new()
    {
        RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
        ResultTypes = [ResultType.Violations],
    };

    [Theory]
    [InlineData(360, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    [InlineData(1600, ColorScheme.Light)]
    [InlineData(1600, ColorScheme.Dark)]
    public async Task Axe_finds_nothing(int width, ColorScheme scheme)
    {
        await using var person = await inbox.NewPersonAsync(width == 360 ? InboxFixture.Narrow : InboxFixture.Wide, scheme);
        var page = person.Page;
        await page.GotoAsync("/app/");
        await page.GetByLabel("Access token").FillAsync("wrong");
        await person.Button("Sign in").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("not valid");
        await FindsNothingAsync(person, "sign in");

        await page.GetByLabel("Access token").FillAsync(LipsNode.AdminToken);
        await person.Button("Sign in").ClickAsync();
        await Expect(page.Locator(".advertisers a").First).ToBeVisibleAsync();
        await FindsNothingAsync(person, "advertisers");

        await page.GetByRole(AriaRole.Link, new() { NameRegex = new("^TEST_1") }).ClickAsync();
        await person.SeesRowsAsync();
        await Expect(page.Locator(".ruler .bar").First).ToBeAttachedAsync();
        await FindsNothingAsync(person, "list");
        await person.Button("Choose the next 50").ClickAsync();
        await FindsNothingAsync(person, "chosen rows");
        await page.Keyboard.PressAsync("Escape");

        await person.OpenAsync(await person.FirstIdAsync());
        await Expect(page.Locator(".history, .history + *, section:has(h3:text-is('History')) p").First).ToBeVisibleAsync();
        await FindsNothingAsync(person, "detail");
        await person.OpenSettingsAsync();
        await FindsNothingAsync(person, "settings");
        await page.Keyboard.PressAsync("Escape");
        await person.BackAsync();

        await page.Keyboard.PressAsync("?");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await FindsNothingAsync(person, "help");
        await page.Keyboard.PressAsync("Escape");
        if (width == 360)
        {
            await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Filters") }).ClickAsync();
            await FindsNothingAsync(person, "filters");
            await person.Button("Show the list").ClickAsync();
        }

        await person.SearchAsync("nobody is called this");
        await Expect(page.Locator(".state-heading").First).ToHaveTextAsync("Nothing here");
        await FindsNothingAsync(person, "nothing found");
        await person.SearchAsync("");
        await page.GetByRole(AriaRole.Link, new() { Name = "Reports" }).ClickAsync();
        await Expect(page.Locator(".segment").First).ToBeVisibleAsync();
        await FindsNothingAsync(person, "reports");
    }

    private static async Task FindsNothingAsync(Person person, string where)
    {
        var found = await person.Page.RunAxe(Rules);
        var said = found.Violations.Select(
            violation => $"{violation.Id}: {violation.Help}\n  {string.Join("\n  ", violation.Nodes.Take(3).Select(node => node.Html))}");
        Assert.True(found.Violations.Length == 0, $"{where}:\n{string.Join('\n', said)}");
    }
}

using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Lips.Web.Tests;

/// <summary>The inbox is worked through without a mouse, and single keys can be switched off.</summary>
[Collection(InboxFixture.Collection)]
public sealed class KeysTests(InboxFixture inbox)
{
    [Fact]
    public async Task Keys_walk_open_mark_choose_archive_undo_search_and_help()
    {
        await using var person = await inbox.NewReaderAsync(InboxFixture.Wide, "/app/TEST_1?type=booking");
        var page = person.Page;
        var ids = await person.IdsAsync();
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("k");
        await Expect(page.Locator($"a[data-id='{ids[1]}']")).ToBeFocusedAsync();

        await page.Keyboard.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(new Regex($"/app/TEST_1/{ids[1]}\\?"));
        await inbox.Node.UntilAsync(ids[1], record => (bool)record["read"]!);
        await page.Keyboard.PressAsync("u");
        await inbox.Node.UntilAsync(ids[1], record => !(bool)record["read"]!);
        var important = (bool)(await inbox.Node.ShowAsync(ids[1]))["important"]!;
        await page.Keyboard.PressAsync("i");
        await inbox.Node.UntilAsync(ids[1], record => (bool)record["important"]! != important);
        await page.Keyboard.PressAsync("z");
        await inbox.Node.UntilAsync(ids[1], record => (bool)record["important"]! == important);

        // Also of a page that was loaded anew.
        await page.ReloadAsync();
        await Expect(person.Button("Next")).ToBeEnabledAsync();
        await page.Locator($"a[data-id='{ids[1]}']").FocusAsync();

        // The open detail follows.
        await page.Keyboard.PressAsync("j");
        await Expect(page).ToHaveURLAsync(new Regex($"/app/TEST_1/{ids[2]}\\?"));
        await page.Keyboard.PressAsync("Escape");
        await Expect(page).ToHaveURLAsync(new Regex(@"/app/TEST_1\?"));
        await Expect(page.Locator($"a[data-id='{ids[2]}']")).ToBeFocusedAsync();

        await page.Keyboard.PressAsync("x");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("Shift+X");
        await Expect(page.Locator(".chosen")).ToContainTextAsync("3 chosen");
        await page.Keyboard.PressAsync("e");
        await Expect(person.Toast).ToContainTextAsync("3 archived");
        await Expect(person.Row(ids[3])).ToHaveCountAsync(0);
        await Expect(page.Locator($"a[data-id='{ids[5]}']")).ToHaveAttributeAsync("tabindex", "0");
        await page.Keyboard.PressAsync("z");
        await Expect(person.Row(ids[3])).ToBeVisibleAsync();
        Assert.Equal(ids, await person.IdsAsync());

        await page.Keyboard.PressAsync("/");
        await Expect(person.Search).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("jk");
        await Expect(person.Search).ToHaveValueAsync("jk");
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("?");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Keyboard shortcuts");
        Assert.Empty(person.Complaints);
    }

    [Fact]
    public async Task Single_keys_can_be_switched_off()
    {
        await using var person = await inbox.NewReaderAsync(InboxFixture.Wide, "/app/TEST_2");
        var page = person.Page;
        await page.Keyboard.PressAsync("?");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Checkbox).UncheckAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        var id = await person.FirstIdAsync();
        await page.Locator($"a[data-id='{id}']").FocusAsync();
        await page.Keyboard.PressAsync("e");
        await page.Keyboard.PressAsync("?");
        // What is no letter goes on.
        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(page.Locator($"a[data-id='{(await person.IdsAsync())[1]}']")).ToBeFocusedAsync();

        await Expect(person.Row(id)).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await page.ReloadAsync();
        await person.SeesRowsAsync();
        await person.OpenSettingsAsync();
        await Expect(page.Locator("#menu").GetByRole(AriaRole.Checkbox)).Not.ToBeCheckedAsync();
    }

    [Fact]
    public async Task Back_returns_to_the_row_on_a_narrow_screen()
    {
        await using var person = await inbox.NewReaderAsync(InboxFixture.Narrow, "/app/TEST_1");
        var page = person.Page;
        await page.Locator(".scroller").EvaluateAsync("(scroller) => scroller.scrollTo(0, 3000)");
        await Expect(page.Locator("li[aria-posinset='55']")).ToBeVisibleAsync();
        var id = long.Parse((await page.Locator("li[aria-posinset='55'] a").GetAttributeAsync("data-id"))!,
            System.Globalization.CultureInfo.InvariantCulture);
        await person.OpenAsync(id);
        await Expect(page.Locator(".list")).ToBeHiddenAsync();
        await page.GoBackAsync();

        await Expect(page.Locator($"a[data-id='{id}']")).ToBeInViewportAsync();
        await Expect(page.Locator($"a[data-id='{id}']")).ToBeFocusedAsync();
        await Expect(person.Detail).ToBeHiddenAsync();
    }

    [Fact]
    public async Task An_address_brings_back_filters_selection_and_day()
    {
        await using var person = await inbox.NewReaderAsync(InboxFixture.Wide, "/app/TEST_1?type=form&channel=search&at=2025-09-10");
        var page = person.Page;
        await person.SeesDayFirstAsync("^2025-09-(10|0)");
        var id = (await person.IdsAsync())[3];
        await person.OpenAsync(id);
        await page.ReloadAsync();

        await Expect(page.Locator($"a[data-id='{id}']")).ToHaveAttributeAsync("aria-current", "true");
        await Expect(person.Detail.Locator("header.title")).ToBeVisibleAsync();
        await Expect(page.Locator("aside.side").GetByLabel("Forms")).ToBeCheckedAsync();
        await Expect(page.Locator("aside.side").GetByLabel("Search")).ToBeCheckedAsync();
        await Expect(page.Locator(".row:not(:has(.kind-form))")).ToHaveCountAsync(0);
    }
}

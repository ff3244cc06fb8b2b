using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Lips.Web.Tests;

/// <summary>Somebody who works with the inbox: what they do and see, in their words.</summary>
public sealed partial class Person(IBrowserContext context, IPage page, bool isWide) : IAsyncDisposable
{
    private readonly List<string> complaints = Listen(page);

    public IPage Page => page;

    public IBrowserContext Context => context;

    /// <summary>Errors of the page and of its content policy.</summary>
    public IReadOnlyList<string> Complaints => complaints;

    public ILocator Rows => page.Locator(".row:not(.blank)");

    public ILocator Links => page.Locator(".row a[data-id]");

    public ILocator Counts => page.Locator("#list-heading");

    public ILocator Detail => page.GetByRole(AriaRole.Region, new() { Name = "Interaction", Exact = true });

    public ILocator Toast => page.Locator(".toast");

    public ILocator Note => page.GetByLabel("Note", new() { Exact = true });

    public ILocator Search => page.GetByRole(AriaRole.Searchbox, new() { Name = "Search" });

    public ILocator Ruler => page.GetByRole(AriaRole.Slider, new() { Name = "Days" });

    public ILocator Button(string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Row(long id) => page.Locator($".row:has(a[data-id='{id}'])");

    public async Task SignInAsync(string secret, string address = "/app/")
    {
        await page.GotoAsync(address);
        await page.GetByLabel("Access token").FillAsync(secret);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Settings" })).ToBeVisibleAsync();
        if (address != "/app/" && !address.Contains("/reports", StringComparison.Ordinal))
            await SeesRowsAsync();
    }

    public async Task SeesRowsAsync()
    {
        await Expect(page.Locator(".scroller")).ToHaveAttributeAsync("aria-busy", "false");
        if (isWide || !DetailAddress().IsMatch(page.Url))
            await Expect(Rows.First).ToBeVisibleAsync();
    }

    /// <summary>The ids of the rows that are in view, from top to bottom.</summary>
    public async Task<long[]> IdsAsync() =>
        await page.EvaluateAsync<long[]>(
            """
            () => {
              const top = document.querySelector('.scroller').getBoundingClientRect().top - 1;
              return [...document.querySelectorAll('.row a[data-id]')].map((a) => [a.getBoundingClientRect().top, +a.dataset.id])
                .filter((pair) => pair[0] >= top && pair[0] < innerHeight).sort((a, b) => a[0] - b[0]).map((pair) => pair[1]);
            }
            """);

    /// <summary>Waits until the first row in view is of a day (an expression).</summary>
    public Task SeesDayFirstAsync(string day) => page.WaitForFunctionAsync(
        """
        (day) => {
          const top = document.querySelector('.scroller').getBoundingClientRect().top - 1;
          const rows = [...document.querySelectorAll('.row')].filter((row) => row.getBoundingClientRect().top >= top)
            .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top);
          return new RegExp(day).test(rows[0]?.querySelector('time')?.dateTime ?? '');
        }
        """,
        day);

    public async Task<long> FirstIdAsync() => (await IdsAsync())[0];

    /// <summary>Opens the filters where they are not beside the list, does something with them, and goes back to the list.</summary>
    public async Task FilterAsync(Func<ILocator, Task> choose)
    {
        if (isWide)
        {
            await choose(page.Locator("aside.side"));
            return;
        }

        await page.GetByRole(AriaRole.Button, new() { NameRegex = FiltersName() }).ClickAsync();
        var drawer = page.GetByRole(AriaRole.Dialog, new() { Name = "Filters" });
        await choose(drawer);
        await drawer.GetByRole(AriaRole.Button, new() { Name = "Show the list" }).ClickAsync();
    }

    public async Task SearchAsync(string text)
    {
        await Search.FillAsync(text);
        await Search.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(new Regex(text.Length == 0 ? @"^(?!.*[?&]q=)" : @"[?&]q="));
        await Expect(page.Locator(".scroller")).ToHaveAttributeAsync("aria-busy", "false");
    }

    public async Task OpenAsync(long id)
    {
        await page.Locator($"a[data-id='{id}']").ClickAsync();
        await Expect(Detail.Locator("header.title")).ToBeVisibleAsync();
    }

    /// <summary>Out of the detail where it covers the list.</summary>
    public async Task BackAsync()
    {
        if (!isWide)
            await page.GetByRole(AriaRole.Button, new() { Name = "Back to the list" }).ClickAsync();
    }

    /// <summary>Opens the settings, which hold what is not needed every day.</summary>
    public Task OpenSettingsAsync() => page.GetByRole(AriaRole.Button, new() { Name = "Settings" }).ClickAsync();

    public async Task<JsonNode> EvaluateAsync(string script) => JsonNode.Parse((await page.EvaluateAsync(script))!.Value.GetRawText())!;

    public async ValueTask DisposeAsync() => await context.DisposeAsync();

    private static List<string> Listen(IPage page)
    {
        var heard = new List<string>();
        page.PageError += (_, error) => heard.Add(error);
        page.Console += (_, message) =>
        {
            // A request that fails is said by the browser as well; tests of failures cause those.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
                heard.Add(message.Text);
        };
        return heard;
    }

    [GeneratedRegex(@"/app/[^/]+/\d+")]
    private static partial Regex DetailAddress();

    [GeneratedRegex("^Filters")]
    private static partial Regex FiltersName();
}

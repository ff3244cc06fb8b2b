using System.Text.RegularExpressions;
using Lips.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Lips.Web.Tests;

/// <summary>The network may go at any moment: it is said, nothing is lost, and it goes on by itself.</summary>
[Collection(InboxFixture.Collection)]
public sealed class NetworkTests(InboxFixture inbox)
{
    [Theory]
    [InlineData(360)]
    [InlineData(1600)]
    public async Task What_is_done_while_the_network_is_away_is_sent_when_it_is_back(int width)
    {
        var screen = width == 360 ? InboxFixture.Narrow : InboxFixture.Wide;
        await using var person = await inbox.NewReaderAsync(screen, "/app/TEST_1");
        var page = person.Page;
        var noted = await person.FirstIdAsync();
        await person.OpenAsync(noted);
        await inbox.Node.UntilAsync(noted, record => (bool)record["read"]!);

        await person.Context.SetOfflineAsync(true);
        await person.Note.FillAsync($"Written in a tunnel, {width} wide.");
        await Expect(page.Locator(".saving.waiting")).ToContainTextAsync("saved when the connection is back");
        await Expect(page.Locator(".banner")).ToContainTextAsync("No connection");
        await person.BackAsync();
        var marked = (await person.IdsAsync())[2];
        await page.Locator($"a[data-id='{marked}']").FocusAsync();
        var was = await person.Row(marked).Locator(".important").CountAsync() > 0;
        await page.Keyboard.PressAsync("i");
        await Expect(person.Row(marked).Locator(".important")).ToHaveCountAsync(was ? 0 : 1);
        await Expect(page.Locator(".banner")).ToContainTextAsync("1 change waits for the connection.");
        Assert.Equal(was, (bool)(await inbox.Node.ShowAsync(marked))["important"]!);

        await person.Context.SetOfflineAsync(false);
        await inbox.Node.UntilAsync(noted, record => (string?)record["notes"] == $"Written in a tunnel, {width} wide.");
        await inbox.Node.UntilAsync(marked, record => (bool)record["important"]! != was);
        await Expect(page.Locator(".banner")).ToHaveTextAsync("");
        await Expect(page.Locator(".connection.live")).ToBeVisibleAsync();
        await Expect(person.Row(marked).Locator(".important")).ToHaveCountAsync(was ? 0 : 1);
    }

    [Fact]
    public async Task A_stream_that_breaks_is_opened_again_after_growing_pauses_and_what_came_meanwhile_is_told()
    {
        var breaks = 0;
        await using var person = await inbox.NewPersonAsync(InboxFixture.Wide);
        var page = person.Page;
        await page.RouteAsync("**/totals/stream*", route =>
        {
            breaks++;
            return route.AbortAsync("connectionreset");
        });
        await person.SignInAsync(LipsNode.AdminToken, "/app/TEST_2");
        await Expect(page.Locator(".connection")).ToContainTextAsync(new Regex("Reconnecting in [0-9]+ s"));
        // The pauses grow, so that from a few breaks on there is time to read how long it takes.
        await Expect(page.Locator(".connection")).ToContainTextAsync(new Regex("Reconnecting in [4-9] s"));
        Assert.InRange(breaks, 2, 5);
        var rows = await person.IdsAsync();
        var arrived = (long)(await inbox.Node.ArriveAsync("TEST_2", "Octavia Lindqvist"))["id"]!;

        await page.UnrouteAllAsync();
        await person.Button("Reconnect now").ClickAsync();
        await Expect(page.Locator(".connection.live")).ToBeVisibleAsync();
        await Expect(page.Locator(".pill")).ToContainTextAsync("1 new");
        Assert.Equal(rows, await person.IdsAsync());
        await page.Locator(".pill").ClickAsync();
        await Expect(person.Row(arrived)).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_page_that_nobody_looks_at_keeps_no_connection()
    {
        await using var person = await inbox.NewReaderAsync(InboxFixture.Wide, "/app/TEST_2");
        var page = person.Page;
        await Expect(page.Locator(".connection.live")).ToBeVisibleAsync();
        const string Hide = """
            (isHidden) => {
              Object.defineProperty(document, 'hidden', { configurable: true, get: () => isHidden });
              document.dispatchEvent(new Event('visibilitychange'));
            }
            """;

        await page.EvaluateAsync(Hide, true);
        await Expect(page.Locator(".connection")).ToContainTextAsync("Paused");
        await page.EvaluateAsync(Hide, false);
        await Expect(page.Locator(".connection.live")).ToBeVisibleAsync();

        // Kept for Back.
        await page.EvaluateAsync("() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))");
        await Expect(page.Locator(".connection")).ToContainTextAsync("Paused");
        await page.EvaluateAsync("() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
        await Expect(page.Locator(".connection.live")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_list_that_cannot_be_loaded_says_so_and_comes_when_the_network_is_back()
    {
        await using var person = await inbox.NewPersonAsync(InboxFixture.Wide);
        var page = person.Page;
        await person.SignInAsync(LipsNode.AdminToken);
        var link = page.GetByRole(AriaRole.Link, new() { NameRegex = new("^TEST_2") });
        await Expect(link).ToBeVisibleAsync();
        await person.Context.SetOfflineAsync(true);
        await link.ClickAsync();
        await Expect(page.Locator(".scroller")).ToContainTextAsync("The list could not be loaded.");
        await Expect(page.Locator(".scroller").GetByRole(AriaRole.Button, new() { Name = "Try again" })).ToBeVisibleAsync();

        await person.Context.SetOfflineAsync(false);
        await person.SeesRowsAsync();
    }

    [Fact]
    public async Task What_the_service_refuses_is_put_back_as_it_was()
    {
        await using var person = await inbox.NewReaderAsync(InboxFixture.Wide, "/app/TEST_2");
        var page = person.Page;
        await page.RouteAsync("**/contact_interactions/actions", route => route.FulfillAsync(new()
        {
            Status = 422,
            ContentType = "application/json",
            Body = """[{"attribute":"ids","message":"must be whole numbers"}]""",
        }));
        var id = (await person.IdsAsync())[1];
        await page.Locator($"a[data-id='{id}']").FocusAsync();
        await page.Keyboard.PressAsync("e");
        await Expect(person.Toast).ToContainTextAsync("Not done, and put back as it was.");
        await Expect(person.Row(id)).ToBeVisibleAsync();
        Assert.Equal(id, (await person.IdsAsync())[1]);
    }

    [Fact]
    public async Task A_service_that_asks_to_go_slower_is_given_time()
    {
        var asked = 0;
        await using var person = await inbox.NewPersonAsync(InboxFixture.Wide);
        var page = person.Page;
        await page.RouteAsync(new Regex(@"/contact_interactions\?"), route => asked++ > 1 ? route.ContinueAsync() : route.FulfillAsync(new()
        {
            Status = 429,
            ContentType = "application/json",
            Headers = [KeyValuePair.Create("Retry-After", "2")],
            Body = """{"name":"too_many_requests","message":"Too Many Requests"}""",
        }));
        await page.GotoAsync("/app/TEST_2");
        await page.GetByLabel("Access token").FillAsync(LipsNode.AdminToken);
        await person.Button("Sign in").ClickAsync();
        await Expect(page.Locator(".banner")).ToContainTextAsync("The service asks to go slower.");
        await person.SeesRowsAsync();
        await Expect(page.Locator(".banner")).ToHaveTextAsync("");
    }
}

using Lips.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Lips.Web.Tests;

/// <summary>The inbox shows what the token may see, offers what it may do, and keeps it to itself.</summary>
[Collection(InboxFixture.Collection)]
public sealed class TokenTests(InboxFixture inbox)
{
    [Fact]
    public async Task The_token_stays_in_the_tab_and_is_never_in_an_address()
    {
        var secret = await inbox.Node.NewSecretAsync(abilities: ["read"]);
        var addresses = new List<string>();
        await using var person = await inbox.NewPersonAsync(InboxFixture.Wide);
        person.Page.Request += (_, request) => addresses.Add(request.Url);
        await person.SignInAsync(secret, "/app/TEST_2");
        await person.OpenAsync(await person.FirstIdAsync());
        addresses.Add(person.Page.Url);

        Assert.DoesNotContain(addresses, address => address.Contains(secret, StringComparison.Ordinal));
        Assert.Equal(secret, await person.Page.EvaluateAsync<string>("() => sessionStorage.getItem('lips.token')"));
        Assert.DoesNotContain(
            secret, await person.Page.EvaluateAsync<string>("() => JSON.stringify([{ ...localStorage }, document.cookie, history.state])"),
            StringComparison.Ordinal);

        await person.OpenSettingsAsync();
        await person.Button("Sign out").ClickAsync();
        await Expect(person.Page.GetByLabel("Access token")).ToBeVisibleAsync();
        Assert.Null(await person.Page.EvaluateAsync<string?>("() => sessionStorage.getItem('lips.token')"));
    }

    [Fact]
    public async Task A_token_that_may_only_read_is_told_so_where_it_would_change_something()
    {
        await using var person = await inbox.NewReaderAsync(
            InboxFixture.Wide, "/app/TEST_2?read=false", await inbox.Node.NewSecretAsync(abilities: ["read"]));
        var id = await person.FirstIdAsync();
        await person.OpenAsync(id);
        foreach (var name in new[] { "Mark as read", "Mark as important", "Archive" })
        {
            var button = person.Detail.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });
            await Expect(button).ToBeDisabledAsync();
            await Expect(button).ToHaveAttributeAsync("title", "This token may read, but not change anything.");
        }

        await Expect(person.Note).Not.ToBeEditableAsync();
        await person.Page.Locator($"a[data-id='{id}']").FocusAsync();
        await person.Page.Keyboard.PressAsync("e");
        await Expect(person.Toast).ToContainTextAsync("may read, but not change anything");
        await Expect(person.Row(id)).ToBeVisibleAsync();
        Assert.False((bool)(await inbox.Node.ShowAsync(id))["read"]!);
    }

    [Fact]
    public async Task A_token_that_sees_no_people_is_told_so_and_cannot_search_for_them()
    {
        await using var person = await inbox.NewReaderAsync(
            InboxFixture.Wide, "/app/TEST_2", await inbox.Node.NewSecretAsync(abilities: ["read"], pii: false));
        await Expect(person.Search).ToBeDisabledAsync();
        await Expect(person.Rows.First).ToContainTextAsync("Hidden contact");
        await person.OpenAsync(await person.FirstIdAsync());
        await Expect(person.Detail).ToContainTextAsync("This token does not see names, numbers and messages.");
    }

    [Fact]
    public async Task An_advertiser_that_is_not_the_tokens_is_said_to_be_so()
    {
        var secret = await inbox.Node.NewSecretAsync(advertisers: new[] { "TEST_1" }, abilities: ["read"]);
        await using var person = await inbox.NewPersonAsync(InboxFixture.Wide);
        await person.SignInAsync(secret);
        await Expect(person.Page.Locator(".advertisers .name")).ToHaveTextAsync(["TEST_1"]);
        await person.Page.GotoAsync("/app/USA_1");
        await Expect(person.Page.Locator(".scroller")).ToContainTextAsync("This token may not see this advertiser.");
    }

    [Fact]
    public async Task A_token_that_is_revoked_ends_the_session_with_a_reason()
    {
        var token = await inbox.Node.NewTokenAsync(new { name = "leaving", advertisers = "all", abilities = new[] { "read" } });
        await using var person = await inbox.NewReaderAsync(InboxFixture.Wide, "/app/TEST_2", token.Secret());
        (await inbox.Node.Client.SendAsync(HttpMethod.Delete, $"/tokens/{token["id"]}")).Is(200);

        await Expect(person.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("no longer valid");
        await Expect(person.Page.GetByLabel("Access token")).ToBeVisibleAsync();
    }
}

using Lips.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Lips.Web.Tests;

/// <summary>A picture of the inbox on the demo data; build/screenshot keeps it.</summary>
[Collection(InboxFixture.Collection)]
public sealed class ScreenshotTests(InboxFixture inbox)
{
    private const int MostBytes = 200_000;

    [Fact]
    public async Task A_picture_of_the_inbox_is_small_enough_for_a_page()
    {
        var secret = await inbox.Node.NewSecretAsync(abilities: ["read"]);
        await using var person = await inbox.NewReaderAsync((1280, 760), "/app/USA_1?type=chat&from=2026-01-01&to=2026-06-30", secret);
        await Expect(person.Page.Locator(".ruler .bar").First).ToBeAttachedAsync();
        await person.Page.Locator(".row a").Nth(1).ClickAsync();
        await Expect(person.Page.Locator(".transcript li").First).ToBeVisibleAsync();
        await Expect(person.Page.Locator(".connection.live")).ToBeVisibleAsync();
        var picture = await person.Page.ScreenshotAsync(new() { Type = ScreenshotType.Png, Caret = ScreenshotCaret.Hide });

        Assert.InRange(picture.Length, 20_000, MostBytes);
        if (Environment.GetEnvironmentVariable("LIPS_SCREENSHOT") is { Length: > 0 } path)
            await File.WriteAllBytesAsync(path, picture);
    }
}

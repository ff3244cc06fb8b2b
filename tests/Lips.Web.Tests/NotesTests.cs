using Lips.Testing;
using static Microsoft.Playwright.Assertions;

namespace Lips.Web.Tests;

/// <summary>Notes are saved as one types, and nobody's words are written over.</summary>
[Collection(InboxFixture.Collection)]
public sealed class NotesTests(InboxFixture inbox)
{
    private const string Theirs = "Theirs: call on Monday.";
    private const string Ours = "Ours: wants a quote.";

    [Theory]
    [InlineData("Keep both", Theirs + "\n\n" + Ours)]
    [InlineData("Keep yours", Ours)]
    [InlineData("Take theirs", Theirs)]
    public async Task Two_who_write_at_once_are_asked_whose_words_stay(string choice, string expected)
    {
        var lead = (long)(await inbox.Node.ArriveAsync("TEST_2", "Conflict Case"))["id"]!;
        await using var person = await inbox.NewReaderAsync(InboxFixture.Wide, $"/app/TEST_2/{lead}");
        await Expect(person.Note).ToBeVisibleAsync();
        await inbox.Node.UntilAsync(lead, record => (bool)record["read"]!);
        // Held back, so that ours is written before the news of theirs is here.
        await person.Page.RouteAsync("**/contact_interactions/changes*", route => route.AbortAsync());
        await WriteAsync(lead, Theirs);
        await person.Note.FillAsync(Ours);

        await Expect(person.Page.Locator(".clash")).ToContainTextAsync(Theirs);
        await Expect(person.Page.Locator(".clash")).ToContainTextAsync(Ours);
        Assert.Equal(Theirs, (string)(await inbox.Node.ShowAsync(lead))["notes"]!);
        await person.Button(choice).ClickAsync();
        await Expect(person.Page.Locator(".clash")).ToHaveCountAsync(0);
        await Expect(person.Note).ToHaveValueAsync(expected);
        await inbox.Node.UntilAsync(lead, record => (string?)record["notes"] == expected);
    }

    [Fact]
    public async Task A_change_of_something_else_is_no_conflict()
    {
        var lead = (long)(await inbox.Node.ArriveAsync("TEST_2", "Quiet Case"))["id"]!;
        await using var person = await inbox.NewReaderAsync(InboxFixture.Wide, $"/app/TEST_2/{lead}");
        await Expect(person.Note).ToBeVisibleAsync();
        await inbox.Node.UntilAsync(lead, record => (bool)record["read"]!);
        await person.Page.RouteAsync("**/contact_interactions/changes*", route => route.AbortAsync());
        (await inbox.Node.Client.SendAsync(
            HttpMethod.Put, $"/contact_interactions/{lead}", new { contact_interaction = new { important = true } })).Is(200);
        await person.Note.FillAsync(Ours);

        await Expect(person.Page.Locator(".saving.saved")).ToBeVisibleAsync();
        var record = await inbox.Node.ShowAsync(lead);
        Assert.Equal(Ours, (string)record["notes"]!);
        Assert.True((bool)record["important"]!);
    }

    [Fact]
    public async Task A_note_that_was_not_saved_yet_is_saved_when_another_row_is_opened()
    {
        var lead = (long)(await inbox.Node.ArriveAsync("TEST_2", "Hasty Case"))["id"]!;
        await using var person = await inbox.NewReaderAsync(InboxFixture.Wide, "/app/TEST_2");
        await person.OpenAsync(lead);
        await person.Note.FillAsync(Ours);
        await person.Page.Locator(".row a").Nth(1).ClickAsync();

        await inbox.Node.UntilAsync(lead, record => (string?)record["notes"] == Ours);
    }

    [Fact]
    public async Task What_others_write_is_seen_without_asking()
    {
        var lead = (long)(await inbox.Node.ArriveAsync("TEST_2", "Shared Case"))["id"]!;
        await using var person = await inbox.NewReaderAsync(InboxFixture.Wide, $"/app/TEST_2/{lead}");
        await Expect(person.Page.Locator(".connection.live")).ToBeVisibleAsync();
        await inbox.Node.UntilAsync(lead, record => (bool)record["read"]!);
        await WriteAsync(lead, Theirs);

        await Expect(person.Note).ToHaveValueAsync(Theirs);
        await Expect(person.Page.Locator(".history")).ToContainTextAsync("Changed: note");
    }

    private async Task WriteAsync(long id, string notes) => (await inbox.Node.Client.SendAsync(
        HttpMethod.Put, $"/contact_interactions/{id}", new { contact_interaction = new { notes } })).Is(200);
}

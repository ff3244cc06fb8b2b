using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.History;

/// <summary><c>GET /contact_interactions/:id/history</c> (contract section 11).</summary>
public sealed class HistoryTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Fact]
    public async Task Who_changed_what_is_told_newest_first()
    {
        var id = await client.NewAsync("USA_1", "call");
        var token = await fixture.Node.NewTokenAsync(new { name = "ada", advertisers = "all", abilities = new[] { "write" } });
        using var ada = fixture.Node.NewClient("token " + token.Secret());
        (await ada.UpdateAsync(id, new { read = true, notes = "called" })).Is(200);
        (await client.ArchiveAsync(id)).Is(200);
        (await ada.UpdateAsync(id, new { read = true })).Is(200);

        var answer = (await client.GetAnswerAsync($"/contact_interactions/{id}/history")).Is(200);

        var history = answer.Json["history"]!.AsArray();
        Assert.Equal(
            ["archive [] admin", """update ["read","notes"] ada""", "ingest [] admin"],
            history.Select(h => $"{h!["action"]} {h["fields"]!.ToJsonString()} {h["token"]!["name"]}"));
        Assert.Equal(token.Id(), (long)history[1]!["token"]!["id"]!);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", (string)history[0]!["at"]!);
        Assert.Equal((null, false), ((string?)answer.Json["next"], (bool)answer.Json["has_more"]!));
    }

    [Fact]
    public async Task A_long_history_is_read_in_pieces()
    {
        var id = await client.NewAsync("USA_1", "call");
        for (var i = 0; i < 6; i++)
        {
            // Alone, and as one of several.
            if (i % 2 == 0)
                (await client.UpdateAsync(id, new { notes = $"{i}" })).Is(200);
            else
                (await client.PostAsync("/contact_interactions/actions", new
                {
                    action = new { type = "update", set = new { notes = $"{i}" }, ids = new[] { id } },
                })).Is(200);
        }

        var all = (await client.GetAnswerAsync($"/contact_interactions/{id}/history")).Is(200).Json["history"]!.AsArray()
            .Select(h => (string)h!["at"]!).ToList();
        var pieces = new List<string>();
        for (string? next = ""; next is not null;)
        {
            var piece = (await client.GetAnswerAsync(
                $"/contact_interactions/{id}/history?limit=2{(next.Length == 0 ? "" : "&before=" + next)}")).Is(200).Json;
            pieces.AddRange(piece["history"]!.AsArray().Select(h => (string)h!["at"]!));
            next = (string?)piece["next"];
        }

        Assert.Equal(7, all.Count);
        Assert.Equal(all, pieces);
    }

    [Fact]
    public async Task There_is_none_of_what_is_not_there_or_is_others()
    {
        var id = await client.NewAsync("USA_2", "call");
        using var other = await fixture.Node.NewCallerAsync(new[] { "USA_1" });

        (await client.GetAnswerAsync("/contact_interactions/999999/history")).Is(404);
        (await other.GetAnswerAsync($"/contact_interactions/{id}/history")).Is(404);
        Assert.Equal(["before"], (await client.GetAnswerAsync($"/contact_interactions/{id}/history?before=x")).Is(422).Attributes);
        Assert.Equal(["limit"], (await client.GetAnswerAsync($"/contact_interactions/{id}/history?limit=0")).Is(422).Attributes);
    }

    [Fact]
    public async Task A_cursor_of_another_interaction_is_422()
    {
        var (one, other) = (await client.NewAsync("USA_3", "call"), await client.NewAsync("USA_3", "call"));
        (await client.UpdateAsync(one, new { read = true })).Is(200);
        var next = (string)(await client.GetAnswerAsync($"/contact_interactions/{one}/history?limit=1")).Is(200).Json["next"]!;

        Assert.Equal(["before"], (await client.GetAnswerAsync($"/contact_interactions/{other}/history?before={next}")).Is(422).Attributes);
    }
}

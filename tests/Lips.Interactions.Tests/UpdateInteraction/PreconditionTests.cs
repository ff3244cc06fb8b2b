using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.UpdateInteraction;

/// <summary><c>If-Match</c> on every change of a record, and <c>Prefer: return=representation</c> (contract section 5).</summary>
public sealed class PreconditionTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Theory]
    [Each("\"old\"", "W/\"old\"", "old", "\"1.0.1.f1\", \"old\"", "")]
    public async Task Nothing_is_changed_in_a_state_that_the_client_does_not_know(string ifMatch)
    {
        var id = await client.NewAsync("USA_1");
        foreach (var (method, target) in Changes(id))
        {
            var answer = await SendAsync(method, target, ifMatch);
            Assert.True(answer.Status == 412, $"{method} {target}: {answer.Status} {answer.Body}");
            Assert.Equal("precondition_failed", (string?)answer.Json["name"]);
        }

        var shown = (await client.GetAnswerAsync($"/contact_interactions/{id}")).Is(200).Json;
        Assert.False((bool)shown["read"]!);
        Assert.Null(shown["archived_at"]);
    }

    [Fact]
    public async Task A_change_is_made_in_the_state_that_was_shown_and_once()
    {
        var id = await client.NewAsync("USA_1");
        foreach (var (method, target) in Changes(id))
        {
            var tag = await TagAsync(id);
            (await SendAsync(method, target, $"\"other\", {tag}")).Is(200);
            Assert.NotEqual(tag, await TagAsync(id));
            (await SendAsync(method, target, tag)).Is(412);
            (await SendAsync(method, target, "*")).Is(200);
        }
    }

    [Fact]
    public async Task Of_two_that_saw_the_same_state_one_changes_it()
    {
        var id = await client.NewAsync("USA_1");
        for (var round = 0; round < 20; round++)
        {
            var tag = await TagAsync(id);
            var both = await Task.WhenAll(NotesAsync($"a{round}"), NotesAsync($"b{round}"));

            Assert.Equal([200, 412], both.Select(a => a.Status).Order());

            Task<Answer> NotesAsync(string notes) => client.SendAsync(
                HttpMethod.Put, $"/contact_interactions/{id}", new { contact_interaction = new { notes } }, ("If-Match", tag));
        }
    }

    [Fact]
    public async Task What_there_is_not_is_404_whatever_state_is_named() =>
        (await SendAsync("PUT", "/contact_interactions/987654321", "\"old\"")).Is(404);

    [Fact]
    public async Task A_client_that_has_the_object_gets_304()
    {
        var id = await client.NewAsync("USA_1");
        var tag = await TagAsync(id);

        var same = await client.SendAsync(HttpMethod.Get, $"/contact_interactions/{id}", (HttpContent?)null, ("If-None-Match", tag));

        Assert.Empty(same.Is(304).Body);
    }

    [Fact]
    public async Task The_object_is_answered_to_who_prefers_it()
    {
        var id = await client.NewAsync("USA_1");

        var answer = (await client.SendAsync(
            HttpMethod.Patch, $"/contact_interactions/{id}", new { contact_interaction = new { read = true } },
            ("Prefer", "return=representation"))).Is(200);

        Assert.True((bool)answer.Json["read"]!);
        Assert.Equal("return=representation", string.Join(',', answer.Headers.GetValues("Preference-Applied")));
        var shown = (await client.GetAnswerAsync($"/contact_interactions/{id}")).Is(200);
        Assert.True(JsonNode.DeepEquals(shown.Json, answer.Json), answer.Body);
        Assert.Equal(shown.Headers.ETag, answer.Headers.ETag);
    }

    private static IEnumerable<(string Method, string Target)> Changes(long id) =>
    [
        ("PUT", $"/contact_interactions/{id}"), ("DELETE", $"/contact_interactions/{id}"), ("PUT", $"/contact_interactions/{id}/unarchive"),
    ];

    private Task<Answer> SendAsync(string method, string target, string ifMatch) => client.SendAsync(
        new HttpMethod(method), target, new { contact_interaction = new { read = true } }, ("If-Match", ifMatch));

    private async Task<string> TagAsync(long id) =>
        (await client.GetAnswerAsync($"/contact_interactions/{id}")).Is(200).Headers.ETag!.ToString();
}

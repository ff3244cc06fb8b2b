using System.Text;
using Lips.Interactions.Tests.Errors;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.UpdateInteraction;

public sealed class UpdateTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Fact]
    public async Task An_update_changes_what_it_names_and_leaves_the_rest()
    {
        var id = await NewAsync();
        await client.UpdateAsync(id, new { important = true, notes = "call back" });

        var answer = await client.UpdateAsync(id, new { read = true });

        Assert.Equal("""{"contact_interaction":"successfully updated!"}""", answer.Is(200).Body);
        var shown = (await client.GetAnswerAsync($"/contact_interactions/{id}")).Is(200).Json;
        Assert.True((bool)shown["read"]!);
        Assert.True((bool)shown["important"]!);
        Assert.Equal("call back", (string?)shown["notes"]);
    }

    [Fact]
    public async Task Nothing_is_changed_when_anything_is_invalid()
    {
        var id = await NewAsync();

        var answer = await client.UpdateAsync(id, new { read = true, important = "yes", notes = new string('x', 10_001) });

        Assert.Equal(["important", "notes"], answer.Is(422).Attributes);
        Assert.False((bool)(await client.GetAnswerAsync($"/contact_interactions/{id}")).Json["read"]!);
    }

    [Theory]
    [InlineData("{", "application/json", 400)]
    [InlineData("{}", "text/plain", 415)]
    [InlineData("{}", "application/json", 422)]
    [InlineData("""{"contact_interaction":{"read":"yes"}}""", "application/json", 422)]
    public async Task What_there_is_not_is_404_whatever_else_is_wrong(string body, string type, int otherwise)
    {
        (await SendAsync(987_654_321, body, type)).IsError(404, "not_found");
        (await SendAsync(await NewAsync(), body, type)).Is(otherwise);
    }

    [Fact]
    public async Task An_update_that_changes_nothing_raises_no_version()
    {
        var id = await NewAsync();
        await client.UpdateAsync(id, new { read = true });
        var before = await VersionAsync();

        (await client.UpdateAsync(id, new { read = true, important = false })).Is(200);

        Assert.Equal(before, await VersionAsync());
    }

    private async Task<Answer> SendAsync(long id, string body, string type)
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        return await client.SendAsync(HttpMethod.Put, $"/contact_interactions/{id}", content);
    }

    private Task<long> VersionAsync() =>
        fixture.ScalarAsync<long>("SELECT version FROM counters.advertisers WHERE advertiser = 1000000000001");

    private async Task<long> NewAsync() => (long)(await client.IngestAsync(
        new { global_master_advertiser_id = "USA_1", event_type = "CallEvent", occurred_at = "2021-09-06T16:16:08.000Z" }))["id"]!;
}

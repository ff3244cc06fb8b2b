using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests;

public sealed class UpdateTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Fact]
    public async Task An_update_changes_what_it_names_and_leaves_the_rest()
    {
        var id = await NewAsync();
        await PutAsync(id, new { important = true, notes = "call back" });

        var answer = await PutAsync(id, new { read = true });

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

        var answer = await PutAsync(id, new { read = true, important = "yes", notes = new string('x', 10_001) });

        Assert.Equal(["important", "notes"], answer.Is(422).Attributes);
        Assert.False((bool)(await client.GetAnswerAsync($"/contact_interactions/{id}")).Json["read"]!);
    }

    [Fact]
    public async Task An_update_that_changes_nothing_raises_no_version()
    {
        var id = await NewAsync();
        await PutAsync(id, new { read = true });
        var before = await VersionAsync();

        (await PutAsync(id, new { read = true, important = false })).Is(200);

        Assert.Equal(before, await VersionAsync());
    }

    private Task<long> VersionAsync() => fixture.ScalarAsync<long>("SELECT version FROM counters.advertisers WHERE advertiser = 1000000000001");

    private Task<Answer> PutAsync(long id, object change) =>
        client.SendAsync(HttpMethod.Put, $"/contact_interactions/{id}", new { contact_interaction = change });

    private async Task<long> NewAsync() => (long)(await client.IngestAsync(
        new { global_master_advertiser_id = "USA_1", event_type = "CallEvent", occurred_at = "2021-09-06T16:16:08.000Z" }))["id"]!;
}

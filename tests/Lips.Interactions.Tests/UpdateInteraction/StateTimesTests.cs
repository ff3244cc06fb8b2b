using System.Globalization;
using System.Text.Json.Nodes;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.UpdateInteraction;

/// <summary><c>read_at</c> and <c>important_at</c>: when it last became so, else null (contract section 4).</summary>
public sealed class StateTimesTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Theory]
    [InlineData("read", "important")]
    [InlineData("important", "read")]
    public async Task The_time_is_that_of_becoming_so_and_goes_with_it(string mark, string other)
    {
        var id = (await client.SendOneAsync(Records.Call("USA_1"))).Is(201).Json.Id();
        Assert.Equal((null, null), await TimesAsync(id, mark, other));

        await PutAsync(id, mark, true);
        var (first, none) = await TimesAsync(id, mark, other);
        Assert.True(DateTime.UtcNow - first < TimeSpan.FromMinutes(5));
        Assert.Null(none);

        // What it is already is no change, and neither is what concerns something else.
        await PutAsync(id, mark, true);
        await PutAsync(id, "notes", "x");
        (await client.ArchiveAsync(id)).Is(200);
        (await client.UnarchiveAsync(id)).Is(200);
        Assert.Equal((first, null), await TimesAsync(id, mark, other));

        await PutAsync(id, other, true);
        var (same, second) = await TimesAsync(id, mark, other);
        Assert.Equal(first, same);
        Assert.True(second >= first);

        await PutAsync(id, mark, false);
        Assert.Equal((null, second), await TimesAsync(id, mark, other));
        await PutAsync(id, mark, true);
        Assert.True((await TimesAsync(id, mark, other)).Mark > first);
        await fixture.Node.AssertWholeAsync();
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task What_comes_in_so_became_so_when_it_was_stored(bool read, bool important)
    {
        var record = Records.Call("USA_2").With("read", read).With("important", important).With("created_at", "2021-01-01")
            .With("read_at", "2021-01-01").With("important_at", "2021-01-01");
        var one = (await client.SendOneAsync(record)).Is(201).Json;
        (await client.BulkAsync([record])).Is(200);

        foreach (var interaction in (JsonNode[])[one, await client.ShowAsync(one.Id()), await client.ShowAsync(one.Id() + 1)])
        {
            Assert.Equal(read, TimeOf(interaction, "read") is { } readAt && DateTime.UtcNow - readAt < TimeSpan.FromMinutes(5));
            Assert.Equal(
                important, TimeOf(interaction, "important") is { } importantAt && DateTime.UtcNow - importantAt < TimeSpan.FromMinutes(5));
        }
    }

    [Fact]
    public async Task Of_what_was_read_before_its_time_was_kept_it_is_null_on_every_page()
    {
        var known = (await client.SendOneAsync(Records.Call("USA_3").With("read", true).With("important", true).With("notes", "7:x")))
            .Is(201).Json.Id();
        var unknown = (await client.SendOneAsync(Records.Call("USA_3").With("read", true).With("important", true))).Is(201).Json.Id();
        await TestPostgres.ExecuteAsync(
            fixture.Node.ConnectionString, string.Create(CultureInfo.InvariantCulture,
                $"UPDATE interactions.interactions SET read_at = NULL, important_at = NULL WHERE id = {unknown}"));

        foreach (var query in (
            string[])["", "&per_page=7", "&sort_by=occurred_at", "&event_type=call", "&channel=none&archived=false", "&sort_by=important"])
        {
            var list = (await client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_3" + query)).Is(200)
                .Json["contact_interactions"]!.AsArray();
            foreach (var interaction in list)
            {
                Assert.Equal(interaction!.Id() == known, TimeOf(interaction!, "read") is not null);
                Assert.Equal((await client.ShowAsync(interaction!.Id())).ToJsonString(), interaction!.ToJsonString());
            }

            Assert.Equal(query.Contains("channel", StringComparison.Ordinal) ? 0 : 2, list.Count);
        }
    }

    private async Task PutAsync(long id, string name, JsonNode value) =>
        (await client.SendAsync(HttpMethod.Put, $"/contact_interactions/{id}",
            new JsonObject { ["contact_interaction"] = new JsonObject { [name] = value } })).Is(200);

    private async Task<(DateTime? Mark, DateTime? Other)> TimesAsync(long id, string mark, string other)
    {
        var shown = await client.ShowAsync(id);
        return (TimeOf(shown, mark), TimeOf(shown, other));
    }

    private static DateTime? TimeOf(JsonNode interaction, string mark)
    {
        var text = (string?)interaction.AsObject()[mark + "_at"];
        Assert.True(interaction.AsObject().ContainsKey(mark + "_at"));
        return text is null ? null : DateTime.ParseExact(text, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture,
            DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);
    }
}

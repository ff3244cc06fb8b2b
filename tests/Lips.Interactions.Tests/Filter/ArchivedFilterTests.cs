using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Filter;

public sealed class ArchivedFilterTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Fact]
    public async Task True_finds_only_the_archived_and_false_or_nothing_only_the_others()
    {
        var kept = await client.NewAsync("USA_1");
        var imported = await client.NewAsync("USA_1", more: ("archived_at", "2022-01-01T00:00:00Z"));
        var deleted = await client.NewAsync("USA_1");
        (await client.ArchiveAsync(deleted)).Is(200);

        Assert.Equal([imported, deleted], await FoundAsync("archived=true"));
        Assert.Equal([kept], await FoundAsync(""));
        Assert.Equal([kept], await FoundAsync("archived=false"));

        await client.UnarchiveAsync(imported);
        Assert.Equal([deleted], await FoundAsync("archived=true"));
        Assert.Equal([kept, imported], await FoundAsync("archived=false"));
    }

    [Fact]
    public async Task The_archived_are_counted_only_where_they_are_asked_for()
    {
        await client.NewAsync("USA_2");
        await client.NewAsync("USA_2", "FormEvent", ("archived_at", "2022-01-01T00:00:00Z"), ("read", true));

        Assert.Equal(["1 1 0", "1 0 1"], [await CountsAsync(""), await CountsAsync("&archived=true")]);

        async Task<string> CountsAsync(string filter)
        {
            var totals = (await client.GetAnswerAsync("/contact_interactions/totals?global_master_advertiser_id=USA_2" + filter))
                .Is(200).Json["totals"]!;
            return $"{totals["events"]} {totals["call_events"]} {totals["form_events"]}";
        }
    }

    private Task<IReadOnlyList<long>> FoundAsync(string filter) => client.FoundAsync("global_master_advertiser_id=USA_1&" + filter);
}

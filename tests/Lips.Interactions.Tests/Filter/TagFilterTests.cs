using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Filter;

public sealed class TagFilterTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Fact]
    public async Task Tags_find_what_has_any_of_them_and_each_once()
    {
        var both = await client.NewAsync("USA_1", more: ("tags", new[] { "foo", "bar" }));
        var foo = await client.NewAsync("USA_1", more: ("tags", new[] { "foo" }));
        var bar = await client.NewAsync("USA_1", more: ("tags", new[] { "bar", "baz" }));
        await client.NewAsync("USA_1");

        Assert.Equal([both, foo], await FoundAsync("tags[]=foo"));
        Assert.Equal([both, foo, bar], await FoundAsync("tags[]=foo&tags[]=bar"));
        Assert.Equal([both, foo, bar], await FoundAsync("tags=foo&tags=bar&tags[]=baz&tags[]=foo"));
        Assert.Equal([bar], await FoundAsync("tags[]=baz&tags[]=nothing"));
        Assert.Empty(await FoundAsync("tags[]=foo,bar"));
        Assert.Empty(await FoundAsync("tags[]=FOO"));

        foreach (var sorting in (string[])["", "&sort_by=important", "&sort_dir=asc", "&sort_by=important&sort_dir=desc"])
        {
            var answer = (await client.GetAnswerAsync(
                "/contact_interactions?global_master_advertiser_id=USA_1&tags[]=foo&tags[]=bar&per_page=2" + sorting)).Is(200).Json;
            Assert.Equal((3, 2), ((int)answer["totals"]!["events"]!, (int)answer["total_pages"]!));
        }
    }

    [Fact]
    public async Task Tags_are_served_as_they_came_each_once()
    {
        var answered = await client.IngestAsync(Make.Interaction("USA_2", more: ("tags", new[] { "zeta", "Alpha", "zeta", " ünï 😀 " })));

        Assert.Equal(["zeta", "Alpha", " ünï 😀 "], answered["tags"]!.AsArray().Select(t => (string?)t));
        Assert.Equal(
            [(long)answered["id"]!],
            await client.FoundAsync("global_master_advertiser_id=USA_2&tags[]=" + Uri.EscapeDataString(" ünï 😀 ")));
    }

    private Task<IReadOnlyList<long>> FoundAsync(string filter) => client.FoundAsync("global_master_advertiser_id=USA_1&" + filter);
}

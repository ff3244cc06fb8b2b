using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Partners;

public sealed class PartnerPageTests(PartnerPageTests.Sixty fixture) : IClassFixture<PartnerPageTests.Sixty>
{
    private const string List = "/contact_interactions?global_master_advertiser_id=USA_1";

    [Fact]
    public async Task A_page_holds_25_also_for_trusted_callers_and_has_no_counts()
    {
        foreach (var trusted in (bool[])[false, true])
        {
            using var partner = await fixture.Node.NewPartnerAsync(trusted: trusted);

            var answer = (await partner.GetAnswerAsync(List)).Is(200);

            Assert.Equal(["contact_interactions", "page", "total_pages", "per_page"], answer.Json.AsObject().Select(f => f.Key));
            Assert.Equal((1, 3, 25), ((int)answer.Json["page"]!, (int)answer.Json["total_pages"]!, (int)answer.Json["per_page"]!));
            Assert.Equal(25, answer.Ids.Count);
        }
    }

    [Fact]
    public async Task The_pages_together_are_the_unarchived_interactions_newest_first()
    {
        using var partner = await fixture.Node.NewPartnerAsync();
        var all = (await fixture.Client.GetAnswerAsync(List + "&per_page=500")).Is(200).Ids;
        var paged = new List<long>();
        for (var page = 1; page <= 6; page++)
            paged.AddRange((await partner.GetAnswerAsync($"{List}&per_page=12&page={page}")).Is(200).Ids);

        Assert.Equal(60, all.Count);
        Assert.Equal(all, paged);
        Assert.Empty((await partner.GetAnswerAsync(List + "&page=4")).Is(200).Ids);
        Assert.Equal(all, (await partner.GetAnswerAsync(List + "&per_page=500&sort_by=occurred_at&sort_dir=asc")).Is(200).Ids);
    }

    [Fact]
    public async Task Headers_are_those_of_the_full_profile()
    {
        using var partner = await fixture.Node.NewPartnerAsync();

        var answer = (await partner.GetAnswerAsync(List + "&page=2")).Is(200);

        Assert.Equal(
            "</contact_interactions?global_master_advertiser_id=USA_1&page=1>; rel=\"first\", "
                + "</contact_interactions?global_master_advertiser_id=USA_1&page=1>; rel=\"prev\", "
            + "</contact_interactions?global_master_advertiser_id=USA_1&page=3>; rel=\"next\", "
            + "</contact_interactions?global_master_advertiser_id=USA_1&page=3>; rel=\"last\"",
            string.Join(", ", answer.Headers.GetValues("Link")));
        Assert.True(answer.Headers.CacheControl is { Private: true, NoCache: true });
        Assert.Equal(["Authorization", "x-api-key", "Accept-Encoding"], answer.Headers.Vary);
    }

    [Fact]
    public async Task A_tag_is_of_one_profile()
    {
        var (secret, key) = await fixture.Node.NewKeyAsync();
        using var client = fixture.Node.NewClient("token " + secret);
        var full = await TagAsync(200);
        var partner = await TagAsync(200, ("x-api-key", key));

        Assert.NotEqual(full, partner);
        Assert.Equal(full, await TagAsync(304, ("If-None-Match", full)));
        Assert.Equal(partner, await TagAsync(304, ("x-api-key", key), ("If-None-Match", partner)));
        Assert.Equal(partner, await TagAsync(200, ("x-api-key", key), ("If-None-Match", full)));
        Assert.Equal(full, await TagAsync(200, ("If-None-Match", partner)));

        async Task<string> TagAsync(int status, params (string Name, string Value)[] headers) =>
            (await client.SendAsync(HttpMethod.Get, List, null, headers)).Is(status).Headers.ETag!.ToString();
    }

    /// <summary>60 interactions, and 10 that are archived.</summary>
    public sealed class Sixty : IAsyncLifetime
    {
        private LipsNode? node;

        public LipsNode Node => node!;

        public HttpClient Client => Node.Client;

        public async Task InitializeAsync()
        {
            node = await LipsNode.StartAsync();
            var start = new DateTime(2021, 9, 1, 0, 0, 0, DateTimeKind.Utc);
            var lines = Enumerable.Range(0, 70).Select(i => Make.Interaction(
                "USA_1", more: [("occurred_at", start.AddHours(i * 7)), ("archived_at", i % 7 == 0 ? start.AddYears(1) : null)]));
            (await node.Client.BulkAsync(lines)).Is(200);
        }

        public Task DisposeAsync() => Node.DisposeAsync().AsTask();
    }
}

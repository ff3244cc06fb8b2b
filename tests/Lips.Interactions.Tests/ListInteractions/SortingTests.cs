using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.ListInteractions;

public sealed class SortingTests(SortingTests.TiedInteractions fixture) : IClassFixture<SortingTests.TiedInteractions>
{
    // Letters are given in the order of ids. b, c share a time, and so do d, e, f; c, e and g are important.
    [Theory]
    [InlineData("", "gfedcba")]
    [InlineData("sort_dir=asc", "abcdefg")]
    [InlineData("sort_dir=desc", "gfedcba")]
    [InlineData("sort_by=occurred_at", "abcdefg")]
    [InlineData("sort_by=occurred_at&sort_dir=asc", "abcdefg")]
    [InlineData("sort_by=occurred_at&sort_dir=desc", "gfedcba")]
    [InlineData("sort_by=important", "fdbagec")]
    [InlineData("sort_by=important&sort_dir=asc", "fdbagec")]
    [InlineData("sort_by=important&sort_dir=desc", "gecfdba")]
    [InlineData("sort_by=IMPORTANT&sort_dir=DESC", "gecfdba")]
    public async Task A_list_has_the_order_that_is_asked_for_and_ties_are_broken_by_id(string sorting, string expected)
    {
        foreach (var filter in (string[])["", "&event_type[]=call", "&event_type[]=call"
            + "&event_type[]=form", "&tags[]=t", "&tags[]=t&tags[]=u", "&channel[]=search&channel[]=none",
            "&global_master_campaign_id=USA_1,USA_2", "&event_params[phone_numbers]=9893643647", "&global_master_advertiser_id=USA_2"])
        {
            Assert.Equal((filter, expected), (filter, await fixture.ListAsync($"{sorting}{filter}")));
            var pages = "";
            for (var page = 1; page <= 4; page++)
                pages += await fixture.ListAsync($"{sorting}{filter}&per_page=2&page={page}");
            Assert.Equal((filter, expected), (filter, pages));
        }
    }

    [Theory]
    [InlineData("sort_by=id", "sort_by")]
    [InlineData("sort_by=important,occurred_at", "sort_by")]
    [InlineData("sort_by=occured_at desc", "sort_by")]
    [InlineData("sort_dir=up", "sort_dir")]
    [InlineData("sort_dir=", "sort_dir")]
    public async Task Another_order_is_refused(string sorting, string attribute) =>
        Assert.Equal([attribute], (await fixture.AskAsync(sorting)).Is(422).Attributes);

    public sealed class TiedInteractions : IAsyncLifetime
    {
        private readonly NodeFixture fixture = new();
        private readonly Dictionary<long, char> names = [];

        public Task<Answer> AskAsync(string query) =>
            fixture.Client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_1&" + query);

        public async Task<string> ListAsync(string query) => string.Concat((await AskAsync(query)).Is(200).Ids.Select(id => names[id]));

        public async Task InitializeAsync()
        {
            await fixture.InitializeAsync();
            var (days, letter) = (new[] { 1, 2, 2, 3, 3, 3, 4 }, 'a');
            foreach (var day in days)
            {
                names.Add(
                    await fixture.Client.NewAsync("USA_1", more:
                    [
                        ("occurred_at", $"2021-09-0{day}"),
                        ("important", letter is 'c' or 'e' or 'g'),
                        ("tags", letter is 'b' or 'c' ? ["t", "u"] : new[] { "t" }),
                        ("wpc_id", "w"),
                        ("channel", day == 2 ? "search" : null),
                        ("global_master_campaign_id", day == 3 ? "USA_2" : "USA_1"),
                        ("contact", new { phone_numbers = new[] { new { phone_type = "work", phone_number = "+19893643647" } } }),
                    ]),
                    letter++);
            }
        }

        public Task DisposeAsync() => fixture.DisposeAsync();
    }
}

using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Filter;

public sealed class DateFilterTests(DateFilterTests.AroundMidnight fixture) : IClassFixture<DateFilterTests.AroundMidnight>
{
    [Theory]
    [InlineData("start_date=2021-09-06&end_date=2021-09-06", "bcde")]
    [InlineData("start_date=2021-09-06", "bcdefg")]
    [InlineData("end_date=2021-09-06", "abcde")]
    [InlineData("start_date=2021-09-07&end_date=2021-09-07", "fg")]
    [InlineData("start_date=2021-09-05&end_date=2021-09-05", "a")]
    [InlineData("start_date=2021-09-08", "")]
    [InlineData("start_date=0001-01-01&end_date=9999-12-31", "abcdefg")]
    public async Task A_date_is_a_whole_day_of_UTC_and_both_ends_are_inclusive(string query, string expected) =>
        Assert.Equal(expected, await fixture.FoundAsync(query));

    [Theory]
    [InlineData("start_date=2021-09-06T12:00:00.000Z&end_date=2021-09-06T12:00:00.001Z", "cd")]
    [InlineData("start_date=2021-09-06T12:00:00Z&end_date=2021-09-06T12:00:00Z", "c")]
    [InlineData("start_date=2021-09-06T12:00:00.001Z", "defg")]
    [InlineData("start_date=2021-09-06T12:00:00.0019Z", "defg")]
    [InlineData("end_date=2021-09-06T12:00:00.0009Z", "abc")]
    [InlineData("end_date=2021-09-06T12:00", "abc")]
    [InlineData("start_date=2021-09-06T23:59:59.999Z&end_date=2021-09-07T00:00:00.000Z", "ef")]
    [InlineData("start_date=2021-09-06T12:00:00.001Z&end_date=2021-09-06", "de")]
    [InlineData("start_date=2021-09-06&end_date=2021-09-06T12:00:00Z", "bc")]
    public async Task An_instant_is_exact_to_the_millisecond(string query, string expected) =>
        Assert.Equal(expected, await fixture.FoundAsync(query));

    [Theory]
    [InlineData("start_date=2021-09-06T14:00:00.001%2B02:00&end_date=2021-09-06", "de")]
    [InlineData("start_date=2021-09-06T14:00:00.001+02:00&end_date=2021-09-06", "de")]
    [InlineData("start_date=2021-09-06T14:00:00.001%2002:00&end_date=2021-09-06", "de")]
    [InlineData("start_date=2021-09-06+14:00:00.001+0200&end_date=2021-09-06", "de")]
    [InlineData("end_date=2021-09-06T07:00:00-05:00", "abc")]
    [InlineData("start_date=2021-09-07+00:00:00+%2B0000", "fg")]
    [InlineData("start_date=2021-09-07 00:00:00 +0000", "fg")]
    [InlineData("start_date=2021-09-07%2000:00:00%20UTC", "fg")]
    [InlineData("end_date=2021-09-06+07:00:00+-05:00", "abc")]
    [InlineData("end_date=2021-09-06+07:00:00+-0500", "abc")]
    [InlineData("start_date=+2021-09-07&end_date=%202021-09-07", "fg")]
    [InlineData("end_date=2021-09-06T17:30:00+05:30", "abc")]
    [InlineData("start_date=2021-09-07T13:59:59.999%2B14", "efg")]
    public async Task An_offset_counts_also_where_a_space_stands_for_its_plus(string query, string expected) =>
        Assert.Equal(expected, await fixture.FoundAsync(query));

    [Theory]
    [Each("start_date=2021-09-07&end_date=2021-09-06", "start_date=2021-09-06T12:00:00.001Z&end_date=2021-09-06T12:00:00.000Z",
        "start_date=2021-09-07T00:00:00Z&end_date=2021-09-06", "start_date=2021-09-06T12:00:00-01:00&end_date=2021-09-06T12:30:00Z")]
    public async Task A_start_after_the_end_is_refused(string query) =>
        Assert.Equal(["start_date"], (await fixture.AskAsync(query)).Is(422).Attributes);

    [Theory]
    [Each("2021-02-29", "2021-13-01", "2021-9-6", "06/09/2021", "20210906", "yesterday", "2021-09-06T24:00:00Z", "2021-09-06T12:60:00Z",
        "2021-09-06T12:00:00+25:00", "2021-09-06T12:00:00Zulu", "0001-01-01T00:00:00%2B01:00", "9999-12-31T23:59:59-01:00", "")]
    public async Task What_is_no_date_is_refused(string value) =>
        Assert.Equal(["start_date", "end_date"], (await fixture.AskAsync($"start_date={value}&end_date={value}")).Is(422).Attributes);

    /// <summary>Seven interactions, each called by a letter.</summary>
    public sealed class AroundMidnight : IAsyncLifetime
    {
        private readonly NodeFixture fixture = new();
        private readonly Dictionary<long, char> names = [];

        public Task<Answer> AskAsync(string query) =>
            fixture.Client.GetAnswerAsync("/contact_interactions?global_master_advertiser_id=USA_1&" + query);

        public async Task<string> FoundAsync(string query) =>
            string.Concat((await AskAsync(query)).Is(200).Ids.Select(id => names[id]).Order());

        public async Task InitializeAsync()
        {
            await fixture.InitializeAsync();
            await AddAsync('a', "2021-09-05T23:59:59.999Z");
            await AddAsync('b', "2021-09-06T00:00:00.000Z");
            await AddAsync('c', "2021-09-06T12:00:00.000Z");
            await AddAsync('d', "2021-09-06T12:00:00.0019999Z");
            await AddAsync('e', "2021-09-06T23:59:59.999Z");
            await AddAsync('f', "2021-09-07T02:00:00+02:00");
            await AddAsync('g', "2021-09-07T23:59:59.999Z");
        }

        public Task DisposeAsync() => fixture.DisposeAsync();

        private async Task AddAsync(char name, string time) =>
            names.Add(await fixture.Client.NewAsync("USA_1", more: ("occurred_at", time)), name);
    }
}

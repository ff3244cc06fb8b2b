using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Filter;

public sealed class CallDurationFilterTests(NodeFixture fixture) : IClassFixture<NodeFixture>
{
    private readonly HttpClient client = fixture.Client;

    [Fact]
    public async Task It_finds_calls_that_are_at_least_or_at_most_so_long_and_nothing_else()
    {
        var none = await CallAsync(null);
        var zero = await CallAsync(0);
        var short_ = await CallAsync(59);
        var long_ = await CallAsync(60);
        var endless = await CallAsync(int.MaxValue);
        var form = await client.NewAsync("USA_1", "FormEvent", ("call", new { duration = 100 }));

        Assert.Equal([zero, short_, long_, endless], await FoundAsync("call_duration=0"));
        Assert.Equal([short_, long_, endless], await FoundAsync("call_duration=59"));
        Assert.Equal([long_, endless], await FoundAsync("call_duration=60"));
        Assert.Equal([endless], await FoundAsync("call_duration=2147483647"));
        Assert.Equal([none, zero, short_, long_, endless, form], await FoundAsync(""));
        Assert.Equal([long_, endless], await FoundAsync("call_duration=60&event_type[]=call&event_type[]=form"));
        Assert.Empty(await FoundAsync("call_duration=0&event_type[]=form"));
        Assert.Equal([zero], await FoundAsync("max_call_duration=0"));
        Assert.Equal([zero, short_], await FoundAsync("max_call_duration=59"));
        Assert.Equal([zero, short_, long_, endless], await FoundAsync("max_call_duration=2147483647"));
        Assert.Equal([short_, long_], await FoundAsync("call_duration=1&max_call_duration=60"));
        Assert.Empty(await FoundAsync("call_duration=60&max_call_duration=59"));
        Assert.Empty(await FoundAsync("max_call_duration=100&event_type[]=form"));
    }

    [Theory]
    [Each("-1", "1.5", "1e-2", "%2B5", "2147483648", "long", "", "\u0665")]
    public async Task What_is_no_number_of_seconds_is_refused(string value) =>
        Assert.Equal(["call_duration", "max_call_duration"], (await client.GetAnswerAsync(
            $"/contact_interactions?global_master_advertiser_id=USA_1&call_duration={value}&max_call_duration={value}"))
            .Is(422).Attributes);

    private Task<long> CallAsync(int? duration) => client.NewAsync("USA_1", more: ("call", new { duration }));

    private Task<IReadOnlyList<long>> FoundAsync(string filter) => client.FoundAsync("global_master_advertiser_id=USA_1&" + filter);
}

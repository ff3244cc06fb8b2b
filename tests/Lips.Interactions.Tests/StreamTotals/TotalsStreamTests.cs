using System.Diagnostics;
using Lips.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Lips.Interactions.Tests.StreamTotals;

public sealed class TotalsStreamTests(TwoNodes nodes, ITestOutputHelper output) : IClassFixture<TwoNodes>
{
    private const string Totals = "/contact_interactions/totals";
    private const string Stream = Totals + "/stream";

    [Fact]
    public async Task A_stream_begins_with_the_body_of_the_totals_and_goes_on_after_changes_through_any_node()
    {
        const string query = "?global_master_advertiser_id=USA_1,USA_2&event_type[]=call";
        var id = await nodes.First.Client.NewAsync("USA_1");
        await using var stream = await EventStream.OpenAsync(nodes.First.Client, Stream + query);

        Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType!.ToString());
        Assert.True(stream.Response.Headers.CacheControl!.NoStore);
        Assert.Equal("no", Assert.Single(stream.Response.Headers.GetValues("X-Accel-Buffering")));
        Assert.Equal($"retry: 2000\nevent: totals\ndata: {await BodyAsync(query)}", await stream.NextBlockAsync());

        (await nodes.Second.Client.UpdateAsync(id, new { read = true })).Is(200);
        Assert.Equal($"event: totals\ndata: {await BodyAsync(query)}", await stream.NextBlockAsync());
        await nodes.First.Client.NewAsync("USA_2");
        Assert.Equal($"event: totals\ndata: {await BodyAsync(query)}", await stream.NextBlockAsync());
        (await nodes.Second.Client.ArchiveAsync(id)).Is(200);
        Assert.Equal($"event: totals\ndata: {await BodyAsync(query)}", await stream.NextBlockAsync());

        async Task<string> BodyAsync(string of) => (await nodes.First.Client.GetAnswerAsync(Totals + of)).Is(200).Body;
    }

    [Theory]
    [InlineData("tags[]=hot", "tags", "hot")]
    [InlineData("external_id=42&external_app_id=crm", "external_id", "42")]
    public async Task A_filter_that_the_counters_do_not_know_is_streamed_too(string filter, string name, string value)
    {
        var advertiser = name == "tags" ? "USA_11" : "USA_12";
        await using var stream = await EventStream.OpenAsync(
            nodes.First.Client, $"{Stream}?global_master_advertiser_id={advertiser}&{filter}");
        Assert.Equal(0, (int)(await stream.NextAsync())["totals"]!["events"]!);

        await nodes.Second.Client.NewAsync(advertiser);
        await nodes.Second.Client.NewAsync(
            advertiser, "FormEvent", (name, name == "tags" ? new[] { value } : value), ("external_app_id", name == "tags" ? null : "crm"));

        var totals = await stream.NextAsync();
        Assert.Equal(1, (int)totals["totals"]!["form_events"]!);
        Assert.Equal(1, (int)totals["totals"]!["events"]!);
    }

    [Fact]
    public async Task What_changes_nothing_in_the_totals_is_not_told()
    {
        var id = await nodes.First.Client.NewAsync("USA_21");
        await using var stream = await EventStream.OpenAsync(nodes.First.Client, Stream + "?global_master_advertiser_id=USA_21");
        await stream.NextAsync();

        (await nodes.First.Client.UpdateAsync(id, new { notes = "called back" })).Is(200);
        await Task.Delay(1_000);
        (await nodes.First.Client.UpdateAsync(id, new { read = true })).Is(200);

        Assert.Equal(0, (int)(await stream.NextAsync())["unread"]!["events"]!);
    }

    [Fact]
    public async Task Many_changes_are_told_in_at_most_four_events_a_second()
    {
        await using var stream = await EventStream.OpenAsync(nodes.First.Client, Stream + "?global_master_advertiser_id=USA_31");
        await stream.NextAsync();
        var clock = Stopwatch.StartNew();
        const int changes = 120;
        for (var i = 0; i < changes; i++)
            await nodes.Second.Client.NewAsync("USA_31");

        var events = await stream.UntilAsync(changes);

        // A slow machine has more time and no more events than this.
        Assert.True(events <= (clock.Elapsed.TotalSeconds * 4) + 1, $"{events} events in {clock.Elapsed}");
    }

    [Fact]
    public async Task A_change_beside_the_beginning_of_a_stream_is_never_lost()
    {
        // Streams are opened while changes are committed, so that some fall between the beginning of the watch,
        // the first reading and the first wait.
        const int changes = 60;
        var streams = new List<EventStream>();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < changes; i++)
                await nodes.Second.Client.NewAsync("USA_41");
        });
        do
        {
            streams.Add(await EventStream.OpenAsync(nodes.First.Client, Stream + "?global_master_advertiser_id=USA_41"));
        }
        while (!writing.IsCompleted);
        await writing;

        foreach (var stream in streams)
        {
            await stream.UntilAsync(changes);
            await stream.DisposeAsync();
        }

        Assert.True(streams.Count > 10, $"Only {streams.Count} streams were opened.");
    }

    [Fact]
    public async Task A_stream_ends_when_its_token_is_revoked_through_another_node()
    {
        var token = await nodes.Second.NewTokenAsync(new { name = "dashboard", advertisers = "all" });
        using var client = nodes.First.NewClient("token " + token.Secret());
        await using var stream = await EventStream.OpenAsync(client, Stream + "?global_master_advertiser_id=USA_61");
        await using var another = await EventStream.OpenAsync(nodes.First.Client, Stream + "?global_master_advertiser_id=USA_61");
        await stream.NextAsync();
        var clock = Stopwatch.StartNew();

        (await nodes.Second.Client.SendAsync(HttpMethod.Delete, $"/tokens/{token["id"]}")).Is(200);

        await stream.EndAsync();
        output.WriteLine($"The stream ended after {clock.Elapsed.TotalSeconds:0.0} s.");
        (await client.GetAnswerAsync(Totals + "?global_master_advertiser_id=USA_61")).Is(401);
        await nodes.Second.Client.NewAsync("USA_61");
        await another.UntilAsync(1);
    }

    [Fact]
    public async Task A_stream_ends_when_its_token_expires_and_at_once_when_it_is_revoked_here()
    {
        var expires = DateTime.UtcNow.AddSeconds(3);
        var expiring = await nodes.First.NewTokenAsync(new { name = "short", advertisers = "all", expires_at = expires });
        var revoked = await nodes.First.NewTokenAsync(new { name = "revoked", advertisers = "all" });
        using var one = nodes.First.NewClient("token " + expiring.Secret());
        using var two = nodes.First.NewClient("token " + revoked.Secret());
        await using var first = await EventStream.OpenAsync(one, Stream + "?global_master_advertiser_id=USA_1");
        await using var second = await EventStream.OpenAsync(two, Stream + "?global_master_advertiser_id=USA_1");

        (await nodes.First.Client.SendAsync(HttpMethod.Delete, $"/tokens/{revoked["id"]}")).Is(200);
        (await two.GetAnswerAsync(Totals + "?global_master_advertiser_id=USA_1")).Is(401);
        await second.EndAsync();
        await first.EndAsync();

        Assert.True(DateTime.UtcNow >= expires.AddMilliseconds(-2));
    }

    [Fact]
    public async Task Errors_before_the_stream_are_JSON_as_everywhere()
    {
        (string, string)[] accept = [("Accept", "text/event-stream")];
        (await nodes.First.Client.SendAsync(HttpMethod.Get, Stream, (HttpContent?)null, accept)).Is(422);
        (await nodes.First.Client
            .SendAsync(HttpMethod.Get, Stream + "?global_master_advertiser_id=USA_1&channel[]=radio", (HttpContent?)null, accept)).Is(422);
        using var nobody = nodes.First.NewClient(null);
        var unauthorized = (await nobody.SendAsync(
            HttpMethod.Get, Stream + "?global_master_advertiser_id=USA_1", (HttpContent?)null, accept)).Is(401);
        Assert.Equal("unauthorized", (string)unauthorized.Json["name"]!);
        using var another = await nodes.First.NewCallerAsync(new[] { "USA_2" });
        (await another.SendAsync(HttpMethod.Get, Stream + "?global_master_advertiser_id=USA_1", (HttpContent?)null, accept)).Is(403);
        using var noPii = await nodes.First.NewCallerAsync(pii: false);
        (await noPii.SendAsync(
            HttpMethod.Get, Stream + "?global_master_advertiser_id=USA_1&event_params[phone_numbers]=1", (HttpContent?)null,
            accept)).Is(403);
        await using var allowed = await EventStream.OpenAsync(noPii, Stream + "?global_master_advertiser_id=USA_1");
        Assert.NotNull(await allowed.NextAsync());
    }

    [Theory]
    [InlineData(Stream, "text/event-stream", 200)]
    [InlineData(Stream, "*/*", 200)]
    [InlineData(Stream, "text/*;q=0.5", 200)]
    [InlineData(Stream, "application/json", 406)]
    [InlineData(Totals, "text/event-stream", 406)]
    [InlineData(Totals, "application/json", 200)]
    public async Task Who_takes_events_gets_them_here_and_nowhere_else(string path, string accept, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path + "?global_master_advertiser_id=USA_1", UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await nodes.First.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(status, (int)response.StatusCode);
        if (status == 406)
            Assert.Contains(path == Stream ? "text/event-stream" : "application/json", await response.Content.ReadAsStringAsync());
    }
}

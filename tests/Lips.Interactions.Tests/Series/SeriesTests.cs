using System.Globalization;
using Lips.Testing;
using Xunit;

namespace Lips.Interactions.Tests.Series;

/// <summary><c>GET /contact_interactions/series</c> (contract section 11), against totals of each bucket.</summary>
public sealed class SeriesTests(SeriesTests.Spring fixture) : IClassFixture<SeriesTests.Spring>
{
    private readonly HttpClient client = fixture.Node.Client;

    [Theory]
    [InlineData("day", "UTC", "")]
    [InlineData("day", "America/New_York", "")]
    [InlineData("week", "UTC", "")]
    [InlineData("week", "Asia/Kathmandu", "")]
    [InlineData("month", "UTC", "")]
    [InlineData("month", "America/New_York", "")]
    [InlineData("hour", "UTC", "")]
    [InlineData("hour", "America/New_York", "")]
    [InlineData("day", "UTC", "&event_type[]=call&channel[]=search")]
    [InlineData("day", "UTC", "&read=false")]
    [InlineData("day", "UTC", "&important=true")]
    [InlineData("week", "UTC", "&archived=true")]
    [InlineData("day", "UTC", "&tags=vip")]
    public async Task Each_bucket_has_what_the_totals_of_its_time_have(string interval, string zone, string filter)
    {
        // Clocks go forward on the 8th in New York.
        var (from, until) = interval == "hour" ? ("2026-03-07", "2026-03-09") : ("2026-03-03", "2026-04-15");
        var query = $"global_master_advertiser_id=USA_1,USA_2&time_zone={zone}{filter}";
        foreach (var by in new[] { "none", "event_type", "channel" })
        {
            var series = (await client.GetAnswerAsync(
                $"/contact_interactions/series?{query}&start_date={from}&end_date={until}&interval={interval}&by={by}")).Is(200).Json;
            Assert.Equal((interval, by, zone), ((string)series["interval"]!, (string)series["by"]!, (string)series["time_zone"]!));
            var buckets = series["buckets"]!.AsArray().Select(b => (string)b!).ToList();
            var wanted = (await client.GetAnswerAsync(
                $"/contact_interactions/totals?{query}&start_date={from}&end_date={until}")).Is(200).Json;
            Assert.Equal((long)wanted["totals"]!["events"]!, SumOf("totals"));
            Assert.Equal((long)wanted["unread"]!["events"]!, SumOf("unread"));
            // A few of them one by one.
            foreach (var at in new[] { 0, buckets.Count / 2, buckets.Count - 1, Math.Min(4, buckets.Count - 1) })
            {
                var (first, last) = BoundsOf(buckets[at], interval, from, until);
                var totals = (await client.GetAnswerAsync(
                    $"/contact_interactions/totals?{query}&start_date={first}&end_date={last}")).Is(200).Json;
                foreach (var one in series["series"]!.AsArray())
                {
                    var key = (string)one!["key"]!;
                    var expected = by == "channel" ? totals["channel"]![key] : totals["totals"]![key];
                    if (expected is not null)
                        Assert.Equal($"{buckets[at]} {key} {expected}", $"{buckets[at]} {key} {one["totals"]![at]}");
                    if (by != "channel" && totals["unread"]![key] is { } unread)
                        Assert.Equal($"{buckets[at]} {key} {unread}", $"{buckets[at]} {key} {one["unread"]![at]}");
                }
            }

            long SumOf(string what) => series["series"]!.AsArray().Sum(s => s![what]!.AsArray().Sum(n => (long)n!));
        }
    }

    [Fact]
    public async Task Days_of_23_and_25_hours_are_days()
    {
        const string query = "/contact_interactions/series?global_master_advertiser_id=USA_1&time_zone=America/New_York";

        var hours = (await client.GetAnswerAsync($"{query}&start_date=2026-03-08&end_date=2026-03-08&interval=hour")).Is(200).Json;
        var back = (await client.GetAnswerAsync($"{query}&start_date=2026-11-01&end_date=2026-11-01&interval=hour")).Is(200).Json;
        var days = (await client.GetAnswerAsync($"{query}&start_date=2026-03-07&end_date=2026-03-09&interval=day")).Is(200).Json;

        Assert.Equal((23, 25), (hours["buckets"]!.AsArray().Count, back["buckets"]!.AsArray().Count));
        Assert.Equal("2026-03-08T00:00:00-05:00", (string)hours["buckets"]![0]!);
        Assert.Equal("2026-03-08T03:00:00-04:00", (string)hours["buckets"]![2]!);
        Assert.Equal("""["2026-03-07","2026-03-08","2026-03-09"]""", days["buckets"]!.ToJsonString());
    }

    [Fact]
    public async Task Weeks_begin_on_Monday_and_every_bucket_is_there()
    {
        const string query = "/contact_interactions/series?global_master_advertiser_id=USA_99&start_date=2026-01-01&end_date=2026-02-01";

        var weeks = (await client.GetAnswerAsync(query + "&interval=week")).Is(200);
        var months = (await client.GetAnswerAsync(query + "&interval=month")).Is(200);

        Assert.Equal(
            """["2025-12-29","2026-01-05","2026-01-12","2026-01-19","2026-01-26"]""", weeks.Json["buckets"]!.ToJsonString());
        Assert.Equal(
            """{"interval":"month","by":"none","time_zone":"UTC","buckets":["2026-01-01","2026-02-01"],"series":"""
                + """[{"key":"events","totals":[0,0],"unread":[0,0]}]}""", months.Body);
    }

    [Theory]
    [InlineData("", "start_date end_date")]
    [InlineData("start_date=2026-01-01", "end_date")]
    [InlineData("start_date=2026-01-01&end_date=2026-01-02&interval=year", "interval")]
    [InlineData("start_date=2026-01-01&end_date=2026-01-02&by=tag", "by")]
    [InlineData("start_date=2026-01-01&end_date=2026-01-02&time_zone=Mars/Olympus", "time_zone")]
    [InlineData("start_date=2026-01-01&end_date=2026-01-02&time_zone=../etc/passwd", "time_zone")]
    [InlineData("start_date=2024-01-01&end_date=2026-12-31&interval=day", "interval")]
    [InlineData("start_date=2026-01-01&end_date=2026-03-01&interval=hour", "interval")]
    public async Task What_cannot_be_cut_is_422(string query, string attributes)
    {
        var answer = await client.GetAnswerAsync($"/contact_interactions/series?global_master_advertiser_id=USA_1&{query}");

        Assert.Equal(attributes, string.Join(' ', answer.Is(422).Attributes));
    }

    [Fact]
    public async Task The_ends_of_the_calendar_are_days_too()
    {
        foreach (var (from, until) in new[] { ("0001-01-01", "0001-01-03"), ("9999-12-29", "9999-12-31") })
        {
            foreach (var interval in new[] { "hour", "day", "week", "month" })
            {
                foreach (var zone in new[] { "UTC", "America/New_York", "Asia/Tokyo" })
                {
                    (await client.GetAnswerAsync($"/contact_interactions/series?global_master_advertiser_id=USA_1&start_date={from}"
                        + $"&end_date={until}&interval={interval}&time_zone={zone}")).Is(200);
                }
            }
        }
    }

    [Fact]
    public async Task An_unchanged_series_is_304()
    {
        const string address =
            "/contact_interactions/series?global_master_advertiser_id=USA_3&start_date=2026-03-01&end_date=2026-03-31&by=channel";
        var tag = (await client.GetAnswerAsync(address)).Is(200).Headers.ETag!.ToString();
        (await client.SendAsync(HttpMethod.Get, address, (object?)null, ("If-None-Match", tag))).Is(304);

        await client.IngestAsync(Make.Interaction("USA_3", "call", ("occurred_at", "2026-03-09T10:00:00Z")));

        var after = (await client.SendAsync(HttpMethod.Get, address, (object?)null, ("If-None-Match", tag))).Is(200);
        Assert.Equal(1, after.Json["series"]!.AsArray().Sum(s => s!["totals"]!.AsArray().Sum(n => (int)n!)));
    }

    // As dates and times that the totals take, within the range.
    private static (string First, string Last) BoundsOf(string label, string interval, string from, string until)
    {
        if (interval == "hour")
        {
            var start = DateTimeOffset.Parse(label, CultureInfo.InvariantCulture).UtcDateTime;
            return (
                start.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                start.AddMinutes(59).ToString("yyyy-MM-dd'T'HH:mm:59.999'Z'", CultureInfo.InvariantCulture));
        }

        var day = DateOnly.Parse(label, CultureInfo.InvariantCulture);
        var last = interval switch { "day" => day, "week" => day.AddDays(6), _ => day.AddMonths(1).AddDays(-1) };
        return (Later(Text(day), from), string.CompareOrdinal(Text(last), until) < 0 ? Text(last) : until);

        static string Text(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

        static string Later(string one, string other) => string.CompareOrdinal(one, other) > 0 ? one : other;
    }

    /// <summary>Two advertisers with interactions of every type and channel, all through March and April.</summary>
    public sealed class Spring : IAsyncLifetime
    {
        private readonly NodeFixture fixture = new();

        public LipsNode Node => fixture.Node;

        public async Task InitializeAsync()
        {
            await fixture.InitializeAsync();
            var random = new Random(5);
            string[] types = ["call", "form", "chat", "booking", "lsa", "fpd"];
            string?[] channels = ["search", "display", "social", "chat", "other", null];
            var lines = Enumerable.Range(0, 4_000).Select(_ => (object)Make.Interaction(
                $"USA_{random.Next(1, 3)}", types[random.Next(6)],
                ("occurred_at", new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc).AddMinutes(random.Next(60 * 24 * 60))
                    .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
                ("channel", channels[random.Next(6)]), ("wpc_id", random.Next(2) == 0 ? null : "w"), ("read", random.Next(3) > 0),
                ("important", random.Next(5) == 0), ("archived_at", random.Next(9) == 0 ? "2026-05-01T00:00:00Z" : null),
                ("tags", random.Next(4) == 0 ? new[] { "vip" } : []))).ToList();
            (await Node.Client.BulkAsync(lines)).Is(200);
        }

        public Task DisposeAsync() => fixture.DisposeAsync();
    }
}

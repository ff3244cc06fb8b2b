namespace Lips.Demo.Tests;

public class TimeTests
{
    [Fact]
    public void The_window_is_18_fixed_months()
    {
        Assert.Equal(new DateTime(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc), DemoCalendar.Start);
        Assert.Equal(new DateTime(2026, 6, 30, 23, 59, 59, DateTimeKind.Utc), DemoCalendar.End);
    }

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void Everything_follows_what_it_comes_from_and_lies_in_the_window(string advertiser) =>
        Assert.All(DemoLines.Of(advertiser), line =>
        {
            var occurred = line.Time("occurred_at")!.Value;
            var created = line.Time("created_at")!.Value;
            Assert.InRange(occurred, DemoCalendar.Start, DemoCalendar.End);
            Assert.InRange(created, occurred, DemoCalendar.End);
            if (line.Time("archived_at") is { } archived)
                Assert.InRange(archived, created, DemoCalendar.End);
            if (line.GetProperty("contact").Time("created_at") is { } contact)
                Assert.InRange(contact, occurred, DemoCalendar.End);
            if (line.TryGetProperty("chat", out var chat))
            {
                var times = chat.GetProperty("transcript").EnumerateArray().Select(entry => entry.Time("timestamp")!.Value).ToList();
                Assert.Equal(times.Order(), times);
                Assert.InRange(times[0], occurred, created);
                Assert.InRange(times[^1], occurred, created);
            }
        });

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void Lines_come_in_order_of_time_and_cover_the_window(string advertiser)
    {
        var times = DemoLines.Of(advertiser).Select(line => line.Time("occurred_at")!.Value).ToList();
        Assert.Equal(times.Order(), times);
        Assert.Equal(18, times.Select(time => (time.Year, time.Month)).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void Most_of_it_happens_in_business_hours_and_some_does_not(string advertiser)
    {
        var times = DemoLines.Of(advertiser).Select(line => DemoCalendar.Local(line.Time("occurred_at")!.Value)).ToList();
        Assert.InRange(
            times.Share(time => time.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && time.Hour is >= 8 and < 18), 0.64, 0.78);
        Assert.InRange(times.Share(time => time.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday), 0.06, 0.2);
        Assert.InRange(times.Share(time => time.Hour < 6), 0.002, 0.03);
    }

    [Fact]
    public void It_grows_from_year_to_year_and_peaks_in_summer()
    {
        var months = DemoLines.Of("USA_1").GroupBy(line => line.Text("occurred_at")![..7], StringComparer.Ordinal)
            .ToDictionary(month => month.Key, month => month.Count(), StringComparer.Ordinal);
        Assert.InRange(months["2026-05"] / (double)months["2025-05"], 1.1, 1.5);
        Assert.InRange(months["2025-06"] / (double)months["2025-12"], 1.15, 1.7);
    }

    [Theory]
    [MemberData(nameof(DemoLines.Advertisers), MemberType = typeof(DemoLines))]
    public void Most_are_recorded_within_minutes_of_their_end(string advertiser)
    {
        var delays = DemoLines.Of(advertiser).Select(line => line.Time("created_at")!.Value - line.Time("occurred_at")!.Value).ToList();
        Assert.InRange(delays.Share(delay => delay <= TimeSpan.FromMinutes(15)), 0.9, 0.99);
        Assert.True(delays.Max() < TimeSpan.FromDays(11));
    }
}

using System.Globalization;
using Xunit;

namespace Lips.Kernel.Tests;

/// <summary>Where days begin for people (contract section 4, <c>time_zone</c>).</summary>
public sealed class TimeZonesTests
{
    [Theory]
    [InlineData("UTC", "2026-03-08", "2026-03-08T00:00:00Z")]
    [InlineData("America/New_York", "2026-03-08", "2026-03-08T05:00:00Z")]
    [InlineData("America/New_York", "2026-03-09", "2026-03-09T04:00:00Z")]
    [InlineData("Asia/Kathmandu", "2026-03-08", "2026-03-07T18:15:00Z")]
    // Clocks were put from 0:00 to 1:00.
    [InlineData("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z")]
    // Clocks were put back from 0:00 to 23:00: the day begins behind the second time.
    [InlineData("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z")]
    // It was put back from 1:00 to 0:00: the day begins at the first.
    [InlineData("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z")]
    // There was no 30 December.
    [InlineData("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z")]
    [InlineData("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z")]
    public void A_day_begins_when_clocks_show_midnight_or_skip_it(string name, string day, string start)
    {
        Assert.True(TimeZones.TryFind(name, out var zone));

        var found = zone.StartOf(DateOnly.Parse(day, CultureInfo.InvariantCulture));
        Assert.Equal(start, found.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Mars/Olympus")]
    [InlineData("Eastern Standard Time")]
    [InlineData("../etc/passwd")]
    [InlineData("/etc/localtime")]
    [InlineData("America/New_York\n")]
    public void What_is_no_IANA_name_is_none(string name) => Assert.False(TimeZones.TryFind(name, out _));

    [Fact]
    public void The_ends_of_the_calendar_do_not_overflow()
    {
        foreach (var name in new[] { "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York" })
        {
            Assert.True(TimeZones.TryFind(name, out var zone));
            Assert.InRange(zone.StartOf(DateOnly.MinValue), DateTime.MinValue, DateTime.MaxValue);
            Assert.InRange(zone.StartOf(DateOnly.MaxValue), DateTime.MinValue, DateTime.MaxValue);
        }
    }
}

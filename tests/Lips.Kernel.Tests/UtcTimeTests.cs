using System.Globalization;
using Xunit;

namespace Lips.Kernel.Tests;

public sealed class UtcTimeTests
{
    [Theory]
    [InlineData("2021-09-06T16:16:08.000Z", "2021-09-06T16:16:08.000Z")]
    [InlineData("2021-09-06t16:16:08z", "2021-09-06T16:16:08.000Z")]
    [InlineData("2021-09-06T16:16:08", "2021-09-06T16:16:08.000Z")]
    [InlineData("2021-09-06T16:16", "2021-09-06T16:16:00.000Z")]
    [InlineData("2021-09-06", "2021-09-06T00:00:00.000Z")]
    [InlineData("2021-09-06 16:16:08", "2021-09-06T16:16:08.000Z")]
    [InlineData("2021-09-06T16:16:08.1Z", "2021-09-06T16:16:08.100Z")]
    [InlineData("2021-09-06T16:16:08,12Z", "2021-09-06T16:16:08.120Z")]
    [InlineData("2021-09-06T16:16:08.9999999999999Z", "2021-09-06T16:16:08.999Z")]
    [InlineData("2021-09-06T16:16:08+02:00", "2021-09-06T14:16:08.000Z")]
    [InlineData("2021-09-06T16:16:08 02:00", "2021-09-06T14:16:08.000Z")]
    [InlineData("2021-09-06T16:16:08+0200", "2021-09-06T14:16:08.000Z")]
    [InlineData("2021-09-06T16:16:08+02", "2021-09-06T14:16:08.000Z")]
    [InlineData("2021-09-06 16:16:08 UTC", "2021-09-06T16:16:08.000Z")]
    [InlineData("2021-09-06 16:16:08 +0000", "2021-09-06T16:16:08.000Z")]
    [InlineData("2021-09-06 16:16:08  0000", "2021-09-06T16:16:08.000Z")]
    [InlineData("2021-09-06 16:16:08.5 -0500", "2021-09-06T21:16:08.500Z")]
    [InlineData("2021-09-06 16:16:08 -05:00", "2021-09-06T21:16:08.000Z")]
    [InlineData("2021-09-06 16:16:08  05:00", "2021-09-06T11:16:08.000Z")]
    [InlineData("2021-09-06T16:16:08 Z", "2021-09-06T16:16:08.000Z")]
    [InlineData("2021-09-06 16:16:08utc", "2021-09-06T16:16:08.000Z")]
    [InlineData("2021-09-06T16:16:08 gmt", "2021-09-06T16:16:08.000Z")]
    [InlineData("+2021-09-06T16:16:08Z", "2021-09-06T16:16:08.000Z")]
    [InlineData(" 2021-09-06T16:16:08Z", "2021-09-06T16:16:08.000Z")]
    [InlineData("2021-09-06T16:16-05:30", "2021-09-06T21:46:00.000Z")]
    [InlineData("2021-09-06T00:00:00\u221201:00", "2021-09-06T01:00:00.000Z")]
    [InlineData("2020-02-29T23:59:59.999-00:01", "2020-03-01T00:00:59.999Z")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z")]
    [InlineData("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999Z")]
    public void An_instant_is_read_and_served_in_UTC_to_the_millisecond(string text, string served)
    {
        Assert.True(UtcTime.TryParse(text, out var time));
        Assert.Equal(DateTimeKind.Utc, time.Kind);
        Assert.Equal(served, UtcTime.Format(time));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("2021-09-06T")]
    [InlineData("2021-09-06T16")]
    [InlineData("2021-09-06T1616")]
    [InlineData("2021-09-06T24:00:00Z")]
    [InlineData("2021-09-06T16:60:00Z")]
    [InlineData("2021-09-06T16:16:60Z")]
    [InlineData("2021-09-06T16:16:8Z")]
    [InlineData("2021-09-06T16:16:08.Z")]
    [InlineData("2021-09-06T16:16:08Z ")]
    [InlineData("  2021-09-06T16:16:08Z")]
    [InlineData("2021-09-06T16:16:08 ")]
    [InlineData("2021-09-06T16:16:08   0000")]
    [InlineData("2021-09-06T16:16:08 EST")]
    [InlineData("2021-09-06T16:16:08 UTC+1")]
    [InlineData("2021-09-06 UTC")]
    [InlineData("2021-09-06T16:16:08ZZ")]
    [InlineData("2021-09-06T16:16:08+2")]
    [InlineData("2021-09-06T16:16:08+24:00")]
    [InlineData("2021-09-06T16:16:08+02:60")]
    [InlineData("2021-09-06T16:16:08+02-00")]
    [InlineData("2021-02-30T00:00:00Z")]
    [InlineData("2021-00-10T00:00:00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("2021-09-06T\u0661\u0662:00:00Z")]
    [InlineData("0001-01-01T00:00:00+00:01")]
    [InlineData("9999-12-31T23:59:59-00:01")]
    [InlineData("1630944968")]
    [InlineData("Mon, 06 Sep 2021 16:16:08 GMT")]
    public void What_is_no_instant_is_refused(string? text) => Assert.False(UtcTime.TryParse(text, out _));

    [Theory]
    [InlineData("2021-09-06", true)]
    [InlineData("2020-02-29", true)]
    [InlineData("9999-12-31", true)]
    [InlineData("2021-02-29", false)]
    [InlineData("2100-02-29", false)]
    [InlineData("2021-9-06", false)]
    [InlineData("2021/09/06", false)]
    [InlineData("2021-09-06Z", false)]
    [InlineData("-021-09-06", false)]
    [InlineData("-2021-09-06", false)]
    [InlineData("2021-09-00", false)]
    public void A_date_is_read_in_one_form_only(string text, bool isDate)
    {
        Assert.Equal(isDate, UtcTime.TryParseDate(text, out var day));
        if (isDate)
            Assert.Equal(
                (text, TimeSpan.Zero, DateTimeKind.Utc),
                (day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), day.TimeOfDay, day.Kind));
    }

    [Fact]
    public void Finer_times_are_cut_and_never_rounded()
    {
        var time = new DateTime(2021, 9, 6, 23, 59, 59, 999, DateTimeKind.Utc).AddTicks(9_999);

        Assert.Equal(new DateTime(2021, 9, 6, 23, 59, 59, 999, DateTimeKind.Utc), UtcTime.CutToMilliseconds(time));
        Assert.Equal("2021-09-06T23:59:59.999Z", UtcTime.Format(time));
        Assert.Equal(UtcTime.FormattedLength, UtcTime.Format(DateTime.MinValue).Length);
    }

    [Fact]
    public void What_is_served_is_read_as_the_same_instant()
    {
        var random = new Random(1);
        for (var n = 0; n < 10_000; n++)
        {
            var time = UtcTime.CutToMilliseconds(new DateTime(random.NextInt64(DateTime.MaxValue.Ticks), DateTimeKind.Utc));
            Assert.True(UtcTime.TryParse(UtcTime.Format(time), out var again));
            Assert.Equal(time, again);
        }
    }
}

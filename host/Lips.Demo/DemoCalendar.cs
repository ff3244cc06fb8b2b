namespace Lips.Demo;

/// <summary>
/// When things happen: 18 fixed months with the rhythm of a shop. The local time is UTC−5 all year round, because time zone
/// tables differ between machines and change.
/// </summary>
internal static class DemoCalendar
{
    public static readonly DateTime Start = new(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>The last instant that anything in the data bears.</summary>
    public static readonly DateTime End = new(2026, 6, 30, 23, 59, 59, DateTimeKind.Utc);

    public static readonly TimeSpan LocalOffset = TimeSpan.FromHours(-5);

    private const long MillisecondsPerHour = 3_600_000;

    private static readonly int[] HourWeights =
        [3, 2, 1, 1, 2, 5, 12, 35, 70, 95, 100, 98, 80, 85, 95, 96, 90, 75, 48, 34, 26, 18, 11, 6];

    // Sunday first, as DayOfWeek counts.
    private static readonly int[] WeekdayWeights = [28, 110, 104, 100, 98, 92, 52];

    // January first: boats sell in spring and summer.
    private static readonly int[] MonthWeights = [84, 90, 101, 110, 118, 120, 114, 106, 98, 92, 84, 80];

    private static readonly (int Month, int Day)[] Holidays = [(1, 1), (7, 4), (11, 27), (12, 24), (12, 25)];

    public static DateTime Local(DateTime utc) => utc + LocalOffset;

    /// <summary>The time itself, or the end of the window when it lies behind that.</summary>
    public static DateTime Within(DateTime time) => time < End ? time : End;

    /// <summary>
    /// <paramref name="count"/> arrivals in order of time, in whole seconds. Arrival i falls at random into the ith of
    /// <paramref name="count"/>
    /// equal parts of the window's weight: sorted without a sort, and any count covers the whole window.
    /// </summary>
    public static IEnumerable<DateTime> Arrivals(int count, SplitMix64 random)
    {
        var hours = (int)((End - Start).TotalHours + 1);
        var total = 0L;
        for (var hour = 0; hour < hours; hour++)
            total += Weight(hour);

        var (current, before, weight) = (0, 0L, Weight(0));
        for (var i = 0; i < count; i++)
        {
            var low = (long)((Int128)total * i / count);
            var high = (long)((Int128)total * (i + 1) / count);
            var position = low + (long)(random.Next() % (ulong)Math.Max(1, high - low));
            while (position >= before + weight)
            {
                before += weight;
                weight = Weight(++current);
            }

            var offset = (long)((Int128)(position - before) * MillisecondsPerHour / weight);
            yield return Start.AddHours(current).AddSeconds(offset / 1000);
        }
    }

    private static long Weight(int hour)
    {
        var local = Local(Start.AddHours(hour));
        var day = hour / 24;
        var growth = 1000 + day;
        var luck = 80 + (int)(SplitMix64.At(17, (ulong)day) % 41);
        var weight = (long)HourWeights[local.Hour] * WeekdayWeights[(int)local.DayOfWeek] * MonthWeights[local.Month - 1] * growth * luck;
        return Holidays.Contains((local.Month, local.Day)) ? weight / 8 : weight;
    }
}

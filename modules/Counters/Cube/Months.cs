namespace Lips.Counters.Cube;

/// <summary>Months of days, which are numbers as those of <see cref="DateOnly.DayNumber"/>. A month is named by its first day.</summary>
internal static class Months
{
    /// <summary>The month of a day.</summary>
    public static int Of(int day) => day - DateOnly.FromDayNumber(day).Day + 1;

    /// <summary>The month behind that of a day; <see cref="int.MaxValue"/> behind the calendar's last.</summary>
    public static int After(int day)
    {
        if (day < 0)
            return 0;
        var month = DateOnly.FromDayNumber(Of(day));
        return month.Year == DateOnly.MaxValue.Year && month.Month == DateOnly.MaxValue.Month ? int.MaxValue : month.AddMonths(1).DayNumber;
    }
}

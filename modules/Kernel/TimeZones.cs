using System.Diagnostics.CodeAnalysis;

namespace Lips.Kernel;

/// <summary>
/// Days as people in a place have them (contract section 4, <c>time_zone</c>): 23 to 25 hours where clocks are put forward or back.
/// </summary>
public static class TimeZones
{
    /// <summary>Finds a zone by its IANA name, such as <c>America/New_York</c> or <c>UTC</c>.</summary>
    public static bool TryFind(string name, [NotNullWhen(true)] out TimeZoneInfo? zone)
    {
        zone = null;
        // Windows' names, and paths, are none of IANA's.
        if (name.Length > 64 || name.AsSpan().ContainsAnyExcept(Letters))
            return false;
        if (name != "UTC" && !name.Contains('/', StringComparison.Ordinal))
            return false;
        return TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone) && zone.HasIanaId;
    }

    /// <summary>The instant at which a day begins in a zone. Where clocks skip midnight, it is the first instant behind that.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="day">The day.</param>
    public static DateTime StartOf(this TimeZoneInfo zone, DateOnly day) => zone.ToUtc(day.ToDateTime(TimeOnly.MinValue));

    /// <summary>
    /// The first instant that a zone's clocks show as this time, or where they skip it the one at which they do.
    /// </summary>
    /// <param name="zone">The zone.</param>
    /// <param name="local">The time on the clock.</param>
    public static DateTime ToUtc(this TimeZoneInfo zone, DateTime local)
    {
        local = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        if (zone.IsInvalidTime(local))
            return EndOfGap(zone, local);
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return Clamp(local, -offset);
    }

    /// <summary>The time that a zone's clocks show at an instant.</summary>
    public static DateTime ToLocal(this TimeZoneInfo zone, DateTime utc) =>
        TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(utc, DateTimeKind.Utc), zone);

    // The first instant whose time is not before it. Once a zone has skipped a whole day.
    private static DateTime EndOfGap(TimeZoneInfo zone, DateTime local)
    {
        var (before, behind) = (Clamp(local, -TimeSpan.FromDays(2)).Ticks, Clamp(local, TimeSpan.FromDays(2)).Ticks);
        while (behind - before > 1)
        {
            var middle = before + ((behind - before) / 2);
            if (zone.ToLocal(new DateTime(middle, DateTimeKind.Utc)) < local)
                before = middle;
            else
                behind = middle;
        }

        return new DateTime(behind, DateTimeKind.Utc);
    }

    private static System.Buffers.SearchValues<char> Letters { get; } =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/");

    // At the ends of the calendar there is no room for an offset.
    private static DateTime Clamp(DateTime time, TimeSpan add)
    {
        var ticks = Math.Clamp(time.Ticks + add.Ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks);
        return new DateTime(ticks, DateTimeKind.Utc);
    }
}

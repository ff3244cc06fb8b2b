using Lips.Kernel;

namespace Lips.Audit.ListAudit;

/// <summary>A place in the trail: before an entry. Opaque to clients.</summary>
/// <param name="At">The entry's time.</param>
/// <param name="Id">The entry's id.</param>
internal readonly record struct AuditCursor(DateTime At, long Id)
{
    // Cursors of other routes begin otherwise.
    private const string Route = "audit";

    /// <summary>The place behind every entry.</summary>
    public static AuditCursor End { get; } = new(new DateTime(9999, 12, 31, 0, 0, 0, DateTimeKind.Utc), long.MaxValue);

    /// <summary>Reads what <see cref="ToString"/> made; null for anything else.</summary>
    public static AuditCursor? Parse(string text) =>
        CursorText.Read(text, Route, 100) is [var at, var id] && CursorText.TryTime(at, out var time)
            && CursorText.TryNumber(id, out var entry)
                ? new AuditCursor(time, entry)
                : null;

    public override string ToString() => CursorText.Write(Route, At.Ticks, Id);
}

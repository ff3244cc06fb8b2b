using System.Buffers.Text;
using System.Globalization;
using System.Text;

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
    public static AuditCursor? Parse(string text)
    {
        if (text.Length > 100 || !Base64Url.IsValid(text))
            return null;
        return Encoding.ASCII.GetString(Base64Url.DecodeFromChars(text)).Split(' ') is [Route, var at, var id]
            && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTime.MaxValue.Ticks
            && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var entry)
                ? new AuditCursor(new DateTime(ticks, DateTimeKind.Utc), entry)
                : null;
    }

    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Route} {At.Ticks} {Id}")));
}

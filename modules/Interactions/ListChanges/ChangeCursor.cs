using System.Globalization;
using Lips.Kernel;

namespace Lips.Interactions.ListChanges;

/// <summary>A place in an advertiser's changes: behind one interaction's change at one version. Opaque to clients.</summary>
/// <param name="Advertiser">The advertiser.</param>
/// <param name="Epoch">The database's history that the version is of.</param>
/// <param name="Version">The advertiser's version.</param>
/// <param name="InteractionId">The interaction; many may have changed at one version.</param>
/// <param name="Run">The database's run that wrote the version.</param>
internal sealed record ChangeCursor(GlobalId Advertiser, string Epoch, long Version, long InteractionId, long Run)
{
    // Cursors of other routes begin otherwise.
    private const string Route = "changes";

    private const string Now = "now";

    /// <summary>Reads the parameter <c>since</c>; what is wrong goes to the reader's errors.</summary>
    /// <param name="query">The reader.</param>
    /// <param name="advertisers">The advertisers that are asked for. A cursor of any other is refused: its place means nothing
    /// there.</param>
    /// <returns>Null for the beginning; <see cref="IsNow"/> for the end.</returns>
    public static ChangeCursor? Read(QueryReader query, IReadOnlyList<GlobalId> advertisers)
    {
        if (query.Single("since") is not { } text)
            return null;
        if (text.Equals(Now, StringComparison.OrdinalIgnoreCase))
            return new ChangeCursor(default, Now, long.MaxValue, long.MaxValue, 0);
        var cursor = Parse(text);
        // A number may be written in several ways, a cursor in one.
        if (cursor is null || cursor.ToString() != text)
            query.Errors.Add("since", "must be now, or the next of an earlier answer of these changes");
        else if (advertisers is [var advertiser] && cursor.Advertiser != advertiser)
            query.Errors.Add("since", "is of the changes of another advertiser");
        return cursor;
    }

    /// <summary>Whether it stands for the end, wherever that is.</summary>
    public bool IsNow => Epoch == Now;

    public override string ToString() =>
        CursorText.Write(Route, Advertiser, Epoch, Version, InteractionId, Run);

    private static ChangeCursor? Parse(string text) =>
        CursorText.Read(text, Route, 200) is [var of, var epoch, var version, var id, var run]
            && GlobalId.TryParse(of, out var advertiser)
            && CursorText.TryNumber(version, out var atVersion)
            && CursorText.TryNumber(id, out var atId)
            && long.TryParse(run, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var inRun)
                ? new ChangeCursor(advertiser, epoch, atVersion, atId, inRun)
                : null;
}

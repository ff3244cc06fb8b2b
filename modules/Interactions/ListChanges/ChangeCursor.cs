using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Lips.Interactions.ListChanges;

/// <summary>A place in an advertiser's changes: behind one interaction's change at one version. Opaque to clients.</summary>
/// <param name="Epoch">The database's history that the version is of.</param>
/// <param name="Version">The advertiser's version.</param>
/// <param name="InteractionId">The interaction; many may have changed at one version.</param>
/// <param name="Run">The database's run that wrote the version.</param>
internal sealed record ChangeCursor(string Epoch, long Version, long InteractionId, long Run)
{
    /// <summary>Reads what <see cref="ToString"/> made; null for anything else.</summary>
    public static ChangeCursor? Parse(string text)
    {
        if (text.Length > 200 || !Base64Url.IsValid(text))
            return null;
        var parts = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(text)).Split(' ');
        return parts is [var epoch, var version, var id, var run]
            && long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var atVersion)
            && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var atId)
            && long.TryParse(run, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var inRun)
                ? new ChangeCursor(epoch, atVersion, atId, inRun)
                : null;
    }

    public override string ToString() =>
        Base64Url.EncodeToString(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Epoch} {Version} {InteractionId} {Run}")));
}

using Microsoft.AspNetCore.Http;

namespace Lips.Kernel;

/// <summary>What a client prefers (RFC 7240).</summary>
public static class Preferences
{
    /// <summary>Unknown names are errors.</summary>
    public const string Strict = "handling=strict";

    private const string Header = "Prefer";

    /// <summary>Whether the client asked for it, such as <see cref="Strict"/>. Then the answer says that it was applied.</summary>
    public static bool Prefers(this HttpContext http, string preference)
    {
        var wishes = http.Request.Headers[Header];
        if (wishes.Count == 0 || !wishes.Any(header => Names(header, preference)))
            return false;
        http.Response.Headers.Append("Preference-Applied", preference);
        return true;
    }

    private static bool Names(string? header, string preference) => header is not null
        && header.Split(',').Any(p => p.Split(';')[0].Replace(" ", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal)
            .Equals(preference, StringComparison.OrdinalIgnoreCase));
}

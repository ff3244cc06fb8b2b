using System.Collections.Frozen;

namespace Lips.Interactions.Ingest;

/// <summary>Which e-mails tell one person from another (contract section 4).</summary>
internal static class ContactEmail
{
    // What forms and chats send for an address that they do not have.
    private static readonly FrozenSet<string> Placeholders = new[]
    {
        "nonleadchat@reachlocal.com", "noemail@noemail.com", "no@email.com", "none@none.com", "na@na.com", "test@test.com",
        "unknown@unknown.com", "anonymous@anonymous.com",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>What a contact is found by: the e-mail in lower case; null when it identifies nobody.</summary>
    public static string? KeyOf(string? email)
    {
        if (email?.Trim().ToLowerInvariant() is not { } key || key.IndexOf('@') is var at && (at < 1 || at == key.Length - 1))
            return null;
        // RFC 6761: no address ends so.
        return Placeholders.Contains(key) || key.EndsWith(".invalid", StringComparison.Ordinal) ? null : key;
    }
}

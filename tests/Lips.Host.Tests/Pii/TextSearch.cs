namespace Lips.Host.Tests.Pii;

/// <summary>
/// Finds many texts at once in others, whatever the case: long ones anywhere, short ones where they stand as words. A short one without a
/// letter (<c>"30"</c> minutes) is part of every second time and id, and one of two letters (<c>"no"</c>) of any sentence; they are found
/// only where they are all of a text.
/// </summary>
internal sealed class TextSearch
{
    private const int Window = 8;

    private readonly Dictionary<string, List<string>> longByBeginning = new(StringComparer.Ordinal);
    private readonly HashSet<string> shortOnes = new(StringComparer.Ordinal);
    private readonly HashSet<string> whole;

    public TextSearch(IEnumerable<string> texts)
    {
        whole = texts.Select(text => text.ToUpperInvariant()).ToHashSet(StringComparer.Ordinal);
        foreach (var text in whole)
        {
            if (text.Length < Window)
            {
                if (text.Length > 2 && text.Any(char.IsLetter))
                    shortOnes.Add(text);
                continue;
            }

            if (!longByBeginning.TryGetValue(text[..Window], out var same))
                longByBeginning.Add(text[..Window], same = []);
            same.Add(text);
        }
    }

    /// <summary>The texts that are in this one, in capitals.</summary>
    public IEnumerable<string> In(string text)
    {
        var capitals = text.ToUpperInvariant();
        var found = new List<string>();
        if (whole.TryGetValue(capitals, out var all))
            found.Add(all);
        var beginnings = longByBeginning.GetAlternateLookup<ReadOnlySpan<char>>();
        var words = shortOnes.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var i = 0; i < capitals.Length; i++)
        {
            if (i + Window <= capitals.Length && beginnings.TryGetValue(capitals.AsSpan(i, Window), out var same))
                found.AddRange(same.Where(s => capitals.AsSpan(i).StartsWith(s, StringComparison.Ordinal)));
            if (i > 0 && char.IsLetterOrDigit(capitals[i - 1]))
                continue;
            for (var length = 1; length < Window && i + length <= capitals.Length; length++)
            {
                if ((i + length == capitals.Length || !char.IsLetterOrDigit(capitals[i + length]))
                    && words.TryGetValue(capitals.AsSpan(i, length), out var word))
                    found.Add(word);
            }
        }

        return found.Distinct(StringComparer.Ordinal);
    }
}

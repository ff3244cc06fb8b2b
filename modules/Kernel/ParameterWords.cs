using System.Text;

namespace Lips.Kernel;

/// <summary>
/// Tells when a name that is not read is a known one in another form: in other letters, escaped twice, behind <c>&amp;amp;</c>, with a key
/// or an operator.
/// </summary>
public static class ParameterWords
{
    // A name that was escaped more often is nobody's mistake.
    private const int MostEscapes = 4;

    /// <summary>
    /// Whether the one begins with all words of the other: <c>start_date[gte]</c> with <c>start_date</c>, and <c>event_params</c> is the
    /// beginning of a known name.
    /// </summary>
    public static bool MeanTheSame(string known, string name)
    {
        var (one, other) = (Of(known), Of(name));
        var length = Math.Min(one.Count, other.Count);
        return length > 0 && one.Take(length).SequenceEqual(other.Take(length), StringComparer.Ordinal);
    }

    private static List<string> Of(string name)
    {
        for (var i = 0; i < MostEscapes; i++)
            name = Uri.UnescapeDataString(name);
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var c in name + "]")
        {
            if (char.IsLetterOrDigit(c))
                word.Append(char.ToUpperInvariant(c));
            else if (c is not ('_' or '-' or ' '))
                End();
        }

        return words;

        void End()
        {
            var text = word.ToString();
            word.Clear();
            // What is left of an escape for HTML, and the place in a list, are no words.
            if (text.Length > 0 && !(text == "AMP" && words.Count == 0) && !text.All(char.IsAsciiDigit))
                words.Add(text);
        }
    }
}

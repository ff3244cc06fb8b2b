using System.Text;

namespace Lips.Interactions.Tests.Seeds;

/// <summary>
/// A curl command, understood as bash and curl understand it: as much of the two as the seed uses, and nothing passed over.
/// </summary>
internal sealed record CurlLine(string Method, Uri Address, string Target, IReadOnlyList<(string Name, string Value)> Headers, string? Body)
{
    /// <exception cref="FormatException">The command uses what is not known here, or bash would refuse it.</exception>
    public static CurlLine Parse(string command)
    {
        var words = new Queue<string>(Words(command));
        if (words.Dequeue() != "curl")
            throw new FormatException("This is not curl.");
        string? method = null, url = null, body = null;
        var globs = true;
        var headers = new List<(string Name, string Value)> { ("User-Agent", "curl/8.5.0") };
        while (words.TryDequeue(out var word))
        {
            switch (word)
            {
                case "-L" or "--location":
                    // Redirects would be followed; the replay refuses any, so there is nothing to follow.
                    break;
                case "-g" or "--globoff":
                    globs = false;
                    break;
                case "-X" or "--request":
                    method = words.Dequeue();
                    break;
                case "-H" or "--header":
                    var parts = words.Dequeue().Split(':', 2);
                    headers.Add((parts[0], parts[1].Trim()));
                    break;
                case "--data-raw":
                    body = words.Dequeue();
                    break;
                case ['-', ..]:
                    throw new FormatException($"The option {word} is not known here.");
                default:
                    url = url is null ? word : throw new FormatException($"A second address: {word}");
                    break;
            }
        }

        if (url is null)
            throw new FormatException("There is no address.");
        if (globs && url.AsSpan().ContainsAny("[]{}"))
            throw new FormatException("Without -g curl takes brackets for a pattern.");
        if (!headers.Exists(h => h.Name.Equals("Accept", StringComparison.OrdinalIgnoreCase)))
            headers.Add(("Accept", "*/*"));
        if (body is not null && !headers.Exists(h => h.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)))
            headers.Add(("Content-Type", "application/x-www-form-urlencoded"));
        // curl sends the address as it is written; Uri would put it in order.
        var path = url.IndexOf('/', url.IndexOf("//", StringComparison.Ordinal) + 2);
        return new CurlLine(method ?? (body is null ? "GET" : "POST"), new Uri(url[..path]), url[path..], headers, body);
    }

    private static IEnumerable<string> Words(string command)
    {
        var word = new StringBuilder();
        var inWord = false;
        for (var i = 0; i < command.Length; i++)
        {
            var c = command[i];
            if (c == '\'')
            {
                var end = command.IndexOf('\'', i + 1);
                if (end < 0)
                    throw new FormatException("A quote is not closed.");
                word.Append(command, i + 1, end - i - 1);
                inWord = true;
                i = end;
            }
            else if (c == '\\' && i + 1 < command.Length && command[i + 1] == '\n')
            {
                i++;
            }
            else if (char.IsWhiteSpace(c))
            {
                if (inWord)
                    yield return word.ToString();
                word.Clear();
                inWord = false;
            }
            else if ("\"\\$`&|;<>()*?~#!".Contains(c))
            {
                throw new FormatException($"bash reads {c} as more than itself; that is not known here.");
            }
            else
            {
                word.Append(c);
                inWord = true;
            }
        }

        if (inWord)
            yield return word.ToString();
    }
}

using System.Text;

namespace Lips.Host.Tests.Containers;

/// <summary>A directive of an nginx.conf: its words, and what stands in its braces.</summary>
internal sealed record NginxDirective(IReadOnlyList<string> Words, IReadOnlyList<NginxDirective> Block)
{
    public string Name => Words[0];

    /// <summary>Everything after the name.</summary>
    public string Value => string.Join(' ', Words.Skip(1));

    /// <summary>The file as a block without a name.</summary>
    public static NginxDirective Parse(string text)
    {
        var at = 0;
        return new NginxDirective([""], ParseBlock(Tokens(text), ref at));
    }

    public IEnumerable<NginxDirective> All(string name) => Block.Where(d => d.Name == name);

    /// <summary>The value of a directive that stands here once; null where it does not.</summary>
    public string? Of(string name) => All(name).SingleOrDefault()?.Value;

    /// <summary>This directive and all below it.</summary>
    public IEnumerable<NginxDirective> Everything() => Block.SelectMany(d => d.Everything()).Prepend(this);

    private static List<NginxDirective> ParseBlock(List<string> tokens, ref int at)
    {
        var directives = new List<NginxDirective>();
        var words = new List<string>();
        while (at < tokens.Count)
        {
            var token = tokens[at++];
            if (token == "}")
                break;
            if (token is not (";" or "{"))
            {
                words.Add(token);
                continue;
            }

            directives.Add(new NginxDirective(words, token == "{" ? ParseBlock(tokens, ref at) : []));
            words = [];
        }

        return words.Count == 0 ? directives : throw new FormatException($"{words[0]} has no end.");
    }

    private static List<string> Tokens(string text)
    {
        var tokens = new List<string>();
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '#')
            {
                i = text.IndexOf('\n', i);
            }
            else if (c is ';' or '{' or '}')
            {
                tokens.Add(c.ToString());
            }
            else if (c is '\'' or '"')
            {
                var end = text.IndexOf(c, i + 1);
                tokens.Add(text[(i + 1)..end]);
                i = end;
            }
            else if (!char.IsWhiteSpace(c))
            {
                var word = new StringBuilder();
                // ${name} is part of a word.
                for (; i < text.Length
                    && (!(char.IsWhiteSpace(text[i]) || text[i] is ';' or '{' or '}') || (word.Length > 0 && word[^1] == '$')); i++)
                    word.Append(text[i]);
                i--;
                tokens.Add(word.ToString());
            }
        }

        return tokens;
    }
}

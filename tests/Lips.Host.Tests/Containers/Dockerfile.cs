using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lips.Host.Tests.Containers;

/// <summary>A Dockerfile's stages and their instructions, as far as ours uses that language.</summary>
internal sealed partial class Dockerfile
{
    private Dockerfile(IReadOnlyList<Stage> stages) => Stages = stages;

    public IReadOnlyList<Stage> Stages { get; }

    /// <summary>What an image is made of.</summary>
    public Stage Final => Stages[^1];

    public static Dockerfile Parse(string text)
    {
        var stages = new List<Stage>();
        foreach (var line in Continuation().Replace(Comment().Replace(text, ""), " ")
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ', 2, StringSplitOptions.TrimEntries);
            if (words[0] == "FROM")
                stages.Add(new Stage(words[1].Split(' ')[0], []));
            else
                stages[^1].Instructions.Add((words[0], words[1]));
        }

        return new Dockerfile(stages);
    }

    [GeneratedRegex(@"^\s*#.*\n", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\\\n")]
    private static partial Regex Continuation();

    internal sealed record Stage(string Image, List<(string Name, string Text)> Instructions)
    {
        public IEnumerable<string> All(string name) => Instructions.Where(i => i.Name == name).Select(i => i.Text);

        public IReadOnlyDictionary<string, string> Environment =>
            All("ENV").SelectMany(text => text.Split(' ')).Select(pair => pair.Split('=', 2))
                .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

        /// <summary>What is copied from the folder of the Dockerfile.</summary>
        public IEnumerable<string> Sources =>
            All("COPY").Where(text => !text.StartsWith("--from", StringComparison.Ordinal)).SelectMany(text => text.Split(' ')[..^1]);

        /// <summary>The words of an instruction in its exec form.</summary>
        public string[] Words(string name) =>
            JsonSerializer.Deserialize<string[]>(All(name).Last() is var text ? text[text.IndexOf('[', StringComparison.Ordinal)..] : "")!;
    }
}

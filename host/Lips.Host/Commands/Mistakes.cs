using System.CommandLine;

namespace Lips.Host.Commands;

/// <summary>Command lines that are none.</summary>
internal static class Mistakes
{
    private const string Advertiser = "--advertiser";

    /// <summary>What is wrong, in one line; null when nothing is.</summary>
    public static string? Explain(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        // Of serve they are settings.
        if (parsed.UnmatchedTokens is [var unknown, ..] && command.TreatUnmatchedTokensAsErrors)
        {
            var path = PathOf(parsed);
            var isOption = unknown.StartsWith('-');
            // An argument that nobody asked for, or the value of an option, may be a secret.
            if (!isOption && command.Subcommands.Count == 0)
            {
                var hint = command.Options.Any(option => option.Name == Advertiser) ? $"; advertisers are named with {Advertiser}" : "";
                return $"{path} takes no further argument{hint}. See {path} --help.";
            }

            var (kind, name) = (isOption ? "option" : "command", unknown.Split('=')[0]);
            return Nearest(name, command) is { } meant
                ? $"{path} has no {kind} {name}. Did you mean {path} {meant}?"
                : $"{path} has no {kind} {name}. See {path} --help.";
        }

        if (parsed.Errors.Count == 0)
            return null;
        string[] missing =
        [
            .. command.Arguments.Where(one => one.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(one) is null or { Tokens.Count: 0 })
                .Select(one => $"<{one.Name}>"),
            .. command.Options.Where(one => one.Required && parsed.GetResult(one) is null or { Implicit: true }).Select(one => one.Name),
        ];
        if (missing.Length > 0)
            return $"{PathOf(parsed)} needs {string.Join(" and ", missing)}. See {PathOf(parsed)} --help.";
        // What follows is a type of .NET.
        var message = parsed.Errors[0].Message.Split(" as expected type ")[0];
        return $"{message.TrimEnd('.')}. See {PathOf(parsed)} --help.";
    }

    private static string PathOf(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (var command = parsed.CommandResult; command is not null; command = command.Parent as System.CommandLine.Parsing.CommandResult)
            names.Push(command.Command.Name);
        return string.Join(' ', names);
    }

    private static string? Nearest(string typed, Command command)
    {
        var known = typed.StartsWith('-')
            ? command.Options.SelectMany(option => option.Aliases.Prepend(option.Name))
            : command.Subcommands.Select(subcommand => subcommand.Name);
        return known.Select(name => (Name: name, Distance: Distance(typed, name)))
            .Where(name => name.Distance <= Math.Max(1, name.Name.Length / 3)).OrderBy(name => name.Distance)
            .Select(name => name.Name).FirstOrDefault();
    }

    /// <summary>How many letters must be added, removed or changed, or swapped with their neighbour.</summary>
    private static int Distance(string from, string to)
    {
        var cost = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
        {
            for (var j = 0; j <= to.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }

                cost[i, j] = Math.Min(
                    Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }

        return cost[from.Length, to.Length];
    }
}

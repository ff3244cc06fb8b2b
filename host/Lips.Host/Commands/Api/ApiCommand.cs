using System.CommandLine;
using Lips.Access;
using Lips.Client;

namespace Lips.Host.Commands.Api;

/// <summary>A command that calls the public API, of a server here or elsewhere.</summary>
internal static class ApiCommand
{
    private const string UsualUrl = "http://127.0.0.1:8080";

    private static readonly Option<string?> Url = new("--url")
    {
        Description = $"The server's address. Else LIPS_URL, else {UsualUrl}.",
        HelpName = "address",
    };

    private static readonly Option<string?> TokenFile = new("--token-file")
    {
        Description = "The file that has the token. Else LIPS_TOKEN has it, else, for a server on this machine, the home's admin-token.",
        HelpName = "file",
    };

    /// <summary>Makes the command.</summary>
    /// <param name="name">What is typed.</param>
    /// <param name="description">What it does.</param>
    /// <param name="symbols">Its own arguments and options.</param>
    /// <param name="run">Does it; gives the exit code.</param>
    public static Command New(
        string name, string description, IEnumerable<Symbol> symbols,
        Func<ParseResult, LipsClient, Output, CancellationToken, Task<int>> run)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
                command.Add(argument);
            else
                command.Add((Option)symbol);
        }

        command.Add(Url);
        command.Add(TokenFile);
        command.Add(CommandLine.Json);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = await ConnectAsync(parsed, cancellation);
            return await run(parsed, client, new Output(parsed.GetValue(CommandLine.Json)), cancellation);
        });
        return command;
    }

    /// <summary>The server's address.</summary>
    public static Uri AddressOf(ParseResult parsed)
    {
        var text = parsed.GetValue(Url) ?? Variable("LIPS_URL") ?? UsualUrl;
        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0
            ? address
            : throw new WrongUseException($"{text} is no address such as {UsualUrl}.");
    }

    private static async Task<LipsClient> ConnectAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var address = AddressOf(parsed);
        var token = await TokenAsync(parsed.GetValue(TokenFile), address, cancellation);
        try
        {
            return new LipsClient(new LipsClientOptions { Address = address, Token = token });
        }
        catch (ArgumentException)
        {
            throw new WrongUseException("The token is none: it must be visible ASCII characters without spaces.");
        }
    }

    private static async Task<string> TokenAsync(string? file, Uri address, CancellationToken cancellation)
    {
        if (file is not null)
            return await ReadAsync(file, cancellation);
        if (Variable("LIPS_TOKEN") is { } given)
            return given.Trim();
        var home = Path.Combine(Variable("Lips__Home") ?? ".lips", AdminToken.FileName);
        // No other machine is told the token of this one's server.
        return address.IsLoopback && File.Exists(home)
            ? await ReadAsync(home, cancellation)
            : throw new WrongUseException("There is no token: name its file with --token-file, or set LIPS_TOKEN.");
    }

    private static async Task<string> ReadAsync(string file, CancellationToken cancellation)
    {
        try
        {
            return (await File.ReadAllTextAsync(file, cancellation)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WrongUseException($"The token cannot be read: {e.Message}");
        }
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? text : null;
}

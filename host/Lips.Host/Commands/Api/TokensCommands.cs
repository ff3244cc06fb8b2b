using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lips.Client;

namespace Lips.Host.Commands.Api;

/// <summary><c>lips tokens</c>: who may call.</summary>
internal static class TokensCommands
{
    public static Command New() => new("tokens", "Make, list and revoke tokens. The token that is used needs the ability admin.")
    {
        Create(), List(), Revoke(),
    };

    private static Command Create()
    {
        var name = new Argument<string>("name") { Description = "What it is called." };
        var advertisers = new Option<string[]>("--advertiser")
        {
            Description = "For these advertisers, such as USA_123; or all.",
            HelpName = "id",
            AllowMultipleArgumentsPerToken = true,
            Required = true,
        };
        var abilities = new Option<string[]>("--ability")
        {
            Description = "What it may do: read, write, ingest, admin. Read where nothing is said.",
            AllowMultipleArgumentsPerToken = true,
        };
        var trusted = new Option<bool>("--trusted") { Description = "Larger pages where nothing is said, and no rate limit." };
        var withoutPii = new Option<bool>("--no-pii") { Description = "It is told nothing of persons." };
        var expires = new Option<DateTimeOffset?>("--expires")
        {
            Description = "When it ends, such as 2027-01-31T12:00:00Z; never where nothing is said.",
        };
        var key = new Option<bool>("--api-key") { Description = "With a key for the partner profile." };
        return ApiCommand.New(
            "create", "Make a token and print its secret, this once.", [name, advertisers, abilities, trusted, withoutPii, expires, key],
            async (parsed, client, output, cancellation) =>
            {
                var ids = parsed.GetRequiredValue(advertisers);
                var made = await client.CreateTokenAsync(
                    new NewToken
                    {
                        Name = parsed.GetRequiredValue(name),
                        Advertisers = ids is ["all"] ? AdvertiserSet.All : AdvertiserSet.Of(ids),
                        Abilities = parsed.GetValue(abilities) is { Length: > 0 } given ? given : null,
                        Trusted = parsed.GetValue(trusted),
                        Pii = !parsed.GetValue(withoutPii),
                        ExpiresAt = parsed.GetValue(expires),
                        ApiKey = parsed.GetValue(key),
                    },
                    cancellation);
                string[] lines = [$"token {Text(made.Id)} ({made.Name}), shown this once:", $"secret  {made.Secret}"];
                output.Write(
                    JsonSerializer.SerializeToNode(made, LipsClient.JsonOptions)!,
                    made.ApiKey is { } apiKey ? [.. lines, $"api_key {apiKey}"] : lines);
                return ExitCodes.Done;
            });
    }

    private static Command List() => ApiCommand.New(
        "list", "List all tokens, without their secrets.", [],
        async (_, client, output, cancellation) =>
        {
            var tokens = await client.GetTokensAsync(cancellation);
            output.Write(
                JsonSerializer.SerializeToNode(tokens, LipsClient.JsonOptions)!,
                Output.Table([
                    ["id", "name", "advertisers", "abilities", "flags", "expires", "last used", "revoked"],
                    .. tokens.Select(Row),
                ]));
            return ExitCodes.Done;
        });

    private static Command Revoke()
    {
        var ids = new Argument<long[]>("ids") { Description = "The tokens' ids.", Arity = ArgumentArity.OneOrMore };
        return ApiCommand.New(
            "revoke", "Revoke tokens; every node refuses them within 5 seconds.", [ids],
            async (parsed, client, output, cancellation) =>
            {
                var given = parsed.GetRequiredValue(ids);
                foreach (var id in given)
                    await client.RevokeTokenAsync(id, cancellation);
                output.Write(
                    new JsonObject { ["revoked"] = new JsonArray([.. given.Select(id => JsonValue.Create(id))]) },
                    given.Select(id => $"token {Text(id)} is revoked"));
                return ExitCodes.Done;
            });
    }

    private static string[] Row(Token token) =>
    [
        Text(token.Id), token.Name, token.Advertisers.ToString(), string.Join(' ', token.Abilities),
        string.Join(' ', ((string[])[token.Trusted ? "trusted" : "", token.Pii ? "" : "no-pii"]).Where(flag => flag.Length > 0)),
        Text(token.ExpiresAt), Text(token.LastUsedAt), Text(token.RevokedAt),
    ];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture) ?? "";
}

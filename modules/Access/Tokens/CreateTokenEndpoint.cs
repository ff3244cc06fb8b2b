using System.Text.Json;
using Lips.Audit.Contracts;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Lips.Access.Tokens;

/// <summary><c>POST /tokens</c>: makes a token and shows its secret and key, this once (contract section 8).</summary>
internal sealed class CreateTokenEndpoint(IDbContextFactory<AccessContext> contexts, AuditTrail trail, TimeProvider clock) : IEndpoint
{
    private const int MaxNameLength = 255;
    private const int MaxAdvertisers = 10_000;

    private static readonly JsonNames WrapperNames = new("token");
    private static readonly JsonNames Names = new("name", "advertisers", "abilities", "trusted", "pii", "expires_at", "api_key");

    public static void Configure(EndpointDefinition endpoint) => endpoint.On("POST", "/tokens").Requires(Ability.Admin);

    public async Task HandleAsync(HttpContext http)
    {
        using var body = await http.ReadJsonAsync();
        if (body is null)
            return;
        var errors = new ValidationErrors(http.Prefers(Preferences.Strict));
        var secret = Token.NewSecret("lips_");
        var key = Token.NewSecret("lipskey_");
        var (token, wantsKey) = Read(body.RootElement, secret, key, UtcTime.CutToMilliseconds(clock.GetUtcNow().UtcDateTime), errors);
        if (token is null)
        {
            await http.Invalid(errors);
            return;
        }

        if (!token.IsWithin(http.Caller()))
        {
            await http.NotAuthorized();
            return;
        }

        await using var context = await contexts.CreateDbContextAsync(CancellationToken.None);
        await using var transaction = await context.Database.BeginTransactionAsync(CancellationToken.None);
        context.Tokens.Add(token);
        await context.SaveChangesAsync(CancellationToken.None);
        await trail.WriteAsync(
            (NpgsqlConnection)context.Database.GetDbConnection(), trail.ActorOf(http), AuditEntry.OfToken(AuditAction.TokenCreate, token.Id), CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        http.Response.Headers.CacheControl = "no-store";
        await http.AnswerJson(StatusCodes.Status201Created, json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("token"u8);
            token.WriteTo(json);
            json.WriteString("secret"u8, secret);
            json.WriteString("api_key"u8, wantsKey ? key : null);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    private static (Token? Token, bool WantsKey) Read(JsonElement body, string secret, string key, DateTime now, ValidationErrors errors)
    {
        if (body.ValueKind != JsonValueKind.Object || !JsonFields.TryGet(body, "token", out var given) || given.ValueKind != JsonValueKind.Object)
        {
            errors.Add("token", "is missing or not an object");
            return default;
        }

        new JsonFields(body, errors).CheckNames(WrapperNames);
        var fields = new JsonFields(given, errors);
        fields.CheckNames(Names);
        var name = fields.Text("name", MaxNameLength);
        if (string.IsNullOrWhiteSpace(name) && !errors.Has("name"))
            errors.Add("name", "is missing");
        var advertisers = Advertisers(fields, errors);
        var abilities = Abilities(fields, errors);
        var wantsKey = fields.Boolean("api_key") ?? false;
        var trusted = fields.Boolean("trusted") ?? false;
        var pii = fields.Boolean("pii") ?? true;
        var expires = fields.Time("expires_at");
        if (expires <= now)
            errors.Add("expires_at", "must lie in the future");
        if (!errors.None)
            return default;
        var token = new Token
        {
            Name = name!,
            SecretHash = Token.Hash(secret),
            ApiKeyHash = wantsKey ? Token.Hash(key) : null,
            Advertisers = advertisers,
            Abilities = abilities,
            Trusted = trusted,
            Pii = pii,
            ExpiresAt = expires,
            CreatedAt = now,
        };
        return (token, wantsKey);
    }

    private static long[]? Advertisers(JsonFields fields, ValidationErrors errors)
    {
        const string attribute = "advertisers";
        if (fields.Raw(attribute) is not { } value)
        {
            errors.Add(attribute, "is missing: a list of ids such as USA_123, or \"all\"");
            return null;
        }

        if (JsonFields.TextOf(value) == "all")
            return null;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is 0 or > MaxAdvertisers)
        {
            errors.Add(attribute, "must be \"all\" or a list of 1 to 10,000 ids such as USA_123");
            return null;
        }

        var ids = new SortedSet<long>();
        foreach (var item in value.EnumerateArray())
        {
            if (GlobalId.TryParse(JsonFields.TextOf(item), out var id))
            {
                ids.Add(id.Value);
                continue;
            }

            errors.Add(attribute, "must be \"all\" or a list of 1 to 10,000 ids such as USA_123");
            return null;
        }

        return [.. ids];
    }

    private static Ability Abilities(JsonFields fields, ValidationErrors errors)
    {
        const string attribute = "abilities";
        if (fields.Raw(attribute) is not { } value)
            return Ability.Read;
        var abilities = Ability.None;
        var valid = value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0;
        if (valid)
        {
            foreach (var item in value.EnumerateArray())
            {
                var ability = AbilityNames.All.FirstOrDefault(a => a.Name == JsonFields.TextOf(item)).Ability;
                valid &= ability != Ability.None;
                abilities |= ability;
            }
        }

        if (!valid)
            errors.Add(attribute, "must be a list of read, write, ingest, admin");
        return abilities;
    }
}

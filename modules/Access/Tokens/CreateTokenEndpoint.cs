using System.Text.Json;
using FastEndpoints;
using Lips.Audit.Contracts;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Lips.Access.Tokens;

/// <summary><c>POST /tokens</c>: makes a token and shows its secret and key, this once (contract section 8).</summary>
internal sealed class CreateTokenEndpoint(IDbContextFactory<AccessContext> contexts, AuditTrail trail, TimeProvider clock)
    : Endpoint<CreateTokenRequest>
{
    public override void Configure()
    {
        Post("/tokens");
        Policies(Allow.Admin);
        RequestBinder(
            new JsonBinder<CreateTokenRequest>((body, _, errors) => CreateTokenRequest.Read(body, clock.GetUtcNow().UtcDateTime, errors)));
        Definition.Describe(TokenReference.Create);
    }

    public override async Task HandleAsync(CreateTokenRequest request, CancellationToken cancellation)
    {
        var http = HttpContext;
        var secret = Token.NewSecret("lips_");
        var key = request.WantsKey ? Token.NewSecret("lipskey_") : null;
        var token = new Token
        {
            Name = request.Name,
            SecretHash = Token.Hash(secret),
            ApiKeyHash = key is null ? null : Token.Hash(key),
            Advertisers = request.Advertisers,
            Abilities = request.Abilities,
            Trusted = request.Trusted,
            Pii = request.Pii,
            ExpiresAt = request.ExpiresAt,
            CreatedAt = UtcTime.CutToMilliseconds(clock.GetUtcNow().UtcDateTime),
        };
        if (!token.IsWithin(http.Caller()))
        {
            await http.NotAuthorized("advertiser");
            return;
        }

        await using var context = await contexts.CreateDbContextAsync(CancellationToken.None);
        await using var transaction = await context.Database.BeginTransactionAsync(CancellationToken.None);
        context.Tokens.Add(token);
        await context.SaveChangesAsync(CancellationToken.None);
        await trail.WriteAsync(
            (NpgsqlConnection)context.Database.GetDbConnection(), trail.ActorOf(http),
                AuditEntry.OfToken(AuditAction.TokenCreate, token.Id), CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        http.Response.Headers.CacheControl = "no-store";
        await http.AnswerJson(StatusCodes.Status201Created, json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("token"u8);
            token.WriteTo(json);
            json.WriteString("secret"u8, secret);
            json.WriteString("api_key"u8, key);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

}

/// <summary>What is asked of a new token (contract section 8).</summary>
internal sealed record CreateTokenRequest(
    string Name, long[]? Advertisers, Ability Abilities, bool Trusted, bool Pii, DateTime? ExpiresAt, bool WantsKey)
{
    private const int MaxNameLength = 255;
    private const int MaxAdvertisers = 10_000;

    private static readonly JsonNames WrapperNames = new("token");
    private static readonly JsonNames Names = new("name", "advertisers", "abilities", "trusted", "pii", "expires_at", "api_key");

    /// <summary>Reads the body; what is wrong goes to the errors, and then the request is of no use.</summary>
    public static CreateTokenRequest Read(JsonElement body, DateTime now, ValidationErrors errors)
    {
        if (body.ValueKind != JsonValueKind.Object || !JsonFields.TryGet(body, "token", out var given)
            || given.ValueKind != JsonValueKind.Object)
        {
            errors.Add("token", "is missing or not an object");
            return new CreateTokenRequest("", null, Ability.None, Trusted: false, Pii: false, null, WantsKey: false);
        }

        new JsonFields(body, errors).CheckNames(WrapperNames);
        var fields = new JsonFields(given, errors);
        fields.CheckNames(Names);
        var name = fields.Text("name", MaxNameLength);
        if (string.IsNullOrWhiteSpace(name) && !errors.Has("name"))
            errors.Add("name", "is missing");
        var request = new CreateTokenRequest(
            name ?? "",
            ReadAdvertisers(fields, errors),
            ReadAbilities(fields, errors),
            fields.Boolean("trusted") ?? false,
            fields.Boolean("pii") ?? true,
            fields.Time("expires_at"),
            fields.Boolean("api_key") ?? false);
        if (request.ExpiresAt <= now)
            errors.Add("expires_at", "must lie in the future");
        return request;
    }

    private static long[]? ReadAdvertisers(JsonFields fields, ValidationErrors errors)
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

    private static Ability ReadAbilities(JsonFields fields, ValidationErrors errors)
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

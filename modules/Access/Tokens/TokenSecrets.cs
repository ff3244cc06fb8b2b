using FastEndpoints;
using Lips.Audit.Contracts;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Lips.Access.Tokens;

/// <summary>
/// <c>POST /tokens/:id/secrets</c>: gives a token a second secret beside the one that it has, and shows it, this once. Both work until one
/// is ended, so that the token's users can move over one by one.
/// </summary>
internal sealed class AddSecretEndpoint(IDbContextFactory<AccessContext> contexts, AuditTrail trail, TimeProvider clock)
    : EndpointWithoutRequest
{
    public override void Configure()
    {
        Post("/tokens/{id:long}/secrets");
        Policies(Allow.Admin);
        Definition.Describe(TokenReference.AddSecret);
    }

    public override async Task HandleAsync(CancellationToken cancellation)
    {
        var http = HttpContext;
        await using var context = await contexts.CreateDbContextAsync(CancellationToken.None);
        await using var transaction = await context.Database.BeginTransactionAsync(CancellationToken.None);
        if (!http.TryRouteId(out var id) || await context.LockTokenAsync(id, CancellationToken.None) is not { } token
            || !token.IsWithin(http.Caller()))
        {
            await http.NotFound("There is no such token.");
            return;
        }

        var now = UtcTime.CutToMilliseconds(clock.GetUtcNow().UtcDateTime);
        if (WhyNot(token, now) is { None: false } errors)
        {
            await http.Invalid(errors);
            return;
        }

        var secret = Token.NewSecret("lips_");
        token.AddSecret(Token.Hash(secret), now);
        await context.SaveChangesAsync(CancellationToken.None);
        await trail.WriteAsync(
            (NpgsqlConnection)context.Database.GetDbConnection(), trail.ActorOf(http), AuditEntry.OfToken(AuditAction.TokenRotate, id),
                CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        http.Response.Headers.CacheControl = "no-store";
        await http.AnswerJson(StatusCodes.Status201Created, json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("token"u8);
            token.WriteTo(json);
            json.WriteString("secret"u8, secret);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    private static ValidationErrors WhyNot(Token token, DateTime now)
    {
        var errors = new ValidationErrors();
        if (token.RevokedAt is not null)
            errors.Add("revoked_at", "is set: a revoked token gets no secret");
        else if (!token.IsValidAt(now))
            errors.Add("expires_at", "has passed: an expired token gets no secret");
        if (token.SecondSecretId is not null)
            errors.Add("secrets", "are two already; end one of them first");
        return errors;
    }
}

/// <summary>
/// <c>DELETE /tokens/:id/secrets/:secret_id</c>: ends one of two secrets; the same again when it is ended already. Refused from then on as
/// a revoked token is, within 5 seconds on every node.
/// </summary>
internal sealed class EndSecretEndpoint(IDbContextFactory<AccessContext> contexts, Authentication.TokenCache cache, AuditTrail trail)
    : EndpointWithoutRequest
{
    public override void Configure()
    {
        Delete("/tokens/{id:long}/secrets/{secret_id:long}");
        Policies(Allow.Admin);
        Definition.Describe(TokenReference.EndSecret);
    }

    public override async Task HandleAsync(CancellationToken cancellation)
    {
        var http = HttpContext;
        await using var context = await contexts.CreateDbContextAsync(CancellationToken.None);
        await using var transaction = await context.Database.BeginTransactionAsync(CancellationToken.None);
        if (!http.TryRouteId(out var id) || !http.TryRouteId("secret_id", out var secretId)
            || await context.LockTokenAsync(id, CancellationToken.None) is not { } token || secretId > token.SecretsMade
                || !token.IsWithin(http.Caller()))
        {
            await http.NotFound("There is no such secret.");
            return;
        }

        if (token.SecondSecretId is null && secretId == token.SecretId)
        {
            var errors = new ValidationErrors();
            errors.Add("secret_id", "is the token's only secret; revoke the token, or give it another secret first");
            await http.Invalid(errors);
            return;
        }

        if (token.EndSecret(secretId) is not { } ended)
            return;
        await context.SaveChangesAsync(CancellationToken.None);
        await trail.WriteAsync(
            (NpgsqlConnection)context.Database.GetDbConnection(), trail.ActorOf(http), AuditEntry.OfToken(AuditAction.TokenSecretEnd, id),
                CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        cache.Forget(ended);
    }
}

internal static class TokenLock
{
    /// <summary>Reads a token and keeps others from changing it until the transaction ends; null when there is none.</summary>
    public static async Task<Token?> LockTokenAsync(this AccessContext context, long id, CancellationToken cancellation) =>
        // A list, because EF would wrap anything else that it is asked for around the lock.
        (await context.Tokens.FromSql($"SELECT * FROM access.tokens WHERE id = {id} FOR NO KEY UPDATE").ToListAsync(cancellation))
            .SingleOrDefault();
}

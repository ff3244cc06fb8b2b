using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using Lips.Access.Limits;
using Lips.Access.Tokens;
using Lips.Kernel;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Lips.Access.Authentication;

/// <summary>
/// Finds the token of a request and sets its <see cref="Caller"/> (contract section 2). What the token may do is decided by <see
/// cref="AbilityPolicies"/>.
/// </summary>
internal sealed class TokenAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, TokenCache tokens,
        FailedAuthentications failures)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>The scheme's name.</summary>
    public const string SchemeName = "Token";

    private const int MaxSecretLength = 512;

    // Who calls is a Caller; ASP.NET Core's principal only says that there is one.
    private static readonly AuthenticateResult Known =
        AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(SchemeName)), SchemeName));

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var metadata = Context.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<IAllowAnonymous>() is not null)
            return AuthenticateResult.NoResult();
        if (SecretOf(Request) is not { } secret)
            return Refused("Send a token: Authorization: token YOUR_TOKEN.");
        // The router found no route, or answers 405 itself, which tells nothing that is not documented. It counts for a token that is
        // known, and asks nothing.
        if (metadata?.GetMetadata<IAuthorizeData>() is null)
        {
            SetLimit(tokens.Find(secret));
            return AuthenticateResult.NoResult();
        }

        var address = Context.Connection.RemoteIpAddress;
        if (await tokens.FindAsync(secret, address, Context.RequestAborted) is not { } known)
            return Refused("The token is unknown, expired or revoked.", failures.Note(address));
        SetLimit(known);
        if (CallerOf(Request, known) is not { } caller)
            return Refused("The API key is not this token's.");
        Context.Features.Set(caller);
        return Known;
    }

    /// <summary>
    /// The secret of <c>token T</c>, <c>Bearer T</c>, <c>Token token="T"</c> or a bare <c>T</c>; null when there is none or its form is
    /// another.
    /// </summary>
    internal static string? SecretOf(HttpRequest request)
    {
        if (request.Headers.Authorization is not [{ } header])
            return null;
        var words = header.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var secret = words switch
        {
            [var bare] => bare,
            [var scheme, var value] when Is(scheme, "token") || Is(scheme, "bearer") => Unquoted(value),
            _ => null,
        };
        return secret?.Length <= MaxSecretLength ? secret : null;

        static bool Is(string scheme, string name) => scheme.Equals(name, StringComparison.OrdinalIgnoreCase);

        // What Rails clients send: token="T".
        static string Unquoted(string value) =>
            value.StartsWith("token=\"", StringComparison.OrdinalIgnoreCase) && value.Length > 8 && value[^1] == '"' ? value[7..^1] : value;
    }

    /// <summary>The token in the profile that the request chooses; null when it shows a key that is not the token's.</summary>
    private static Caller? CallerOf(HttpRequest request, CachedToken known) => request.Headers["x-api-key"] switch
    {
        [] => known.Caller,
        [var key] when IsKeyOf(known.Token, key) => known.Partner,
        _ => null,
    };

    private static bool IsKeyOf(Token token, string? key) =>
        token.ApiKeyHash is { } hash && key is not null && CryptographicOperations.FixedTimeEquals(hash, Token.Hash(key));

    private void SetLimit(CachedToken? known)
    {
        if (known?.Limit is { } limit)
            Context.Features.Set(limit);
    }

    private AuthenticateResult Refused(string message, int? retryAfter = null)
    {
        Context.Features.Set(new RefusedCredential(message, retryAfter));
        return AuthenticateResult.NoResult();
    }
}

/// <summary>Why there is no caller.</summary>
/// <param name="Message">In words for the client.</param>
/// <param name="RetryAfter">In how many seconds an address that has failed too often may try again; null when it may at once.</param>
internal sealed record RefusedCredential(string Message, int? RetryAfter);

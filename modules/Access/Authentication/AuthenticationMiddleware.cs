using System.Security.Cryptography;
using Lips.Access.Limits;
using Lips.Access.Tokens;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;

namespace Lips.Access.Authentication;

/// <summary>
/// Lets a request through to its endpoint when its credential allows what the endpoint requires (contract section 2). The one place
/// where that is decided.
/// </summary>
internal sealed class AuthenticationMiddleware(RequestDelegate next, TokenCache tokens, FailedAuthentications failures)
{
    private const int MaxSecretLength = 512;

    public Task InvokeAsync(HttpContext http)
    {
        // No metadata: the router found no route, or answers 405 itself; that tells nothing that is not documented. It counts for a token that is known.
        var access = http.GetEndpoint()?.Metadata.GetMetadata<EndpointAccess>();
        if (access is null || access.Ability == Ability.None)
        {
            return access is null && SecretOf(http.Request) is { } shown && tokens.Find(shown)?.Limit?.Refuses(http.Response) is { } later
                ? http.TooManyRequests(later)
                : next(http);
        }

        return AskAsync(http, access);
    }

    private async Task AskAsync(HttpContext http, EndpointAccess access)
    {
        if (SecretOf(http.Request) is not { } secret)
        {
            await http.Unauthorized("Send a token: Authorization: token YOUR_TOKEN.");
            return;
        }

        var address = http.Connection.RemoteIpAddress;
        if (await tokens.OpenAsync(secret, address, http.RequestAborted) is not { } known)
        {
            if (failures.Note(address) is { } retryAfter)
                await http.TooManyRequests(retryAfter);
            else
                await http.Unauthorized("The token is unknown, expired or revoked.");
            return;
        }

        await ServeAsync(http, known, access);
    }

    /// <summary>Serves the request of a token that was opened for it.</summary>
    private async Task ServeAsync(HttpContext http, CachedToken known, EndpointAccess access)
    {
        try
        {
            if (known.Limit?.Refuses(http.Response) is { } retryAfter)
                await http.TooManyRequests(retryAfter);
            else if (CallerOf(http.Request, known) is not { } caller)
                await http.Unauthorized("The API key is not this token's.");
            else if (!caller.May(access.Ability) || (caller.Profile == Profile.Partner && !access.IsForPartners))
                await http.NotAuthorized();
            else
            {
                http.Features.Set(caller);
                await next(http);
            }
        }
        finally
        {
            known.Close();
        }
    }

    /// <summary>The token in the profile that the request chooses; null when it shows a key that is not the token's.</summary>
    private static Caller? CallerOf(HttpRequest request, CachedToken known) => request.Headers["x-api-key"] switch
    {
        [] => known.Caller,
        [var key] when IsKeyOf(known.Token, key) => known.Partner,
        _ => null,
    };

    /// <summary>The secret of <c>token T</c>, <c>Bearer T</c> or a bare <c>T</c>; null when there is none or its form is another.</summary>
    internal static string? SecretOf(HttpRequest request)
    {
        if (request.Headers.Authorization is not [{ } header])
            return null;
        var words = header.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var secret = words switch
        {
            [var bare] => bare,
            [var scheme, var value] when scheme.Equals("token", StringComparison.OrdinalIgnoreCase) || scheme.Equals("bearer", StringComparison.OrdinalIgnoreCase) => value,
            _ => null,
        };
        return secret?.Length <= MaxSecretLength ? secret : null;
    }

    private static bool IsKeyOf(Token token, string? key) =>
        token.ApiKeyHash is { } hash && key is not null && CryptographicOperations.FixedTimeEquals(hash, Token.Hash(key));
}

using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Lips.Access.Authentication;

/// <summary>
/// The token that a connection showed last, so that a client that stays connected has its secret hashed once and not with each request. The server gives the same
/// string again for the same header of the same connection: equal references say that it is the same secret, and nothing is compared that could be guessed at.
/// </summary>
internal static class ConnectionToken
{
    /// <summary>The token that belongs to the request's header, if the connection showed that one before. It may have ended since.</summary>
    public static CachedToken? Find(HttpContext http) =>
        ItemsOf(http) is { } items && items.TryGetValue(typeof(ConnectionToken), out var kept) && kept is Kept(var header, var token)
        && http.Request.Headers.Authorization is [{ } shown] && ReferenceEquals(shown, header)
            ? token
            : null;

    /// <summary>Keeps the token of the request's header.</summary>
    public static void Keep(HttpContext http, CachedToken token)
    {
        if (ItemsOf(http) is { } items && http.Request.Headers.Authorization is [{ } header])
            items[typeof(ConnectionToken)] = new Kept(header, token);
    }

    // Requests of HTTP/2 share a connection at the same time, and these items are for one at a time.
    private static IDictionary<object, object?>? ItemsOf(HttpContext http) =>
        HttpProtocol.IsHttp11(http.Request.Protocol) ? http.Features.Get<IConnectionItemsFeature>()?.Items : null;

    private sealed record Kept(string Header, CachedToken Token);
}

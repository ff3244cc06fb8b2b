using Lips.Client.Sending;

namespace Lips.Client;

// Tokens, and who changed what.
public sealed partial class LipsClient
{
    /// <summary>Makes a token. Its secret and key are in the answer and nowhere else. Not sent again by itself.</summary>
    public async Task<MadeToken> CreateTokenAsync(NewToken token, CancellationToken cancellation = default)
    {
        var request = Request(HttpMethod.Post, new Query("tokens"));
        request.Content = Json(new Bodies.NewToken(token), LipsJson.Default.NewTokenBody);
        return (await ReadAsync(request, LipsJson.Default.MadeTokenBody, cancellation)).Token;
    }

    /// <summary>All tokens, without their secrets.</summary>
    public async Task<IReadOnlyList<Token>> GetTokensAsync(CancellationToken cancellation = default) =>
        (await GetAsync(new Query("tokens"), LipsJson.Default.Tokens, cancellation)).All;

    /// <summary>The token that this client uses, without its secret.</summary>
    public async Task<Token> GetOwnTokenAsync(CancellationToken cancellation = default) =>
        (await GetAsync(new Query("tokens/self"), LipsJson.Default.OwnToken, cancellation)).Token;

    /// <summary>Revokes a token; one that is revoked stays so.</summary>
    public Task RevokeTokenAsync(long id, CancellationToken cancellation = default) =>
        DoAsync(Request(HttpMethod.Delete, new Query(FormattableString.Invariant($"tokens/{id}"))), cancellation);

    /// <summary>Gives a token a second secret; the first one works until it is ended. Not sent again by itself.</summary>
    public async Task<MadeSecret> AddSecretAsync(long tokenId, CancellationToken cancellation = default) => (await ReadAsync(
        Request(HttpMethod.Post, new Query(FormattableString.Invariant($"tokens/{tokenId}/secrets"))),
        LipsJson.Default.MadeSecretBody,
        cancellation)).Token;

    /// <summary>Ends a secret of a token.</summary>
    public Task EndSecretAsync(long tokenId, long secretId, CancellationToken cancellation = default) =>
        DoAsync(
            Request(HttpMethod.Delete, new Query(FormattableString.Invariant($"tokens/{tokenId}/secrets/{secretId}"))), cancellation);

    /// <summary>The audit trail, newest first.</summary>
    public IAsyncEnumerable<AuditEntry> ListAuditAsync(AuditFilter? filter = null, CancellationToken cancellation = default) => AllAsync(
        (before, token) => GetAsync(
            new Query("audit").Add("global_master_advertiser_id", filter?.Advertisers).Add("start_date", filter?.StartDate)
                .Add("end_date", filter?.EndDate).Add("token_id", filter?.TokenId).Add("contact_interaction_id", filter?.InteractionId)
                .Add("action", filter?.Actions).Add("limit", 500).Add("before", before),
            LipsJson.Default.AuditPage,
            token),
        page => (page.Audit, page.HasMore ? page.Next : null),
        cancellation);
}

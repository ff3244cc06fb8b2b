using Lips.Access.Tokens;
using Lips.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Lips.Access.Limits;

/// <summary>What a token has left of its rate on this node (contract section 3). One for all of its secrets.</summary>
internal sealed class TokenLimit(RateLimit limit)
{
    private readonly Bucket bucket = new(limit);

    /// <summary>The round of <see cref="TokenLimits.Sweep"/> that found a token with it.</summary>
    public int Round { get; set; }

    public bool IsFull => bucket.IsFull;

    /// <summary>Lets a request in or not, and has its answer say what is left, whatever that answer will be.</summary>
    /// <returns>Null for a request that is let in; else in how many seconds the next will be.</returns>
    public int? Refuses(HttpResponse response)
    {
        var isIn = bucket.TryTake();
        // Not now: what fails is answered on a clean page.
        response.OnStarting(Tell, (response, limit, limit.Left(bucket.Left)));
        return isIn ? null : limit.SecondsToNext;
    }

    private static Task Tell(object state)
    {
        var (response, limit, left) = ((HttpResponse, RateLimit, string))state;
        response.Headers["RateLimit-Policy"] = limit.Policy;
        response.Headers["RateLimit"] = left;
        return Task.CompletedTask;
    }
}

/// <summary>The limits of the tokens in the cache, whose lock guards it.</summary>
internal sealed class TokenLimits(IConfiguration settings)
{
    private readonly RateLimit limit = Read(settings);

    private readonly Dictionary<long, TokenLimit> limits = [];
    private int round;

    /// <summary>The limit that the settings say.</summary>
    public static RateLimit Read(IConfiguration settings) => new(
        settings.Number("Lips:RateLimit:PerSecond", usual: 20, least: 0.001, most: 100_000),
        settings.Whole("Lips:RateLimit:Burst", usual: 40, least: 1, most: 1_000_000));

    /// <summary>The token's limit; null for one that has none.</summary>
    public TokenLimit? Of(Token token)
    {
        if (token.Trusted || token.Abilities.HasFlag(Ability.Admin))
            return null;
        return limits.TryGetValue(token.Id, out var known) ? known : limits[token.Id] = new TokenLimit(limit);
    }

    /// <summary>Forgets limits that no token has any more, once they are full: a token that comes back is not better off.</summary>
    /// <param name="inUse">The limits of the tokens in the cache.</param>
    public void Sweep(IEnumerable<TokenLimit> inUse)
    {
        if (limits.Count == 0)
            return;
        round++;
        foreach (var used in inUse)
            used.Round = round;
        foreach (var (id, unused) in limits)
        {
            if (unused.Round != round && unused.IsFull)
                limits.Remove(id);
        }
    }
}

using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Lips.Kernel;

/// <summary>What a token allows (contract section 2).</summary>
[Flags]
public enum Ability
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>List, show and count interactions.</summary>
    Read = 1,

    /// <summary>Update, archive and unarchive interactions.</summary>
    Write = 2,

    /// <summary>Bring interactions in.</summary>
    Ingest = 4,

    /// <summary>Manage tokens.</summary>
    Admin = 8,
}

/// <summary>In which of its two documented forms the API is served (contract section 2).</summary>
public enum Profile
{
    /// <summary>The full API.</summary>
    Full,

    /// <summary>What partners see of it through their gateway: chosen by <c>x-api-key</c>.</summary>
    Partner,
}

/// <summary>Who is calling: the token behind the request. Set by the Access module before an endpoint runs.</summary>
public sealed class Caller
{
    /// <summary>The token's id.</summary>
    public required long TokenId { get; init; }

    /// <summary>The profile that the request chose.</summary>
    public Profile Profile { get; init; }

    /// <summary>What the token allows.</summary>
    public required Ability Abilities { get; init; }

    /// <summary>The advertisers that the token may see; null for all.</summary>
    public required IReadOnlySet<GlobalId>? Advertisers { get; init; }

    /// <summary>
    /// Tells what an answer to this caller depends on of the caller: the profile, the advertisers and what is shown of persons. A hash.
    /// </summary>
    public string Tag => field ??= Convert.ToHexString(
        SHA256.HashData(Encoding.ASCII.GetBytes(
            $"{Profile}|{Pii}|{(Advertisers is null ? "all" : string.Join(',', Advertisers.Select(a => a.Value).Order()))}")).AsSpan(0, 8));

    /// <summary>Trusted callers get 100 interactions a page by default, in the full profile.</summary>
    public required bool Trusted { get; init; }

    /// <summary>Whether the caller sees what tells of a person.</summary>
    public required bool Pii { get; init; }

    /// <summary>
    /// Cancelled when the token no longer is what it was: revoked, expired or changed. For answers that last, such as a stream; ends there
    /// what is open.
    /// </summary>
    public CancellationToken Ended { get; init; }

    /// <summary>
    /// Whether the token was lately found in the database as it is here. It is when a request begins; an answer that lasts asks before it
    /// tells more, because a node cut off from the database does not hear of a revocation.
    /// </summary>
    public Func<bool> IsConfirmed { get; init; } = () => true;

    /// <summary>Whether the advertiser is one of the token's.</summary>
    public bool MaySee(GlobalId advertiser) => Advertisers is null || Advertisers.Contains(advertiser);

    /// <summary>Whether all the advertisers are the token's.</summary>
    public bool MaySeeAll(IReadOnlyList<GlobalId> advertisers)
    {
        for (var i = 0; i < advertisers.Count; i++)
        {
            if (!MaySee(advertisers[i]))
                return false;
        }

        return true;
    }

    /// <summary>Whether the token has the ability.</summary>
    public bool May(Ability ability) => (Abilities & ability) == ability;
}

/// <summary>Finds the caller of a request.</summary>
public static class CallerOfRequest
{
    /// <summary>The caller; only inside an endpoint that requires an ability.</summary>
    /// <exception cref="InvalidOperationException">The endpoint requires no ability, so nobody was asked who calls.</exception>
    public static Caller Caller(this HttpContext http) => http.Features.Get<Caller>()
        ?? throw new InvalidOperationException("This endpoint requires no ability and so has no caller.");
}

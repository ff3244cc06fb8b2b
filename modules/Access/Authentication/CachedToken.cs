using Lips.Access.Limits;
using Lips.Access.Tokens;
using Lips.Kernel;

namespace Lips.Access.Authentication;

/// <summary>A token that was valid when it was read last.</summary>
internal sealed class CachedToken
{
    private readonly CancellationTokenSource ended = new();
    private readonly TimeProvider clock;
    private volatile TokenRow row;
    private long confirmedAt;
    private long usedAt;

    private readonly byte[] secretHash;

    /// <param name="row">The token as it was read.</param>
    /// <param name="secretHash">Which of its secrets this is.</param>
    /// <param name="limit">Its limit; null for a token that has none.</param>
    /// <param name="readAt">When the question was sent.</param>
    /// <param name="clock">Tells the time.</param>
    public CachedToken(TokenRow row, byte[] secretHash, TokenLimit? limit, long readAt, TimeProvider clock)
    {
        (this.row, this.secretHash, Limit, this.clock, confirmedAt, usedAt) = (
            row, secretHash, limit, clock, readAt, clock.GetUtcNow().Ticks);
        Caller = CallerIn(Profile.Full);
    }

    /// <summary>The caller in the full profile.</summary>
    public Caller Caller { get; }

    /// <summary>The caller beside the token's API key.</summary>
    public Caller Partner => field ??= CallerIn(Profile.Partner);

    public TokenLimit? Limit { get; }

    public Token Token => row.Token;

    public uint Mark => row.Mark;

    /// <summary>Whether it was found in the database as it is, so short a time ago that it can be believed.</summary>
    public bool IsFresh => !ended.IsCancellationRequested && clock.GetElapsedTime(Volatile.Read(ref confirmedAt)) < TokenCache.Freshness;

    public bool IsValid => Token.IsValidAt(clock.GetUtcNow().UtcDateTime);

    public TimeSpan Unused => clock.GetUtcNow() - new DateTimeOffset(Volatile.Read(ref usedAt), TimeSpan.Zero);

    /// <summary>The minute of the last use, where the database does not have it yet.</summary>
    public DateTime? UseToNote
    {
        get
        {
            var ticks = Volatile.Read(ref usedAt);
            var minute = new DateTime(ticks - (ticks % TimeSpan.TicksPerMinute), DateTimeKind.Utc);
            return Token.LastUsedAt is null || Token.LastUsedAt < minute ? minute : null;
        }
    }

    /// <summary>
    /// Notes that it is used. Written once a second: all cores would otherwise write the same line of memory for each request.
    /// </summary>
    public void Used()
    {
        var now = clock.GetUtcNow().Ticks;
        if (now - Volatile.Read(ref usedAt) >= TimeSpan.TicksPerSecond)
            Volatile.Write(ref usedAt, now);
    }

    /// <summary>Takes note that it was found unchanged.</summary>
    /// <param name="readAt">When the question was sent: what the answer is sure to reflect.</param>
    public void Confirm(long readAt)
    {
        for (var seen = Volatile.Read(ref confirmedAt); seen < readAt;)
        {
            var found = Interlocked.CompareExchange(ref confirmedAt, readAt, seen);
            if (found == seen)
                return;
            seen = found;
        }
    }

    /// <summary>Takes over what may change of a token that allows what it did.</summary>
    /// <returns>False when it is no longer valid, or another than callers were told.</returns>
    public bool TryUpdate(TokenRow newer)
    {
        var (old, now) = (Token, newer.Token);
        var isTheSame = now.RevokedAt is null && now.Id == old.Id && now.HasSecret(secretHash)
            && now.ApiKeyHash.AsSpan().SequenceEqual(old.ApiKeyHash) && now.Abilities == old.Abilities && now.Trusted == old.Trusted
                && now.Pii == old.Pii
            && now.Advertisers is null == old.Advertisers is null && now.Advertisers.AsSpan().SequenceEqual(old.Advertisers);
        if (isTheSame)
            row = newer;
        return isTheSame;
    }

    private Caller CallerIn(Profile profile) => new()
    {
        TokenId = Token.Id,
        Profile = profile,
        Abilities = Token.Abilities,
        Advertisers = Token.Advertisers?.Select(GlobalId.FromValue).ToHashSet(),
        Trusted = Token.Trusted,
        Pii = Token.Pii,
        Ended = ended.Token,
        IsConfirmed = IsStillFresh,
    };

    // A stream asks with each heartbeat, so a token with a stream is never unused for long.
    private bool IsStillFresh()
    {
        Used();
        return IsFresh;
    }

    /// <summary>Ends what is open. Not on the caller's time: thousands of streams may be.</summary>
    public void End() => _ = ended.CancelAsync();
}

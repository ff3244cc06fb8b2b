using System.Collections.Concurrent;
using Lips.Access.Tokens;
using Lips.Kernel;
using Microsoft.EntityFrameworkCore;

namespace Lips.Access.Authentication;

/// <summary>
/// Tokens that were used lately, so that most requests ask the database nothing. An entry is believed for
/// <see cref="Freshness"/>: that is how long a token revoked through another node can still be used here, of the 5 seconds allowed.
/// </summary>
internal sealed class TokenCache(IDbContextFactory<AccessContext> contexts, TimeProvider clock)
{
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(3);

    // Only tokens that exist are kept, so guesses cannot fill it; past this many it starts anew.
    private const int Capacity = 100_000;

    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private volatile int generation;

    /// <summary>The token with this secret, whether or not it is still valid; null when there is none.</summary>
    public async ValueTask<Known?> FindAsync(string secret, CancellationToken cancellation)
    {
        var hash = Token.Hash(secret);
        var key = Convert.ToBase64String(hash);
        var now = clock.GetUtcNow();
        if (entries.TryGetValue(key, out var entry) && now - entry.ReadAt < Freshness && entry.Generation == generation)
            return entry.Known;
        var before = generation;
        var token = await LoadAsync(hash, now.UtcDateTime, cancellation);
        if (token is null)
        {
            entries.TryRemove(key, out _);
            return null;
        }

        if (entries.Count >= Capacity)
            entries.Clear();
        var known = new Known(token, token.ToCaller());
        entries[key] = new Entry(known, now, before);
        return known;
    }

    /// <summary>Believes nothing that was read before now.</summary>
    public void Forget() => Interlocked.Increment(ref generation);

    private async Task<Token?> LoadAsync(byte[] hash, DateTime now, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var token = await context.Tokens.AsNoTracking().FirstOrDefaultAsync(t => t.SecretHash == hash, cancellation);
        if (token is null || !token.IsValidAt(now))
            return token;
        var minute = new DateTime(now.Ticks - (now.Ticks % TimeSpan.TicksPerMinute), DateTimeKind.Utc);
        if (token.LastUsedAt is null || token.LastUsedAt < minute)
        {
            await context.Tokens.Where(t => t.Id == token.Id && (t.LastUsedAt == null || t.LastUsedAt < minute))
                .ExecuteUpdateAsync(t => t.SetProperty(x => x.LastUsedAt, minute), cancellation);
        }

        return token;
    }

    internal sealed record Known(Token Token, Caller Caller);

    private readonly record struct Entry(Known Known, DateTimeOffset ReadAt, int Generation);
}

using System.Collections.Concurrent;
using System.Net;
using Lips.Access.Limits;
using Lips.Access.Tokens;
using Npgsql;

namespace Lips.Access.Authentication;

/// <summary>
/// Tokens that were used lately, so that their requests ask the database nothing: <see cref="TokenRefresher"/> reads all of them again
/// every two seconds, in one query. A token is believed for <see cref="Freshness"/> after that; a node cut off from the database asks for
/// itself then, and fails, instead of serving a token that may have been revoked.
/// </summary>
internal sealed class TokenCache(TokenRows rows, TokenLimits limits, FailedAuthentications failures, TimeProvider clock)
{
    /// <summary>Of the 5 seconds in which a revoked token is refused on every node (contract section 8).</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(4.5);

    private static readonly TimeSpan KeptUnused = TimeSpan.FromMinutes(10);

    // Only tokens that exist and are valid are kept, so guesses cannot fill it. At 100,000 a refresh takes a good part of a second.
    private const int Capacity = 100_000;

    // A token that is read may be revoked, or take longer to read than it is believed; a database that slow is as good as away.
    private const int Tries = 3;

    private readonly ConcurrentDictionary<string, CachedToken> tokens = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<CachedToken?>>> loads = new(StringComparer.Ordinal);
    private readonly Lock guard = new();
    private int revocations;
    private bool readAll;

    /// <summary>The token with this secret; null when there is no valid one.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="address">Where it comes from; an address that has failed often may have to wait for its turn.</param>
    /// <param name="cancellation">Cancels.</param>
    public ValueTask<CachedToken?> FindAsync(string secret, IPAddress? address, CancellationToken cancellation)
    {
        var hash = Token.Hash(secret);
        var key = Convert.ToBase64String(hash);
        if (!tokens.TryGetValue(key, out var known))
            return LoadUnknownAsync(hash, key, address, cancellation);
        if (!known.IsFresh)
            return LoadAsync(hash, key, cancellation);
        if (!known.IsValid)
            return default;
        known.Used();
        return new(known);
    }

    /// <summary>The token with this secret if it needs no question; for requests that need none to be answered.</summary>
    public CachedToken? Find(string secret) => Known(Convert.ToBase64String(Token.Hash(secret)));

    /// <summary>Takes note that a secret was ended through this node, as <see cref="Forget(long)"/> does of a token.</summary>
    public void Forget(byte[] secretHash)
    {
        lock (guard)
        {
            revocations++;
            var key = Convert.ToBase64String(secretHash);
            if (tokens.TryGetValue(key, out var token))
                End(key, token);
        }
    }

    /// <summary>Takes note that a token was revoked through this node: it is refused from now on, and what it has open ends.</summary>
    public void Forget(long id)
    {
        lock (guard)
        {
            // Who is reading the token at this moment may have read it before it was revoked.
            revocations++;
            foreach (var (key, token) in tokens.Where(t => t.Value.Token.Id == id))
                End(key, token);
        }
    }

    /// <summary>Reads all tokens again, ends those that are no longer valid, and lets go of those that nobody uses.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        Clear();
        var known = tokens.ToArray();
        if (known.Length == 0)
            return;
        var readAt = clock.GetTimestamp();
        // After a failure it may be another database, whose marks have nothing to do with ours.
        var marks = Array.ConvertAll(known, t => readAll ? TokenRows.NoMark : t.Value.Mark);
        readAll = true;
        var changed = await rows.ChangedAsync(Array.ConvertAll(known, t => t.Value.Token.Id), marks, cancellation);
        readAll = false;
        lock (guard)
        {
            foreach (var (key, token) in known)
            {
                if (!changed.TryGetValue(token.Token.Id, out var row) || (row is not null && token.TryUpdate(row)))
                    token.Confirm(readAt);
                else
                    End(key, token);
            }
        }
    }

    /// <summary>Writes down which tokens were used, all in one statement.</summary>
    public async Task NoteUsesAsync(CancellationToken cancellation)
    {
        List<(long Id, DateTime Minute)> uses = [];
        foreach (var token in tokens.Values)
        {
            if (token.UseToNote is { } minute)
                uses.Add((token.Token.Id, minute));
        }

        if (uses.Count > 0)
            await rows.NoteUsesAsync([.. uses.Select(u => u.Id)], [.. uses.Select(u => u.Minute)], cancellation);
    }

    private CachedToken? Known(string key) => tokens.TryGetValue(key, out var known) && known.IsFresh && known.IsValid ? known : null;

    // Apart, so that only who comes here pays for the closure.
    private ValueTask<CachedToken?> LoadUnknownAsync(byte[] hash, string key, IPAddress? address, CancellationToken cancellation) =>
        failures.LookUpAsync(address, () => LoadAsync(hash, key, cancellation), cancellation);

    private async ValueTask<CachedToken?> LoadAsync(byte[] hash, string key, CancellationToken cancellation)
    {
        for (var attempt = 1; attempt <= Tries; attempt++)
        {
            // All who come with a token that is not known yet share one query; who goes away leaves it to the others.
            var load = loads.GetOrAdd(key, _ => new Lazy<Task<CachedToken?>>(() => LoadSharedAsync(hash, key)));
            var token = await load.Value.WaitAsync(cancellation);
            if (token is null)
                return null;
            if (!token.IsFresh)
                continue;
            token.Used();
            return token;
        }

        throw new NpgsqlException("A token could not be read in the time for which it is believed.");
    }

    private async Task<CachedToken?> LoadSharedAsync(byte[] hash, string key)
    {
        try
        {
            // Another load may have ended between the question whether the token is known and this one.
            if (Known(key) is { } found)
                return found;
            while (true)
            {
                var before = Volatile.Read(ref revocations);
                var readAt = clock.GetTimestamp();
                var row = await rows.FindAsync(hash);
                lock (guard)
                {
                    if (before == revocations)
                        return Keep(key, hash, row, readAt);
                }
            }
        }
        finally
        {
            loads.TryRemove(key, out _);
        }
    }

    private CachedToken? Keep(string key, byte[] hash, TokenRow? row, long readAt)
    {
        var isKnown = tokens.TryGetValue(key, out var known);
        if (isKnown && row is not null && known!.TryUpdate(row) && known.IsValid)
        {
            known.Confirm(readAt);
            return known;
        }

        if (isKnown)
            End(key, known!);
        if (row is null || !row.Token.IsValidAt(clock.GetUtcNow().UtcDateTime))
            return null;
        if (tokens.Count >= Capacity)
            MakeRoom();
        return tokens[key] = new CachedToken(row, hash, limits.Of(row.Token), readAt, clock);
    }

    private void Clear()
    {
        lock (guard)
        {
            foreach (var (key, token) in tokens)
            {
                if (!token.IsValid || token.Unused > KeptUnused)
                    End(key, token);
            }

            limits.Sweep(tokens.Values.Select(t => t.Limit).OfType<TokenLimit>());
        }

        failures.Sweep();
    }

    // A tenth at once, so that the next one does not have to look again. What is open on them ends: it would not learn of a revocation.
    private void MakeRoom()
    {
        foreach (var (key, token) in tokens.OrderByDescending(t => t.Value.Unused).Take(Capacity / 10).ToList())
            End(key, token);
    }

    private void End(string key, CachedToken token)
    {
        tokens.TryRemove(new KeyValuePair<string, CachedToken>(key, token));
        token.End();
    }
}

using System.Net;
using Lips.Kernel;
using Microsoft.Extensions.Configuration;

namespace Lips.Access.Limits;

/// <summary>
/// Failed authentications, limited by address (build/decisions/0010-guards.md). An address over the limit has its unknown secrets looked up
/// one after the other, and is answered 429 for each that there is none of; so nobody guesses fast, and a valid token is let in all the
/// same, wherever it comes from.
/// </summary>
internal sealed class FailedAuthentications(IConfiguration settings, TimeProvider clock)
{
    // Between a failed lookup and the next of the same address: 50 guesses a second at most, and a valid token behind a hundred of them
    // waits for two seconds, once.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    // Of all addresses over the limit together, so that many of them do not take the connections from those who are served.
    private const int LookupsAtOnce = 4;

    private readonly RateLimit limit = Read(settings);

    private readonly Dictionary<AddressKey, Record> records = [];
    private readonly Lock guard = new();
    private readonly SemaphoreSlim lookups = new(LookupsAtOnce);

    /// <summary>The limit that the settings say.</summary>
    public static RateLimit Read(IConfiguration settings) => new(
        settings.Number("Lips:AuthenticationFailures:PerMinute", usual: 10, least: 0.01, most: 1_000_000) / 60,
        settings.Whole("Lips:AuthenticationFailures:Burst", usual: 20, least: 1, most: 1_000_000));

    /// <summary>How many addresses are remembered.</summary>
    public int Count
    {
        get
        {
            lock (guard)
                return records.Count;
        }
    }

    /// <summary>Looks an unknown secret up: at once, or when it is its address's turn.</summary>
    /// <returns>What was found; null for nothing.</returns>
    public async ValueTask<T?> LookUpAsync<T>(IPAddress? address, Func<ValueTask<T?>> lookup, CancellationToken cancellation)
        where T : class
    {
        if (Over(AddressKey.Of(address)) is not { } record)
            return await lookup();
        try
        {
            await record.Turn.WaitAsync(cancellation);
            try
            {
                return await LookUpInTurnAsync(lookup, cancellation);
            }
            finally
            {
                record.Turn.Release();
            }
        }
        finally
        {
            lock (guard)
                record.Waiting--;
        }
    }

    /// <summary>Takes note of a failure.</summary>
    /// <returns>Null when the address is within its limit; else in how many seconds it has room for another.</returns>
    public int? Note(IPAddress? address)
    {
        var key = AddressKey.Of(address);
        lock (guard)
        {
            if (!records.TryGetValue(key, out var record))
                records[key] = record = new Record(limit);
            return record.Failures.TryTake() ? null : limit.SecondsToNext;
        }
    }

    /// <summary>Forgets addresses that have done nothing for so long that they may do everything again.</summary>
    public void Sweep()
    {
        lock (guard)
        {
            foreach (var (key, record) in records)
            {
                if (record.Waiting == 0 && record.Failures.IsFull)
                    records.Remove(key);
            }
        }
    }

    private async ValueTask<T?> LookUpInTurnAsync<T>(Func<ValueTask<T?>> lookup, CancellationToken cancellation)
        where T : class
    {
        await lookups.WaitAsync(cancellation);
        T? found = null;
        try
        {
            found = await lookup();
        }
        finally
        {
            lookups.Release();
        }

        // Also when the client has gone away meanwhile: else going away would be the way to guess fast.
        if (found is null)
            await Task.Delay(Pace, clock, CancellationToken.None);
        return found;
    }

    private Record? Over(AddressKey key)
    {
        lock (guard)
        {
            if (!records.TryGetValue(key, out var record) || record.Failures.Left > 0)
                return null;
            record.Waiting++;
            return record;
        }
    }

    private sealed class Record(RateLimit limit)
    {
        public Bucket Failures { get; } = new(limit);

        public SemaphoreSlim Turn { get; } = new(1);

        public int Waiting { get; set; }
    }
}
